"""By when a reader is asked to pay or to answer: real dates, never "soon".

Dates fall on bank days of the firm's country. A letter gives more days than an
e-mail, since it is on its way for two or three. Knows nothing of ladders: the spans
are shorter than any gap our ladders have, so that no date lies past the next notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import lru_cache

from holidays import country_holidays

PAY_DAYS = 5
PAY_DAYS_BY_POST = 8
LAST_DAYS = 14
LAST_DAYS_BY_POST = 17
ANSWER_DAYS_BEFORE = 2

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When to pay, when to answer, and the last day that a final notice names."""

    pay_by: dt.date
    reply_by: dt.date
    last_day: dt.date


def deadlines(
    due_dates: Sequence[dt.date], today: dt.date, *, by_post: bool, country: str
) -> Deadlines:
    """Return the dates of a notice rendered on ``today``.

    While nothing is late the first due date itself is the date to pay by, whatever
    day it falls on: we may not shorten what the contract gives.
    """
    first = min(due_dates)
    grace = PAY_DAYS_BY_POST if by_post else PAY_DAYS
    pay_by = first if first >= today else _bank_day(today, grace, country)
    answer = pay_by - dt.timedelta(days=ANSWER_DAYS_BEFORE)
    while not _is_bank_day(answer, country):
        answer -= dt.timedelta(days=1)
    last = LAST_DAYS_BY_POST if by_post else LAST_DAYS
    return Deadlines(
        pay_by=pay_by,
        reply_by=answer if answer > today else pay_by,
        last_day=max(_bank_day(today, last, country), pay_by),
    )


@lru_cache(maxsize=4096)
def _bank_day(today: dt.date, days: int, country: str) -> dt.date:
    """Return the first bank day at or after ``today`` + ``days``."""
    day = today + dt.timedelta(days=days)
    while not _is_bank_day(day, country):
        day += dt.timedelta(days=1)
    return day


def _is_bank_day(day: dt.date, country: str) -> bool:
    return day.weekday() < SATURDAY and day not in _public_holidays(country)


@lru_cache(maxsize=64)
def _public_holidays(country: str) -> Container[dt.date]:
    try:
        return country_holidays(country)
    except NotImplementedError:
        return frozenset[dt.date]()
