"""Who was not reached is called at another hour of theirs, never at night."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.quiet_hours import Quiet, closes_at
from notices.calls.times import callable_until, in_hours, next_try

DAY_HOURS = Quiet(8 * 60, 20 * 60)
ALWAYS = Quiet(0, 24 * 60)
LONDON = ("Europe/London",)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("outcome", "now", "again"),
    [
        ("no_answer", "2026-03-10T10:00", "2026-03-11T16:30"),
        ("no_answer", "2026-03-10T17:00", "2026-03-11T10:00"),
        ("message", "2026-03-10T10:00", "2026-03-12T16:30"),
        ("busy", "2026-03-10T10:00", "2026-03-10T11:00"),
        # Quiet hours begin in between.
        ("busy", "2026-03-10T19:30", "2026-03-11T08:00"),
        # The clocks go forward in the night.
        ("no_answer", "2026-03-28T17:00", "2026-03-29T09:00"),
    ],
)
def test_the_next_try_comes_at_another_hour(outcome: str, now: str, again: str) -> None:
    found = next_try(at(now), outcome=outcome, zones=LONDON, quiet=DAY_HOURS)

    assert found == at(again)


@given(
    st.integers(0, 365 * 24 * 60),
    st.sampled_from(["no_answer", "busy", "message"]),
    st.sampled_from(["Asia/Shanghai", "Europe/Warsaw", "America/New_York"]),
)
def test_no_try_ever_falls_into_quiet_hours(
    minutes: int, outcome: str, zone: str
) -> None:
    now = at("2026-01-01T00:00") + dt.timedelta(minutes=minutes)

    again = next_try(now, outcome=outcome, zones=(zone,), quiet=DAY_HOURS)

    assert again > now
    assert closes_at(again, (zone,), DAY_HOURS) is not None


def test_a_phone_in_two_zones_may_ring_until_the_first_night_begins() -> None:
    zones = ("Europe/London", "Europe/Warsaw")

    until = callable_until(at("2026-03-10T10:00"), zones=zones, quiet=DAY_HOURS)

    assert until == at("2026-03-10T19:00")


def test_without_quiet_hours_a_call_may_wait_a_day() -> None:
    until = callable_until(at("2026-03-10T10:00"), zones=(), quiet=ALWAYS)

    assert until == at("2026-03-11T10:00")


def test_zones_that_never_meet_leave_the_moment_to_the_gate() -> None:
    zones, mornings = ("Europe/London", "America/Los_Angeles"), Quiet(540, 720)

    assert in_hours(at("2026-03-10T15:00"), zones=zones, quiet=mornings) == at(
        "2026-03-10T15:00"
    )
