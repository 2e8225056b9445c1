"""Bank days, step days and local days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule import step_day
from customers.calendars import (
    ScheduleError,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days,
    later,
    local_day,
)

calendars = st.sampled_from(["none", "weekends", "US", "DE", "PL", "IL"])
dates = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("calendar", "day", "is_bank_day"),
    [
        ("none", date(2024, 12, 25), True),
        ("none", date(2024, 12, 28), True),
        ("weekends", date(2024, 12, 25), True),
        ("weekends", date(2024, 12, 27), True),
        ("weekends", date(2024, 12, 28), False),
        ("weekends", date(2024, 12, 29), False),
        ("DE", date(2024, 10, 3), False),
        ("PL", date(2024, 11, 11), False),
        ("DE", date(2024, 11, 11), True),
        ("US", date(2012, 1, 2), False),
        ("US", date(2021, 12, 31), False),
        ("IL", date(2024, 7, 5), False),
        ("IL", date(2024, 7, 7), True),
    ],
)
def test_a_calendar_knows_its_bank_days(calendar, day, is_bank_day):
    assert bank_days(calendar)(day) is is_bank_day


def test_a_weekend_day_worked_in_exchange_is_no_bank_day():
    worked_saturday = date(2024, 9, 14)

    assert not bank_days("CN")(worked_saturday)


@pytest.mark.parametrize("calendar", ["", "us", "XX", "Weekends", "Germany"])
def test_an_unknown_calendar_is_refused_with_a_sentence(calendar):
    with pytest.raises(ScheduleError, match="Write none, weekends or the ISO code"):
        bank_days(calendar)


@pytest.mark.parametrize(
    ("due_on", "offset_days", "calendar", "expected"),
    [
        # Saturday: back to Friday before the due date, on to Monday after it.
        (date(2012, 2, 9), -5, "weekends", date(2012, 2, 3)),
        (date(2012, 2, 1), 3, "weekends", date(2012, 2, 6)),
        (date(2012, 2, 4), 0, "weekends", date(2012, 2, 6)),
        (date(2012, 2, 4), 0, "none", date(2012, 2, 4)),
        # Over a month end and a leap day.
        (date(2012, 2, 27), 3, "weekends", date(2012, 3, 1)),
        (date(2012, 3, 3), -3, "weekends", date(2012, 2, 29)),
        (date(2011, 2, 27), 3, "weekends", date(2011, 3, 2)),
        # Over the night the clocks change, which dates must not notice.
        (date(2024, 3, 30), 1, "none", date(2024, 3, 31)),
        (date(2024, 10, 26), 2, "none", date(2024, 10, 28)),
        # New Year's Day 2012 was a Sunday, kept on Monday in the United States.
        (date(2011, 12, 28), 3, "US", date(2012, 1, 3)),
        (date(2011, 12, 28), 3, "DE", date(2012, 1, 2)),
        (date(2012, 1, 4), -2, "US", date(2011, 12, 30)),
    ],
)
def test_a_step_day_is_moved_to_a_bank_day(due_on, offset_days, calendar, expected):
    assert step_day(due_on, offset_days, bank_days(calendar)) == expected


@given(dates, st.integers(-60, 60), calendars)
def test_a_step_moves_back_before_the_due_date_and_on_after_it(due_on, offset, name):
    is_bank_day = bank_days(name)
    written = due_on + timedelta(days=offset)

    day = step_day(due_on, offset, is_bank_day)

    assert is_bank_day(day)
    assert day <= written if offset < 0 else day >= written
    between = (
        min(day, written) + timedelta(days=n) for n in range(abs(written - day).days)
    )
    assert not any(is_bank_day(other) for other in between if other != day)


@given(dates, st.integers(-60, 60), st.integers(-60, 60), calendars)
def test_steps_keep_their_order_once_moved(due_on, one, other, name):
    first, second = sorted((one, other))

    is_bank_day = bank_days(name)

    assert step_day(due_on, first, is_bank_day) <= step_day(due_on, second, is_bank_day)


@given(dates, calendars)
def test_the_nearest_bank_days_enclose_the_day(day, name):
    is_bank_day = bank_days(name)

    before = bank_day_on_or_before(day, is_bank_day)
    after = bank_day_on_or_after(day, is_bank_day)

    assert before <= day <= after
    assert (before == day == after) is is_bank_day(day)


def test_a_ledger_that_writes_the_last_day_for_never_does_no_harm():
    never = date(9999, 12, 31)

    assert step_day(never, 30, bank_days("weekends")) == never
    assert step_day(date.min, -30, bank_days("none")) == date.min
    assert later(never, 1) == never


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (datetime(2024, 3, 31, 22, 30, tzinfo=UTC), "Europe/Berlin", date(2024, 4, 1)),
        (datetime(2024, 3, 30, 22, 30, tzinfo=UTC), "Europe/Berlin", date(2024, 3, 30)),
        (datetime(2024, 3, 1, 4, 0, tzinfo=UTC), "America/Chicago", date(2024, 2, 29)),
    ],
)
def test_the_day_is_that_of_the_zone(now, zone, expected):
    assert local_day(now, zone) == expected


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ScheduleError, match="belongs to no day"):
        local_day(datetime(2024, 1, 1, 12, 0), "UTC")  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused_with_a_sentence(zone):
    with pytest.raises(ScheduleError, match="There is no time zone"):
        local_day(datetime(2024, 1, 1, tzinfo=UTC), zone)
