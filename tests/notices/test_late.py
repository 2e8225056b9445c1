"""What is too late does not just go, and what is past its use is closed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from notices import heartbeats
from notices.actions import release_held_group, set_stream_state
from notices.late import expire, hold_late, latest_acceptable
from notices.models import Notice, ProviderLane, Stream
from notices.states import State
from tests.factories import NOW, make_attempt, make_notice, make_stream
from tests.notices.passing import state_of

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR
THREE_DAYS_LATER = NOW + 3 * DAY


def claimed(at: dt.datetime) -> None:
    """Note that a worker claimed e-mails."""
    heartbeats.note_claim(worker="w", channel="email", now=at)


def test_what_was_planned_before_three_days_without_workers_is_held() -> None:
    notice = make_notice(not_before=NOW)
    fresh = make_notice(not_before=THREE_DAYS_LATER - HOUR)
    claimed(NOW - HOUR)

    assert hold_late(now=THREE_DAYS_LATER) == 1

    assert state_of(notice) == (State.HELD, "LATE")
    assert state_of(fresh) == (State.SCHEDULED, "")


def test_a_long_campaign_that_is_being_worked_off_is_not_late() -> None:
    notice = make_notice(not_before=NOW)
    claimed(THREE_DAYS_LATER - HOUR)

    assert hold_late(now=THREE_DAYS_LATER) == 0
    assert state_of(notice) == (State.SCHEDULED, "")


def test_a_night_without_workers_makes_nothing_late() -> None:
    make_notice(not_before=NOW)

    assert hold_late(now=NOW + 12 * HOUR) == 0


def test_each_stream_says_how_late_is_too_late() -> None:
    make_notice(not_before=NOW, stream=make_stream(late_after_hours=6))
    patient = make_notice(not_before=NOW, stream=make_stream(late_after_hours=240))

    assert hold_late(now=NOW + 12 * HOUR) == 1
    assert state_of(patient) == (State.SCHEDULED, "")


def test_what_staff_set_going_since_then_goes() -> None:
    stream = make_stream(state="paused")
    notice = make_notice(not_before=NOW - 30 * DAY, stream=stream)
    set_stream_state(stream=stream, state=Stream.State.RUNNING)
    assert stream.running_since is not None

    assert hold_late(now=stream.running_since + HOUR) == 0
    assert state_of(notice) == (State.SCHEDULED, "")


def test_paper_waits_for_people_and_is_never_late() -> None:
    letter = make_notice(not_before=NOW, channel="letter")

    hold_late(now=THREE_DAYS_LATER)

    assert state_of(letter) == (State.SCHEDULED, "")


def test_what_friday_left_over_is_not_late_on_monday() -> None:
    friday = dt.datetime(2026, 3, 13, 17, 0, tzinfo=dt.UTC)
    stream = make_stream(bank_days="weekends")
    notice = make_notice(not_before=friday, stream=stream)

    assert hold_late(now=friday + 2 * DAY + 16 * HOUR) == 0
    assert state_of(notice) == (State.SCHEDULED, "")


@pytest.mark.parametrize(
    ("now", "limit"),
    [
        ("2026-03-11T10:00", "2026-03-10T10:00"),
        # Monday morning: ten hours of today, and fourteen of Friday.
        ("2026-03-16T10:00", "2026-03-13T10:00"),
        ("2026-03-15T12:00", "2026-03-13T00:00"),
    ],
)
def test_lateness_is_counted_on_open_days(now: str, limit: str) -> None:
    found = latest_acceptable(
        dt.datetime.fromisoformat(now + "+00:00"),
        hours=24,
        zone=ZoneInfo("UTC"),
        is_open=lambda day: day.weekday() < 5,
    )

    assert found == dt.datetime.fromisoformat(limit + "+00:00")


def test_a_firm_that_is_never_open_makes_nothing_late() -> None:
    found = latest_acceptable(
        NOW, hours=24, zone=ZoneInfo("UTC"), is_open=lambda day: False
    )

    assert found < NOW - 30 * DAY


def test_held_messages_are_released_together_with_their_hand_overs_counted() -> None:
    first = make_notice(state=State.HELD, reason="LATE", tries=5)
    second = make_notice(state=State.HELD, reason="LATE")
    make_attempt(second)

    late = Notice.objects.filter(reason="LATE")
    assert release_held_group(held=late, now=NOW) == 2

    assert state_of(first) == (State.SCHEDULED, "")
    second.refresh_from_db()
    assert (first.tries, second.tries) == (0, 1)
    # Released a moment ago: not late again.
    assert hold_late(now=NOW + HOUR) == 0


# Past its use ----------------------------------------------------------------


def test_a_reminder_past_its_last_day_is_closed_while_its_campaign_rests() -> None:
    notice = make_notice(
        not_after=NOW - HOUR, not_before=NOW - DAY, stream=make_stream(state="paused")
    )

    assert expire(now=NOW) == (1, 0)

    assert state_of(notice) == (State.EXPIRED, "NOTICE_EXPIRED")


def test_what_the_law_asks_for_goes_to_staff_instead_of_ending_in_silence() -> None:
    notice = make_notice(
        not_after=NOW - HOUR, not_before=NOW - DAY, legal="writing", kind="rate_change"
    )

    assert expire(now=NOW) == (0, 1)
    assert expire(now=NOW) == (0, 0)

    assert state_of(notice) == (State.HELD, "NOTICE_DEADLINE_MISSED")


def test_a_held_reminder_past_its_last_day_is_closed_too() -> None:
    notice = make_notice(state=State.HELD, not_after=NOW - HOUR)

    assert expire(now=NOW) == (1, 0)

    assert state_of(notice) == (State.EXPIRED, "NOTICE_EXPIRED")


@pytest.mark.parametrize("fields", [{"not_after": None}, {"not_after": NOW + HOUR}])
def test_what_is_still_of_use_stays_in_line(fields: dict[str, Any]) -> None:
    notice = make_notice(not_before=NOW - DAY, **fields)

    assert expire(now=NOW) == (0, 0)
    assert state_of(notice) == (State.SCHEDULED, "")


@pytest.mark.parametrize("state", [State.CLAIMED, State.HANDING_OFF, State.UNKNOWN])
def test_what_a_worker_has_in_hand_is_left_to_it(state: str) -> None:
    notice = make_notice(state=state, not_after=NOW - HOUR, not_before=NOW - DAY)

    assert expire(now=NOW) == (0, 0)
    assert state_of(notice)[0] == state


def away(since: dt.datetime) -> None:
    """Have the sandbox, which carries e-mail here, be away since then."""
    ProviderLane.objects.create(
        name="sandbox", refilled_at=since, failures=9, failing_since=since, reason="503"
    )


def test_what_waited_for_a_provider_for_less_than_the_limit_is_not_late() -> None:
    notice = make_notice(not_before=NOW)
    away(THREE_DAYS_LATER - 23 * HOUR)

    assert hold_late(now=THREE_DAYS_LATER) == 0
    assert state_of(notice) == (State.SCHEDULED, "")


def test_what_waited_for_a_provider_for_longer_is_late_however_often_it_was_asked() -> (
    None
):
    notice = make_notice(not_before=NOW)
    away(NOW)
    claimed(THREE_DAYS_LATER - HOUR)

    assert hold_late(now=THREE_DAYS_LATER) == 1
    assert state_of(notice) == (State.HELD, "LATE")
