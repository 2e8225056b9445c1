"""What each notice may still speak of: its invoices that are owed and not on hold.

Asked at the last moment by the gate and by rendering, so that the two can never
differ: what was paid this morning is neither chased nor printed this noon.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from customers.models import Hold, Invoice, InvoiceCopy, owed_on
from customers.plain import plain
from notices.models import NoticeItem


@plain
class OwedLine:
    """One invoice of a notice as it stands on the day."""

    number: str
    issued_on: dt.date
    due_on: dt.date
    currency: str
    amount: Decimal
    open_amount: Decimal
    days_late: int
    purpose: str = ""
    order_number: str = ""
    has_copy: bool = False


@plain
class Owed:
    """The invoices of one notice: those to speak of, and how many wait on a hold."""

    lines: tuple[OwedLine, ...] = ()
    held: int = 0

    @property
    def total(self) -> Decimal:
        """The sum of the open amounts, in the one currency of the notice."""
        return sum((line.open_amount for line in self.lines), Decimal(0))


NOTHING = Owed()


def owed_by_notice(notice_ids: Sequence[int], day: dt.date) -> Mapping[int, Owed]:
    """Return what each notice may still speak of on ``day``: one query.

    Lines are sorted by due date and number. Written-off invoices are not owed.
    """
    standing = Hold.objects.standing_on(day).filter(
        Q(invoice=OuterRef("invoice"))
        | Q(invoice__isnull=True, customer=OuterRef("invoice__customer"))
    )
    rows = (
        NoticeItem.objects.filter(notice__among=notice_ids)
        .annotate(
            on_hold=Exists(standing),
            has_copy=Exists(InvoiceCopy.objects.filter(invoice=OuterRef("invoice"))),
        )
        .order_by("notice_id", "invoice__due_on", "invoice__number")
        .values_list("notice_id", "on_hold", "has_copy", *_INVOICE)
    )
    lines: dict[int, list[OwedLine]] = defaultdict(list)
    held: dict[int, int] = defaultdict(int)
    for notice_id, on_hold, has_copy, *invoice in rows:
        line = _line(_Invoice(*invoice), has_copy, day)
        if line is None:
            continue
        if on_hold:
            held[notice_id] += 1
            continue
        lines[notice_id].append(line)
    return {
        notice_id: Owed(tuple(lines[notice_id]), held[notice_id])
        for notice_id in notice_ids
    }


class _Invoice(NamedTuple):
    """What is asked of each invoice, in this order."""

    status: str
    number: str
    issued_on: dt.date
    due_on: dt.date
    currency: str
    amount: Decimal
    open_amount: Decimal
    paid_on: dt.date | None
    purpose: str
    order_number: str


_INVOICE = tuple(f"invoice__{column}" for column in _Invoice._fields)


def _line(invoice: _Invoice, has_copy: bool, day: dt.date) -> OwedLine | None:
    """Return one line, or None where nothing is owed any more."""
    open_amount = owed_on(day, invoice.amount, invoice.open_amount, invoice.paid_on)
    if open_amount <= 0 or invoice.status == Invoice.Status.WRITTEN_OFF:
        return None
    return OwedLine(
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        amount=invoice.amount,
        open_amount=open_amount,
        days_late=(day - invoice.due_on).days,
        purpose=invoice.purpose,
        order_number=invoice.order_number,
        has_copy=has_copy,
    )
