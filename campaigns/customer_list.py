"""A page of customers: searched, narrowed, sorted, and never counted to the end.

Sorting and narrowing are whitelists: each has a query of its own that an index or
one pass over the late invoices can answer. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Min, QuerySet

from campaigns.paging import Page, page_of
from campaigns.silence import silent_customers
from campaigns.today import landlines, missed_plan_customers, unreachable
from customers.models import Customer, Invoice
from notices.models import Brand

SHOW = {
    "": "All customers",
    "late": "With late invoices",
    "unreachable": "That could not be reached",
    "landline": "To be asked for a mobile number",
    "missed_part": "That missed a part of their plan",
    "silent": "That did not answer in time",
}
# Not answered by late invoices alone.
NARROWED = {"unreachable", "landline", "missed_part", "silent"}
SORT = {"number": ["number"], "name": ["name", "number"], "late": []}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers, in which order."""

    words: str = ""
    show: str = ""
    sort: str = "number"

    @classmethod
    def of(cls, *, words: str, show: str, sort: str) -> Wanted:
        """Return what was asked for; what is not on the lists is the default."""
        sort = sort if sort in SORT else "number"
        return cls(words.strip()[:100], show if show in SHOW else "", sort)


def page(
    wanted: Wanted, number: str | None, day: dt.date, now: dt.datetime
) -> Page[Customer]:
    """Return one page of the customers wanted; ``day`` is the firm's own."""
    found = Customer.objects.select_related("postal_address").search(
        wanted.words, _countries() if wanted.words else ()
    )
    if wanted.show in NARROWED:
        found = found.filter(pk__in=_narrowed(wanted.show, day, now).values("pk"))
    if wanted.sort == "late":
        return _latest_first(found, wanted, number, day)
    if wanted.show == "late":
        found = found.filter(pk__in=_late(day).values("customer_id"))
    return page_of(found.order_by(*SORT[wanted.sort]), number)


def _narrowed(show: str, day: dt.date, now: dt.datetime) -> QuerySet[Customer]:
    """Return the customers that Today counts under one heading."""
    match show:
        case "unreachable":
            return unreachable()
        case "landline":
            return landlines(day)
        case "missed_part":
            return missed_plan_customers(day)
    return silent_customers(now)


def _countries() -> QuerySet[Brand, str]:
    """Return where the firms are: a phone number may be written as dialled there."""
    return Brand.objects.order_by().values_list("country", flat=True).distinct()


def _late(day: dt.date) -> QuerySet[Invoice]:
    return Invoice.objects.filter(status=Invoice.Status.OPEN, due_on__lt=day)


def _latest_first(
    found: QuerySet[Customer], wanted: Wanted, number: str | None, day: dt.date
) -> Page[Customer]:
    """Return the customers with the oldest late invoice first."""
    late = _late(day).order_by().values("customer_id").annotate(oldest=Min("due_on"))
    if wanted.words or wanted.show in NARROWED:
        late = late.filter(customer__in=found.order_by().values("pk"))
    ids = page_of(late.order_by("oldest", "customer_id"), number)
    by_id = found.model._default_manager.in_bulk(
        [row["customer_id"] for row in ids.rows]
    )
    customers = [by_id[row["customer_id"]] for row in ids.rows]
    return Page(customers, ids.number, ids.size, ids.total, ids.is_capped)
