"""Links and codes that open a customer's own pages, and for how long each does.

A token is 128 bits that nobody can guess; the database keeps its hash alone. The one in
a message is drawn from the message's reference under SECRET_KEY, so that a message
written twice carries the same link. What is wrong, has run out or was revoked looks the
same to whoever asks.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from consent.models import AccessLink
from customers.prepared import prepared

Purpose = AccessLink.Purpose


class Door(StrEnum):
    """Which of the customer's pages a link is held up to."""

    ANSWER = "answer"
    CONSENT = "consent"
    PREFERENCES = "preferences"
    GRANT = "grant"
    CONFIRM = "confirm"
    OWN_COPY = "own_copy"


# What each kind of link opens, and how long after it was made. A letter lies on a desk
# for weeks; what changes a consent or an address should not open from an old mailbox.
OPENS: dict[str, dict[Door, dt.timedelta]] = {
    Purpose.NOTICE: {
        Door.ANSWER: dt.timedelta(days=120),
        Door.CONSENT: dt.timedelta(days=120),
        Door.PREFERENCES: dt.timedelta(days=30),
    },
    Purpose.FRESH: {
        Door.ANSWER: dt.timedelta(days=3),
        Door.CONSENT: dt.timedelta(days=3),
        Door.PREFERENCES: dt.timedelta(days=3),
    },
    Purpose.GRANT: {
        Door.GRANT: dt.timedelta(hours=72),
        Door.CONSENT: dt.timedelta(days=30),
    },
    Purpose.CONFIRM: {Door.CONFIRM: dt.timedelta(hours=72)},
    # The file behind it may go sooner.
    Purpose.OWN_COPY: {Door.OWN_COPY: dt.timedelta(days=7)},
}
# Wrong answers that one link forgives before it asks no more (consent.identity).
MOST_WRONG = 5
# Digits and letters that nobody mistakes for one another (Crockford's base 32).
_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "u": "v"})
TOKEN_SIGNS = 26
CODE_SIGNS = 10
_TO_SIGNS = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz234567", _SIGNS.encode())


@dataclass(frozen=True, slots=True)
class Minted:
    """A new link: what goes into the message, which is kept nowhere."""

    token: str
    code: str = ""

    @property
    def token_hash(self) -> bytes:
        return hash_of(self.token)

    @property
    def code_hash(self) -> bytes | None:
        return hash_of(self.code) if self.code else None


# One message asks several times while it is written.
@lru_cache(maxsize=4096)
def mint(reference: str) -> Minted:
    """Return the link and the short code of one message, the same every time."""
    drawn = salted_hmac("consent.links.notice", reference, algorithm="sha256").digest()
    signs = _signs(drawn)
    return Minted(signs[:TOKEN_SIGNS], signs[TOKEN_SIGNS : TOKEN_SIGNS + CODE_SIGNS])


def store_notice_links(
    rows: Iterable[tuple[str, int]], *, now: dt.datetime, with_codes: bool = False
) -> None:
    """Keep the links of messages, as pairs of reference and customer: one statement.

    Safe to repeat: a message that is written again opens by the same link, whose time
    runs from the first.
    """
    minted = [(mint(reference), reference, pk) for reference, pk in rows]
    if not minted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "hashes": [one.token_hash for one, _, _ in minted],
                "codes": [
                    one.code_hash if with_codes else None for one, _, _ in minted
                ],
                "references": [reference for _, reference, _ in minted],
                "customers": [pk for _, _, pk in minted],
                "now": now,
                "expires": now + _longest(Purpose.NOTICE),
            },
        )


_STORE = """
INSERT INTO consent_accesslink (purpose, token_hash, code_hash, notice_reference,
    customer_id, made_at, expires_at)
SELECT 'notice', one.hash, one.code, one.reference, one.customer, %(now)s, %(expires)s
FROM unnest(%(hashes)s::bytea[], %(codes)s::bytea[], %(references)s::text[],
    %(customers)s::bigint[]) AS one (hash, code, reference, customer)
ON CONFLICT (token_hash) DO NOTHING
"""


