"""One page of a long list, and the sentence that says how much of it is shown.

Counting stops at a cap: over a million rows the exact number is not worth the wait,
and nobody pages that far; the sentence says "more than". Pages end at the cap too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

CAP = 10_000

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page; ``total`` is exact unless ``is_capped``."""

    rows: list[Row]
    number: int
    size: int
    total: int
    is_capped: bool = False

    @property
    def newer(self) -> int | None:
        """Return the number of the page before this one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def older(self) -> int | None:
        """Return the number of the page after this one."""
        reach = min(self.total, CAP)
        return self.number + 1 if self.number * self.size < reach else None

    @property
    def sentence(self) -> str:
        """Return what part of the list is shown."""
        if not self.rows:
            return "Nothing to show."
        first = (self.number - 1) * self.size + 1
        last = first + len(self.rows) - 1
        more = "more than " if self.is_capped else ""
        return f"Showing {first:,} to {last:,} of {more}{self.total:,}."


def page_of(
    rows: QuerySet[Any, Row],
    wanted: str | None,
    *,
    size: int = 25,
    total: int | None = None,
) -> Page[Row]:
    """Return the wanted page of ordered rows, the first for what is no page number.

    ``total`` saves the count where it is known already.
    """
    is_capped = False
    if total is None:
        total = rows.order_by()[: CAP + 1].count()
        is_capped = total > CAP
        total = min(total, CAP)
    number = int(wanted) if wanted and wanted.isdecimal() and len(wanted) < 6 else 1
    last = max(-(-min(total, CAP) // size), 1)
    number = min(max(number, 1), last)
    start = (number - 1) * size
    return Page(list(rows[start : start + size]), number, size, total, is_capped)
