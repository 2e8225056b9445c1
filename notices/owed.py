"""What each notice may still speak of: its invoices that are owed and not on hold.

Asked at the last moment by the gate and by rendering, so that the two can never
differ: what was paid this morning is neither chased nor printed this noon.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from customers.models import Hold, Invoice, InvoiceCopy
from notices.models import NoticeItem


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
    items = (
        NoticeItem.objects.filter(notice__in=notice_ids)
        .select_related("invoice")
        .annotate(
            on_hold=Exists(standing),
            has_copy=Exists(InvoiceCopy.objects.filter(invoice=OuterRef("invoice"))),
        )
        .order_by("notice_id", "invoice__due_on", "invoice__number")
    )
    lines: dict[int, list[OwedLine]] = defaultdict(list)
    held: dict[int, int] = defaultdict(int)
    for item in items:
        invoice = item.invoice
        open_amount = invoice.open_on(day)
        if open_amount <= 0 or invoice.status == Invoice.Status.WRITTEN_OFF:
            continue
        if item.on_hold:
            held[item.notice_id] += 1
            continue
        lines[item.notice_id].append(_line(item, open_amount, day))
    return {
        notice_id: Owed(tuple(lines[notice_id]), held[notice_id])
        for notice_id in notice_ids
    }


def _line(item: NoticeItem, open_amount: Decimal, day: dt.date) -> OwedLine:
    invoice = item.invoice
    return OwedLine(
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        amount=invoice.amount,
        open_amount=open_amount,
        days_late=invoice.days_late(day),
        purpose=invoice.purpose,
        order_number=invoice.order_number,
        has_copy=item.has_copy,  # type: ignore[attr-defined]
    )
