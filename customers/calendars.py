"""Which days count: bank days by calendar, and the day it is in a zone.

Pure: works on dates alone, and stands in the room that every other may ask. Holidays
come from the ``holidays`` library, by country, never by region.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

BankDays = Callable[[date], bool]

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class ScheduleError(ValueError):
    """A calendar or a moment that no day can be counted with."""


def later(day: date, days: int) -> date:
    """Return the day this many days on (back when negative).

    Stops at the last and the first day a date can hold: ledgers write 9999-12-31
    for "never", and one such row must not end a whole run.
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def bank_day_on_or_after(day: date, is_bank_day: BankDays) -> date:
    """Return the day itself or the first bank day after it."""
    while not is_bank_day(day) and day < date.max:
        day += ONE_DAY
    return day


def bank_day_on_or_before(day: date, is_bank_day: BankDays) -> date:
    """Return the day itself or the last bank day before it."""
    while not is_bank_day(day) and day > date.min:
        day -= ONE_DAY
    return day


def local_day(now: datetime, time_zone: str) -> date:
    """Return the calendar day it is in a time zone, such as ``Europe/Berlin``.

    :raises ScheduleError: the moment carries no time zone, or the zone is unknown.
    """
    if now.tzinfo is None:
        raise ScheduleError("A moment without a time zone belongs to no day.")
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ScheduleError(
            f"There is no time zone {time_zone!r}. Write its name, such as "
            "Europe/Berlin."
        ) from error
    return now.astimezone(zone).date()


@cache
def bank_days(calendar: str) -> BankDays:
    """Return the test for bank days of a calendar.

    ``none`` counts every day, ``weekends`` Monday to Friday, and an ISO country
    code (``DE``) leaves out that country's weekend and public holidays. A weekend
    day that is worked in exchange for another is no bank day.

    :raises ScheduleError: a calendar that is not known.
    """
    if calendar == "none":
        return _every_day
    if calendar == "weekends":
        return _monday_to_friday
    if calendar not in holidays.list_supported_countries():
        raise ScheduleError(
            f"There is no bank-day calendar {calendar!r}. Write none, weekends or "
            "the ISO code of a country in capital letters, such as DE."
        )

    def is_bank_day(day: date) -> bool:
        return day not in _days_off(calendar, day.year)

    return is_bank_day


def _every_day(_day: date) -> bool:
    return True


def _monday_to_friday(day: date) -> bool:
    return day.weekday() < SATURDAY


@cache
def _days_off(country: str, year: int) -> frozenset[date]:
    """Return the weekend days and public holidays of one year."""
    public = holidays.country_holidays(country, years=year)
    january_1 = date(year, 1, 1)
    days = (later(january_1, number) for number in range(366))
    return frozenset(
        day
        for day in days
        if day.year == year and (public.is_weekend(day) or day in public)
    )
