"""What a customer is offered: days to pay on, parts to pay in, hours to be called at.

Pure: days are the firm's, sums exact, instants aware.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from customers.calendars import (
    BankDays,
    ScheduleError,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days,
    later,
)
from customers.money import exponent

WEEK = 7
READY_DAYS = 3
# The first part follows soon, so that the plan begins while it is in mind.
FIRST_PART_AFTER = 7
SLOT = dt.timedelta(hours=2)
SLOT_DAYS = 3
# Nobody can promise to call within minutes.
CALL_AFTER = dt.timedelta(hours=1)
# Where the customer is, whatever hours the firm keeps.
DECENT = (dt.time(8), dt.time(20))


def calendar_of(country: str) -> BankDays:
    """Return a country's bank days; Monday to Friday where it is not known."""
    try:
        return bank_days(country)
    except ScheduleError:
        return bank_days("weekends")


def in_bank_days(day: dt.date, number: int, is_bank_day: BankDays) -> dt.date:
    """Return the day so many bank days after ``day``."""
    for _ in range(number):
        day = bank_day_on_or_after(later(day, 1), is_bank_day)
    return day


def ready_days(today: dt.date, longest: int, is_bank_day: BankDays) -> list[dt.date]:
    """Return up to three bank days to choose from, a week apart, within ``longest``
    days of ``today``; at least one."""
    last = later(today, longest)
    days = [
        bank_day_on_or_after(later(today, WEEK * number), is_bank_day)
        for number in range(1, READY_DAYS + 1)
    ]
    found = [day for day in days if day <= last]
    return found or [max(bank_day_on_or_before(last, is_bank_day), today)]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a plan: its day and sum."""

    due_on: dt.date
    amount: Decimal


def part_offers(
    total: Decimal,
    currency: str,
    today: dt.date,
    *,
    most: int,
    smallest: Decimal,
    longest: int,
    is_bank_day: BankDays,
) -> list[tuple[Part, ...]]:
    """Return plans of two parts and more, a month apart, that keep to the limits.

    The parts sum up to ``total``; what cannot be divided is in the first.
    """
    offers = []
    for number in range(2, most + 1):
        parts = _parts(total, currency, today, number, is_bank_day)
        if parts[-1].amount < smallest or parts[-1].due_on > later(today, longest):
            break
        offers.append(parts)
    return offers


def _parts(
    total: Decimal, currency: str, today: dt.date, number: int, is_bank_day: BankDays
) -> tuple[Part, ...]:
    unit = Decimal(1).scaleb(-exponent(currency))
    each = (total / number).quantize(unit, rounding=ROUND_DOWN)
    first = later(today, FIRST_PART_AFTER)
    days = [
        bank_day_on_or_after(_months_on(first, months), is_bank_day)
        for months in range(number)
    ]
    amounts = [total - each * (number - 1), *[each] * (number - 1)]
    return tuple(Part(day, sum_) for day, sum_ in zip(days, amounts, strict=True))


def _months_on(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or its last."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def call_slots(
    now: dt.datetime,
    *,
    firm_zone: str,
    zone: str,
    opens: dt.time,
    closes: dt.time,
    is_bank_day: BankDays,
) -> list[dt.datetime]:
    """Return when calls may begin on the next three bank days, in the customer's zone.

    Each stands for two hours within the firm's; none is at night where the customer is.
    """
    firm = ZoneInfo(firm_zone)
    day = now.astimezone(firm).date()
    found: list[dt.datetime] = []
    days_with_any = 0
    for _ in range(14):
        if is_bank_day(day):
            slots = _slots_of(day, firm, ZoneInfo(zone), opens, closes)
            slots = [one for one in slots if one >= now + CALL_AFTER]
            found += slots
            days_with_any += bool(slots)
        if days_with_any == SLOT_DAYS:
            break
        day = later(day, 1)
    return found


def _slots_of(
    day: dt.date, firm: ZoneInfo, zone: ZoneInfo, opens: dt.time, closes: dt.time
) -> list[dt.datetime]:
    slots = []
    start = dt.datetime.combine(day, opens, firm)
    end = dt.datetime.combine(day, closes, firm)
    while start + SLOT / 2 <= end:
        local = start.astimezone(zone)
        if DECENT[0] <= local.time() and (local + SLOT / 2).time() <= DECENT[1]:
            slots.append(local)
        start += SLOT
    return slots
