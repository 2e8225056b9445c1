"""The questions of Health: right, few, and answered by an index."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from notices import health, heartbeats
from notices.lanes import note_answers, reserve
from notices.models import Heartbeat, Notice
from notices.senders import SendError
from tests.factories import NOW, make_notice, make_stream

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def ages() -> dict[tuple[str, str], dt.timedelta]:
    """Return how long the oldest due message of each channel and lane has waited."""
    return {
        (one.channel, one.lane): NOW - one.since for one in health.oldest_due(now=NOW)
    }


def test_the_oldest_due_message_of_each_lane_counts() -> None:
    stream = make_stream()
    make_notice(stream=stream, not_before=NOW - HOUR)
    make_notice(stream=stream, not_before=NOW - 2 * HOUR)
    make_notice(stream=make_stream(), not_before=NOW - 3 * HOUR, lane=2)
    make_notice(stream=stream, not_before=NOW - HOUR, lane=0, channel="sms")

    assert ages() == {
        ("email", "reminder"): 2 * HOUR,
        ("email", "bulk"): 3 * HOUR,
        ("sms", "one_off"): HOUR,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"not_before": NOW + HOUR},
        {"not_before": NOW - HOUR, "state": "held"},
        # Paper waits for the print room.
        {"not_before": NOW - HOUR, "channel": "letter"},
    ],
)
def test_what_is_not_due_does_not_count(fields: dict[str, Any]) -> None:
    make_notice(**fields)

    assert ages() == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "paused"},
        {"opens_at": dt.time(18)},
    ],
)
def test_what_waits_for_its_stream_does_not_count(fields: dict[str, Any]) -> None:
    make_notice(stream=make_stream(**fields), not_before=NOW - HOUR)

    assert ages() == {}


def test_what_the_night_kept_back_is_as_old_as_the_morning() -> None:
    stream = make_stream(opens_at=dt.time(9))
    make_notice(stream=stream, not_before=NOW - 40 * HOUR)

    assert ages() == {("email", "reminder"): HOUR}


def test_a_claim_is_noted_for_the_worker_and_for_the_channel() -> None:
    heartbeats.note_worker(
        name="celery@one", queues=["sms", "email"], hears_broker=False, now=NOW - HOUR
    )
    heartbeats.note_claim(worker="celery@one", channel="sms", now=NOW)

    facts = health.facts(now=NOW)

    (worker,) = facts.workers
    assert worker.queues == ("email", "sms")
    assert (worker.claimed_at, worker.hears_broker) == (NOW, False)
    assert facts.claimed_at == {"sms": NOW}


def test_a_worker_that_left_is_not_missed() -> None:
    heartbeats.note_worker(name="w", queues=["sms"], hears_broker=True, now=NOW)

    heartbeats.forget_worker(name="w")

    assert not Heartbeat.objects.exists()


def test_all_of_health_costs_eight_questions_whatever_waits(
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(5):
        make_notice(not_before=NOW - HOUR)

    with django_assert_max_num_queries(8):
        health.facts(now=NOW)
    with django_assert_max_num_queries(4):
        health.facts(now=NOW, brief=True)


def test_the_oldest_due_are_found_by_the_index_of_the_claim() -> None:
    make_notice(not_before=NOW - HOUR)

    with connection.cursor() as cursor:
        # A table of one row is as cheap by any way: only what needs no sorting is left.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            "EXPLAIN " + health.OLDEST,
            {"channels": ["email"], "lanes": Notice.Lane.values, "now": NOW},
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "notice_to_claim" in plan
    assert "not_before <=" in plan.partition("notice_to_claim")[2]


def test_what_a_busy_provider_turned_away_waits_for_it(settings: Any) -> None:
    settings.CHANNELS = {"email": "smtp"}
    reserve("smtp", 1)
    note_answers("smtp", [SendError("connection refused", backs_off=True)])
    stream = make_stream()
    make_notice(stream=stream, not_before=NOW + dt.timedelta(minutes=1))
    make_notice(stream=stream, not_before=NOW + HOUR)

    (lane,) = health.facts(now=NOW).providers

    assert (lane.name, lane.waiting) == ("smtp", 1)
