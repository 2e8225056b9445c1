"""The accounts still on paper, as a list for the printer of the bills.

A bill insert goes to exactly these: customers without a consent to e-mail in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet

from consent.models import ConsentState, Subject
from customers import spreadsheets
from customers.models import Customer

COLUMNS = ("customer", "name", "language")


def accounts_on_paper(day: dt.date) -> QuerySet[Customer]:
    """Return the open accounts without consent to e-delivery in force on ``day``."""
    in_force = ConsentState.objects.in_force(day).filter(
        customer=OuterRef("pk"), subject=Subject.E_DELIVERY
    )
    return (
        Customer.objects.filter(~Exists(in_force))
        .exclude(account_status="closed")
        .order_by("number")
    )


def as_csv(day: dt.date) -> Iterator[bytes]:
    """Yield the list of accounts as a file for a spreadsheet."""
    found = accounts_on_paper(day).values_list("number", "name", "language")
    return spreadsheets.as_csv(COLUMNS, found.iterator(chunk_size=5000))
