"""How an address or number is shown to its owner: known again, and of no use to others.

One way on every page and receipt. Pure; decides nothing about who may see it.
"""

from __future__ import annotations

HIDDEN = "•••"


def masked_email(address: str) -> str:
    """Return an e-mail address that its owner knows again; empty for none.

    >>> masked_email("jane.hill@example.org")
    'j•••@e•••.org'
    """
    if not address:
        return ""
    local, at, domain = address.rpartition("@")
    if not at:
        return HIDDEN
    host, dot, ending = domain.rpartition(".")
    return f"{local[:1]}{HIDDEN}@{host[:1]}{HIDDEN}{dot}{ending}"


def masked_phone(number: str) -> str:
    """Return a phone number by its last two digits; empty for none."""
    return f"{HIDDEN} {number[-2:]}" if number else ""


def masked(kind: str, value: str) -> str:
    """Return an address of a contact point's ``kind`` masked; empty for none."""
    return masked_email(value) if kind == "email" else masked_phone(value)
