"""The links that a message carries to the customer's own pages.

There are none without PUBLIC_URL. What a link opens, and for how long, is decided in
``consent.links``; the link that stops a kind of message needs no row, being signed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.core import signing
from django.urls import reverse

from consent.links import mint, shown, store_notice_links
from notices.models import Channel, Notice
from notices.new_address import is_for_new

# A mailbox may press its stop button a year later, and a bit.
STOP_LASTS = dt.timedelta(days=400)
# What asks for a consent leads to where it is given.
_CONSENT_KINDS = frozenset({"opt_in_request"})
_CONSENT_TEXTS = frozenset({"consent_sample", "consent_receipt"})
_COPY_TEXT = "own_copy"
_SALT = "notices.doors.stop"
_BLANK = "token"


def keep_links(notices: Iterable[Notice], now: dt.datetime) -> None:
    """Let the links of messages open, in the transaction that writes the messages.

    Those on paper get a short code too, to be typed.
    """
    if not settings.PUBLIC_URL:
        return
    plain: list[tuple[str, int]] = []
    printed: list[tuple[str, int]] = []
    for one in notices:
        on_paper = one.channel == Channel.LETTER
        (printed if on_paper else plain).append((one.reference, one.customer_id))
    store_notice_links(plain, now=now)
    store_notice_links(printed, now=now, with_codes=True)


def answer_url(notice: Notice) -> str:
    """Return the address of the customer's own page for one message; empty without
    PUBLIC_URL."""
    if is_for_new(notice):
        return _own_url("confirm", notice)
    return _own_url(_door_of(notice.kind, notice.template.kind), notice)


def leads_to(reference: str) -> str:
    """Return the name of the page that the code of a printed message opens."""
    kinds = Notice.objects.filter(reference=reference)
    kind, text = kinds.values_list("kind", "template__kind").first() or ("", "")
    return _door_of(kind, text)


def _door_of(kind: str, text: str) -> str:
    """Return which page a message leads to, by its kind and the kind of its text."""
    if text == _COPY_TEXT:
        return "own-copy"
    asks = kind in _CONSENT_KINDS or text in _CONSENT_TEXTS
    return "consent" if asks else "answer"


def preferences_url(notice: Notice) -> str:
    """Return where the customer chooses what comes how; empty without PUBLIC_URL."""
    return _own_url("preferences", notice)


def bill_copy_url(notice: Notice, invoice: int) -> str:
    """Return where the copy of one bill of a message opens; empty without
    PUBLIC_URL."""
    if not settings.PUBLIC_URL:
        return ""
    token = mint(notice.reference).token
    return settings.PUBLIC_URL + reverse("bill-copy", args=[token, invoice])


def answer_code(notice: Notice) -> str:
    """Return the short code of a printed message, as it is printed; empty without
    PUBLIC_URL."""
    return shown(mint(notice.reference).code) if settings.PUBLIC_URL else ""


def stop_url(notice: Notice) -> str:
    """Return the address that stops this kind of message on this channel."""
    return _url("stop", _signer().sign(notice.reference)) if settings.PUBLIC_URL else ""


def stopped_notice(token: str, *, now: dt.datetime) -> Notice | None:
    """Return the message a stop link came with; None if it is forged or too old."""
    try:
        reference = _signer().unsign(token)
    except signing.BadSignature:
        return None
    return (
        Notice.objects.filter(reference=reference, created_at__gt=now - STOP_LASTS)
        .select_related("stream__brand", "customer")
        .first()
    )


def _own_url(name: str, notice: Notice) -> str:
    return _url(name, mint(notice.reference).token) if settings.PUBLIC_URL else ""


def _url(name: str, token: str) -> str:
    before, after = _around(name)
    return f"{settings.PUBLIC_URL}{before}{token}{after}"


@lru_cache(maxsize=16)
def _around(name: str) -> tuple[str, str]:
    """Return what stands before and after the token in a path."""
    before, _, after = reverse(name, args=[_BLANK]).partition(_BLANK)
    return before, after


def _signer() -> signing.Signer:
    # A full stop is not taken for the end of a sentence within an address.
    return signing.Signer(salt=_SALT, sep=".")
