"""What customers are told before they agree to e-mail: words, their lint, their bytes.

A disclosure is a set of blocks in one language. What is shown is written once, at
publishing, and shown as those bytes ever after; a consent keeps their SHA-256.
"""

from __future__ import annotations

# The blocks in the order they are shown, each with the element of E-SIGN (15 USC
# 7001(c)) it answers, or nothing where good manners alone ask for it.
BLOCKS: dict[str, str] = {
    "what_moves": "ES-4",
    "from_when": "",
    "benefits": "",
    "stays_on_paper": "",
    "paper_right": "ES-2",
    "paper_fee": "ES-7",
    "paper_copy": "ES-7",
    "withdrawal_terms": "ES-3",
    "how_to_withdraw": "ES-5",
    "update_contact": "ES-6",
    "hardware_software": "ES-8",
    "terms": "",
}
# Where a link in a block must lead, so that what it promises can be done at once.
MUST_LINK: dict[str, str] = {
    "how_to_withdraw": "withdraw",
    "update_contact": "address",
    "paper_copy": "contact",
    "terms": "terms",
}
# The steps of the consent page that a disclosure links to (notices.pages.consenting).
STEPS = ("withdraw", "address")
TARGETS = (*STEPS, "contact", "terms")
