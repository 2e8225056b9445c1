"""How an e-mail address, a phone number and a postal address are written one way.

Says whether an address could exist and how to write it; never asks a network, and
does not know whose address it is or whether it may be used.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from customers.contact_error import ContactError
from customers.phone import Phone, PhoneKind, normalise_phone, read_phone
from customers.postal import PostalAddress

__all__ = [
    "ContactError",
    "Phone",
    "PhoneKind",
    "PostalAddress",
    "normalise_email",
    "normalise_phone",
    "read_phone",
]

LONGEST_EMAIL = 254

# The everyday address, decided in a microsecond; all else takes the long way.
_EVERYDAY = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@"
    r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+([a-z]{2,24})",
    re.ASCII,
)
_NEVER_MAIL = frozenset(
    {"arpa", "internal", "invalid", "lan", "local", "localhost", "onion", "test"}
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def normalise_email(s: str) -> str:
    """Return the address in lower case, its domain in ASCII.

    Capitals never tell two mailboxes apart in practice, and a list of people not to
    write to must not be passed by with one.

    :raises ContactError: ``email_missing``, ``email_with_name``,
        ``email_several``, ``email_not_ascii``, ``email_invalid``.
    """
    text = s.translate(_INVISIBLE).strip().lower().removeprefix("mailto:")
    match = _EVERYDAY.fullmatch(text)
    if (
        match
        and len(text) <= LONGEST_EMAIL
        and text.index("@") <= 64
        and match[1] not in _NEVER_MAIL
        and "--" not in text
    ):
        return text
    return _unusual_email(text)


def _unusual_email(text: str) -> str:
    if not text:
        raise ContactError("email_missing", "The e-mail address is empty.")
    if text.endswith(">") and "<" in text:
        raise ContactError(
            "email_with_name", "Write the e-mail address alone, without a name."
        )
    if text.count("@") > 1 and re.search(r"[,;\s]", text):
        raise ContactError("email_several", "Write one e-mail address, not several.")
    try:
        known = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise ContactError(
            "email_invalid", f"{text[:80]!r} is not an e-mail address."
        ) from error
    if not known.local_part.isascii():
        raise ContactError(
            "email_not_ascii",
            "The part before the @ has letters that most mail servers refuse.",
        )
    return f"{known.local_part}@{known.ascii_domain}".lower()
