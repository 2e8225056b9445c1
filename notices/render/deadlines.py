"""By when a reader is asked to pay or to answer: real dates, never "soon".

Dates fall on bank days of the firm's country. A letter gives more days than an
e-mail, since it is on its way for two or three. Knows nothing of ladders: the spans
are shorter than any gap our ladders have, so that no date lies past the next notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from customers.calendars import (
    BankDays,
    ScheduleError,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days,
    later,
)

PAY_DAYS = 5
PAY_DAYS_BY_POST = 8
LAST_DAYS = 14
LAST_DAYS_BY_POST = 17
ANSWER_DAYS_BEFORE = 2
ANSWER_DAYS = 10
ANSWER_DAYS_BY_POST = 14


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When to pay, when to answer, and the last day that a final notice names."""

    pay_by: dt.date
    reply_by: dt.date
    last_day: dt.date


def deadlines(
    due_dates: Sequence[dt.date],
    today: dt.date,
    *,
    by_post: bool,
    country: str,
    given: dt.date | None = None,
) -> Deadlines:
    """Return the dates of a notice rendered on ``today``.

    While nothing is late the first due date itself is the date to pay by, whatever
    day it falls on: we may not shorten what the contract gives. Nor what an earlier
    message gave: ``given`` is the latest day that one asked for the same money by.
    """
    return _deadlines(min(due_dates), today, by_post, country, given)


@lru_cache(maxsize=4096)
def _deadlines(
    first: dt.date,
    today: dt.date,
    by_post: bool,
    country: str,
    given: dt.date | None,
) -> Deadlines:
    grace = PAY_DAYS_BY_POST if by_post else PAY_DAYS
    pay_by = first
    if first < today:
        pay_by = max(_bank_day(today, grace, country), given or today)
    answer = bank_day_on_or_before(
        later(pay_by, -ANSWER_DAYS_BEFORE), _calendar(country)
    )
    last = LAST_DAYS_BY_POST if by_post else LAST_DAYS
    return Deadlines(
        pay_by=pay_by,
        reply_by=answer if answer > today else pay_by,
        last_day=max(_bank_day(today, last, country), pay_by),
    )


def answer_by(today: dt.date, *, by_post: bool, country: str) -> dt.date:
    """Return the day by which we ask for an answer where no money is owed."""
    days = ANSWER_DAYS_BY_POST if by_post else ANSWER_DAYS
    return _bank_day(today, days, country)


@lru_cache(maxsize=4096)
def _bank_day(today: dt.date, days: int, country: str) -> dt.date:
    """Return the first bank day at or after ``today`` + ``days``."""
    return bank_day_on_or_after(later(today, days), _calendar(country))


def _calendar(country: str) -> BankDays:
    """Return the country's bank days; Monday to Friday where it is not known."""
    try:
        return bank_days(country)
    except ScheduleError:
        return bank_days("weekends")