def keep_link(
    reference: str,
    *,
    purpose: str,
    customer_id: int,
    now: dt.datetime,
    about: str = "",
    address_print: bytes | None = None,
) -> None:
    """Keep the link that a message of ours will carry (:func:`mint`), before it goes.

    ``about`` is the reference of another message that its pages are to speak of. What
    is kept first stands: the message itself opens no more doors than this.
    """
    AccessLink.objects.create(
        purpose=purpose,
        token_hash=mint(reference).token_hash,
        customer_id=customer_id,
        notice_reference=about or reference,
        address_print=address_print,
        made_at=now,
        expires_at=now + _longest(purpose),
    )


def open_link(token: str, door: Door, *, now: dt.datetime) -> AccessLink | None:
    """Return the link of a token if it opens this door now; changes nothing.

    None alike for what never was, has run out, was revoked or opens another door. A
    link used up is returned: its page shows where things stand.
    """
    return _opened(_by_token.one(token_hash=hash_of(tidy(token))), door, now)


def open_code(code: str, door: Door, *, now: dt.datetime) -> AccessLink | None:
    """Return the link of a short code as :func:`open_link` does.

    Codes can be guessed where guesses are not counted: ask ``consent.floods`` first.
    """
    tidied = tidy(code)
    if len(tidied) != CODE_SIGNS:
        return None
    return _opened(_by_code.one(code_hash=hash_of(tidied)), door, now)


@prepared
def _by_token(token_hash: bytes) -> QuerySet[AccessLink]:
    return _with_whom().filter(token_hash=token_hash)


@prepared
def _by_code(code_hash: bytes) -> QuerySet[AccessLink]:
    return _with_whom().filter(code_hash=code_hash)


def _with_whom() -> QuerySet[AccessLink]:
    # With the postal address: what law holds depends on where somebody lives.
    return AccessLink.objects.select_related("customer__postal_address")


def _opened(link: AccessLink | None, door: Door, now: dt.datetime) -> AccessLink | None:
    if link is None or link.revoked_at is not None:
        return None
    return link if opens(link, door, now=now) else None


def opens(link: AccessLink, door: Door, *, now: dt.datetime) -> bool:
    """Whether a link opens a door and has not run out; revoked or not."""
    lasts = OPENS[link.purpose].get(door)
    return lasts is not None and now < link.made_at + lasts


def use_up(link: AccessLink, *, now: dt.datetime) -> bool:
    """Mark a link as used; say whether this was the first use."""
    return bool(
        AccessLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now)
    )


def take_try(link: AccessLink) -> bool:
    """Take one of the few tries a link has to answer who asks; False when none is left.

    Taken before the answer is looked at: nobody gains by asking many times at once.
    """
    return bool(
        AccessLink.objects.filter(pk=link.pk, wrong_answers__lt=MOST_WRONG).update(
            wrong_answers=F("wrong_answers") + 1
        )
    )


def give_tries_back(link: AccessLink) -> None:
    """Let a link forgive as much as a new one: its reader has shown who it is."""
    AccessLink.objects.filter(pk=link.pk).update(wrong_answers=0)


def revoke_links(customer_ids: Sequence[int], *, now: dt.datetime) -> int:
    """Let no link of these customers open anything any more; return how many did."""
    return AccessLink.objects.filter(
        customer__in=customer_ids, revoked_at__isnull=True, expires_at__gt=now
    ).update(revoked_at=now)


def clear_links(*, now: dt.datetime, kept: dt.timedelta = dt.timedelta(days=30)) -> int:
    """Delete links that ran out a while ago; return how many."""
    return AccessLink.objects.filter(expires_at__lt=now - kept).delete()[0]


def tidy(typed: str) -> str:
    """Return a token or code as it was drawn, however somebody typed or scanned it."""
    plain = "".join(sign for sign in typed[:80].casefold() if sign.isalnum())
    return plain.translate(_READ_AS)


def shown(code: str) -> str:
    """Return a short code as it is printed: capitals, in two groups."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}".upper()


def hash_of(token: str) -> bytes:
    """Return the 32 bytes by which a token or code is known.

    Plain SHA-256: 128 random bits need no slow hash, and a code's few are guarded by
    counting the guesses.
    """
    return hashlib.sha256(token.encode()).digest()


def _signs(drawn: bytes) -> str:
    return base64.b32encode(drawn).rstrip(b"=").lower().translate(_TO_SIGNS).decode()


def _longest(purpose: str) -> dt.timedelta:
    return max(OPENS[purpose].values())
