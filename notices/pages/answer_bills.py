"""The bills an answer may be about: those of the message, else all that are open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from customers.models import Invoice, InvoiceCopy
from customers.prepared import prepared
from notices.pages.visit import Visit
from notices.papers import Paper, path_to


@dataclass(frozen=True, slots=True)
class Line:
    """One bill: ``money`` is what is open, ``copy`` the path of its copy, if any."""

    pk: int
    number: str
    purpose: str
    due_on: dt.date
    currency: str
    open_amount: Decimal
    money: str
    copy: str = ""


_COLUMNS = (
    *("pk", "number", "purpose", "due_on", "currency", "open_amount"),
    *("copy__file_name", "copy__size", "copy__sha256"),
)


def rows_of(visit: Visit) -> list[tuple[Any, ...]]:
    """Return the bills with their state first, the earliest due first: one query."""
    customer = visit.link.customer_id
    if visit.notice is None:
        return _open_lines(customer=customer)
    return _lines_about(customer=customer, notice=visit.notice.pk)


@prepared
def _lines_about(customer: int, notice: int) -> QuerySet[Invoice, tuple[Any, ...]]:
    return _told_of(customer, notice).values_list("status", *_COLUMNS)


@prepared
def _open_lines(customer: int) -> QuerySet[Invoice, tuple[Any, ...]]:
    return _told_of(customer).values_list("status", *_COLUMNS)


def _invoices(visit: Visit) -> QuerySet[Invoice]:
    notice = visit.notice.pk if visit.notice else None
    return _told_of(visit.link.customer_id, notice)


def _told_of(customer: int, notice: int | None = None) -> QuerySet[Invoice]:
    """Return what the message was about; what is open where there was no message."""
    mine = Invoice.objects.filter(customer=customer)
    if notice is not None:
        mine = mine.filter(notice_items__notice=notice)
    else:
        mine = mine.filter(status=Invoice.Status.OPEN)
    return mine.order_by("due_on", "number")


def bill_copy_of(visit: Visit, invoice: int) -> InvoiceCopy | None:
    """Return the copy of a bill that the message was about, paid or not: one query."""
    copies = InvoiceCopy.objects.filter(invoice__in=_invoices(visit).order_by())
    return copies.filter(pk=invoice).select_related("invoice").first()


def line_of(visit: Visit, row: tuple[Any, ...]) -> Line:
    """Return one bill as it is shown, of its row without the state."""
    pk, number, purpose, due_on, currency, amount, file_name, size, sha256 = row
    copy = ""
    if file_name and visit.brand.asks_before_copies:
        copy = visit.path("bill-copy", str(pk))
    elif file_name:
        paper = Paper("invoice", pk, number, file_name, size, bytes(sha256))
        copy = path_to(paper, visit.now)
    money = visit.words.formats(currency).money(amount)
    return Line(pk, number, purpose, due_on, currency, amount, money, copy)
