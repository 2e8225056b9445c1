"""The customers behind the numbers of going paperless: narrowed, paged, as a file.

What is narrowed by is a whitelist. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from campaigns.cutovers import WHY
from campaigns.paging import Page, page_of
from campaigns.paperless import Sides, side_of
from campaigns.words import Words
from consent.lawbook import lawbook
from customers import spreadsheets

SIDE = {
    "": "All who get bills",
    "switched": "Bills by e-mail",
    "paper": "Bills on paper",
    "unreachable": "Cannot be reached",
}
REASONS = {"": "Any reason", **{why: status.word for why, status in WHY.items()}}
COLUMNS = ("customer", "name", "language", "bills", "why")
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers; what is blank narrows nothing."""

    side: str = ""
    why: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Wanted:
        """Return what was asked for; what is on no list is left out."""
        side, why = asked.get("side", ""), asked.get("why", "")
        return cls(side if side in SIDE else "", why if why in WHY else "")

    def customers(self, day: dt.date) -> QuerySet[Any]:
        """Return those customers on the firm's ``day``, by number."""
        found = Sides(day, lawbook()).customers(side=self.side, why=self.why)
        return found.order_by("number")


@dataclass(frozen=True, slots=True)
class Line:
    """One customer as the list shows them."""

    pk: int
    number: str
    name: str
    side: str
    status: Words


def page(wanted: Wanted, number: str | None, day: dt.date) -> Page[Any]:
    """Return one page of the rows wanted."""
    found = wanted.customers(day)
    return page_of(
        found.values_list("pk", "number", "name", "why", "gets_letters"), number
    )


def lines(rows: Iterable[Any]) -> list[Line]:
    """Return rows in words."""
    return [
        Line(pk, number, name, SIDE[side_of(why, gets_letters)], WHY[why])
        for pk, number, name, why, gets_letters in rows
    ]


def as_csv(wanted: Wanted, day: dt.date) -> Iterator[bytes]:
    """Yield exactly the customers wanted, as a file for a spreadsheet."""
    found = wanted.customers(day).values_list(
        "number", "name", "language", "why", "gets_letters"
    )
    return spreadsheets.as_csv(
        COLUMNS,
        (
            (*told, SIDE[side_of(why, gets_letters)], WHY[why].word)
            for *told, why, gets_letters in found.iterator(chunk_size=_CHUNK)
        ),
    )
