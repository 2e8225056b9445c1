"""A customer with one message in hand, and the link that came with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from consent.links import mint, store_notice_links
from customers.models import Customer, Invoice
from notices.models import Notice
from notices.states import State
from tests.factories import make_customer, make_invoice, make_notice


@dataclass(frozen=True, slots=True)
class Opened:
    """What the customer holds in hand."""

    customer: Customer
    invoice: Invoice
    notice: Notice
    token: str
    code: str


def open_notice(
    *, now: dt.datetime | None = None, channel: str = "letter", **customer: Any
) -> Opened:
    """Return a customer who got a message about one open invoice just now."""
    who = make_customer(**customer)
    invoice = make_invoice(who)
    notice = make_notice(who, invoices=[invoice], channel=channel, state=State.SENT)
    moment = now or timezone.now()
    store_notice_links([(notice.reference, who.pk)], now=moment, with_codes=True)
    minted = mint(notice.reference)
    return Opened(who, invoice, notice, minted.token, minted.code)
