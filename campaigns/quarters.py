"""Quarters of a year. Pure: no Django, no clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months that begin on the first of January, April, July or October."""

    begins_on: dt.date

    @property
    def ends_before(self) -> dt.date:
        """The first day of the next quarter."""
        years, month = divmod(self.begins_on.month + 2, 12)
        return dt.date(self.begins_on.year + years, month + 1, 1)

    @property
    def ends_on(self) -> dt.date:
        """Its last day."""
        return self.ends_before - dt.timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.begins_on:%B} to {self.ends_on:%B %Y}"


def quarter_of(day: dt.date) -> Quarter:
    """Return the quarter a day is in."""
    return Quarter(dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1))


def last_quarter(day: dt.date) -> Quarter:
    """Return the quarter before that of ``day``: the newest that is over."""
    return quarter_of(quarter_of(day).begins_on - dt.timedelta(days=1))
