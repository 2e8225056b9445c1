"""Holds a message to what the decision that allowed it demands of its words.

Decides no duty itself: the duties come from consent.rules with the decision. A duty
that nobody here can fulfil stops the message; it is never passed over.
"""

from __future__ import annotations

import re

from consent.decision import Obligation
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.printable import clean
from notices.sms import downgrade

# Fulfilled by dispatch, by the print room or by staff, not by words.
_NOT_OF_WORDS = frozenset(
    {
        Obligation.ARCHIVE_DOCUMENT_HASH,
        Obligation.PROOF_OF_MAILING,
        Obligation.REVERT_TO_PAPER,
        Obligation.OPEN_CONTACT_TASK,
        # Our texts hold no advertising; nothing can be added to them on the way.
        Obligation.NO_MARKETING_TEXT,
    }
)
# Written by the e-mail layout whenever they are asked for.
_IN_MAIL_FOOTER = frozenset(
    {Obligation.LIST_UNSUB_ONE_CLICK, Obligation.PAPER_COPY_AND_WITHDRAW_LINK}
)
# No Latin letter beside it; Chinese is written without blanks.
_STOP = re.compile(r"(?<![A-Za-z])STOP(?![A-Za-z])")


def require_obligations(facts: Facts, text: str) -> None:
    """Return when the message carries the words of every obligation.

    :raises RenderError: ``obligation_unmet``.
    """
    for obligation in sorted(facts.obligations):
        if not _is_met(obligation, facts, text):
            raise RenderError(
                "obligation_unmet",
                f"The {facts.channel} message to customer {facts.customer.number} must "
                f"carry {obligation} and does not. Add it to the text.",
            )


def _is_met(obligation: str, facts: Facts, text: str) -> bool:
    if obligation in _NOT_OF_WORDS:
        return True
    if obligation == Obligation.SMS_BRAND_AND_STOP_TEXT:
        name = clean(facts.brand.name)
        # A mark of direction may stand before the name.
        names_firm = clean(text).startswith((name, downgrade(name)[0]))
        return names_firm and bool(_STOP.search(text))
    return obligation in _IN_MAIL_FOOTER and facts.channel == "email"
