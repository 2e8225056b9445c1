"""Rates shared by all workers, and lanes that close, probe and open again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from notices.lanes import (
    PROBE_SECONDS,
    charge,
    give_up_probe,
    note_answers,
    open_lane,
    reserve,
    stop_lane,
)
from notices.models import ProviderLane
from notices.senders import Receipt, SendError
from notices.served import lane_of

pytestmark = pytest.mark.django_db

BUSY = SendError("429 slow down", backs_off=True)
TAKEN = Receipt("ok")


def lane(**columns: Any) -> ProviderLane:
    reserve("smtp", 0)
    ProviderLane.objects.filter(name="smtp").update(**columns)
    return ProviderLane.objects.get(name="smtp")


def passed(seconds: float) -> None:
    """Let time pass for the lane."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_providerlane SET "
            "refilled_at = refilled_at - make_interval(secs => %(by)s), "
            "closed_until = closed_until - make_interval(secs => %(by)s), "
            "probing_until = probing_until - make_interval(secs => %(by)s)",
            {"by": seconds},
        )


def test_a_lane_without_a_rate_gives_all_that_is_wanted() -> None:
    assert reserve("smtp", 500).messages == 500


def test_a_rate_is_taken_from_the_settings_once(settings: Any) -> None:
    settings.LANE_RATES = {"smtp": 10}

    assert reserve("smtp", 500).messages == 20
    settings.LANE_RATES = {"smtp": 99}
    assert ProviderLane.objects.get().per_second == 10


def test_no_more_goes_than_the_rate_allows() -> None:
    lane(per_second=10.0)

    assert reserve("smtp", 500).messages == 20
    assert reserve("smtp", 500).messages == 0
    passed(1.0)
    assert reserve("smtp", 500).messages == 10


def test_a_lane_with_nothing_left_says_when_to_ask_again() -> None:
    lane(per_second=2.0)
    reserve("smtp", 500)

    room = reserve("smtp", 1)

    assert room.messages == 0
    assert 0 < room.wait <= 0.5


def test_what_was_not_used_comes_back() -> None:
    lane(per_second=10.0)
    reserve("smtp", 20)

    charge("smtp", -15)

    assert reserve("smtp", 500).messages == 15


def test_texts_of_several_parts_make_the_lane_wait_longer() -> None:
    lane(per_second=10.0)
    reserve("smtp", 20)

    charge("smtp", 10)

    passed(1.0)
    assert reserve("smtp", 5).messages == 0
    passed(0.5)
    assert reserve("smtp", 50).messages == 5


def test_a_busy_provider_closes_its_lane_longer_with_every_failure() -> None:
    waits = []
    for _ in range(9):
        reserve("smtp", 1)
        note_answers("smtp", [BUSY])
        waits.append(reserve("smtp", 1).wait)
        passed(1000)

    assert 4.9 < waits[0] < 6.3
    assert waits[:6] == sorted(waits[:6])
    assert waits[-1] <= 300 * 1.25


def test_a_provider_that_names_its_pause_gets_it() -> None:
    reserve("smtp", 1)

    note_answers("smtp", [SendError("429", backs_off=True, retry_after=120.0)])

    assert 119 < reserve("smtp", 1).wait <= 150


def test_workers_that_hear_of_one_outage_count_it_once() -> None:
    reserve("smtp", 1)

    for _ in range(5):
        note_answers("smtp", [BUSY, BUSY])

    assert ProviderLane.objects.get().failures == 1


def test_a_lane_opens_with_one_message_that_shows_whether_it_may() -> None:
    reserve("smtp", 1)
    note_answers("smtp", [BUSY])
    passed(10)

    assert reserve("smtp", 100).messages == 1
    note_answers("smtp", [TAKEN])

    assert reserve("smtp", 100).messages == 100
    assert ProviderLane.objects.get().reason == ""


def test_an_answer_about_one_message_shows_that_the_provider_is_there() -> None:
    reserve("smtp", 1)
    note_answers("smtp", [BUSY])
    passed(10)

    note_answers("smtp", [SendError("550", permanent=True)])

    assert ProviderLane.objects.get().failures == 0


def test_a_fault_of_ours_stops_the_lane_until_staff_open_it() -> None:
    reserve("smtp", 1)

    note_answers("smtp", [TAKEN, SendError("535 wrong password", stops_lane=True)])
    passed(100_000)

    assert reserve("smtp", 1).messages == 0
    assert ProviderLane.objects.get().reason == "535 wrong password"
    note_answers("smtp", [TAKEN])
    assert reserve("smtp", 1).messages == 0

    open_lane(name="smtp")
    assert reserve("smtp", 100).messages == 1
    note_answers("smtp", [TAKEN])
    assert reserve("smtp", 100).messages == 100


def test_the_first_stop_of_a_lane_stands() -> None:
    reserve("smtp", 1)
    stop_lane(name="smtp", reason="30007 filtered")
    first = ProviderLane.objects.get().stopped_at

    stop_lane(name="smtp", reason="again")

    assert ProviderLane.objects.get().stopped_at == first
    assert isinstance(first, dt.datetime)


def test_two_workers_cannot_take_the_same_tokens() -> None:
    """The row of a lane with a rate is held until the claim is committed."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.autocommit = True
        other.execute(
            "INSERT INTO notices_providerlane"
            " (name, per_second, tokens, refilled_at, failures, reason)"
            " VALUES ('shared', 10, 0, now() - interval '1 hour', 0, '')"
        )
        try:
            with transaction.atomic():
                assert reserve("shared", 15).messages == 15
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute(
                        "SELECT FROM notices_providerlane WHERE name = 'shared'"
                        " FOR UPDATE NOWAIT"
                    )
                # Gives the lock back, so that the row can go.
                transaction.set_rollback(True)
        finally:
            other.execute("DELETE FROM notices_providerlane WHERE name = 'shared'")


def test_who_waits_for_the_answer_of_the_probe_sends_no_second_one() -> None:
    reserve("smtp", 1)
    note_answers("smtp", [BUSY])
    passed(10)

    assert reserve("smtp", 100, in_hand=0).messages == 1
    assert reserve("smtp", 100, in_hand=1).messages == 0


def asked_again() -> None:
    """Let a provider have been busy a while ago, so that one message may ask."""
    reserve("smtp", 1)
    note_answers("smtp", [BUSY])
    passed(10)


@pytest.mark.parametrize("rate", [None, 50.0])
def test_one_message_of_all_workers_asks_whether_a_provider_is_back(
    rate: float | None,
) -> None:
    lane(per_second=rate)
    asked_again()

    assert [reserve("smtp", 100).messages for _ in range(3)] == [1, 0, 0]


def test_no_token_is_taken_by_who_may_not_ask() -> None:
    lane(per_second=1.0)
    asked_again()
    reserve("smtp", 1)
    before = ProviderLane.objects.get().tokens

    reserve("smtp", 1)

    assert ProviderLane.objects.get().tokens == before


def test_a_question_that_did_not_go_is_asked_by_another() -> None:
    asked_again()
    one, other = uuid.uuid4(), uuid.uuid4()
    assert reserve("smtp", 100, asker=one).messages == 1
    assert reserve("smtp", 100, asker=other).messages == 0
    # Whoever asks may take another message for it.
    assert reserve("smtp", 100, asker=one).messages == 1

    give_up_probe(one)

    assert reserve("smtp", 100, asker=other).messages == 1


def test_a_question_that_died_with_its_worker_is_asked_by_another() -> None:
    asked_again()
    reserve("smtp", 1)
    passed(PROBE_SECONDS - 5)
    assert reserve("smtp", 1).messages == 0

    passed(5)

    assert reserve("smtp", 1).messages == 1


def test_a_provider_that_never_answers_closes_its_lane() -> None:
    reserve("smtp", 1)

    note_answers("smtp", [SendError("no answer", unknown=True)])

    assert reserve("smtp", 1).messages == 0
    passed(10)
    assert reserve("smtp", 100).messages == 1
    note_answers("smtp", [TAKEN])
    assert reserve("smtp", 100).messages == 100


def test_one_lost_answer_among_others_closes_nothing() -> None:
    reserve("smtp", 1)

    note_answers("smtp", [TAKEN, SendError("no answer", unknown=True)])

    assert reserve("smtp", 100).messages == 100


@pytest.mark.parametrize("seconds", [1e9, float("inf")])
def test_a_pause_without_an_end_is_asked_about_again(seconds: float) -> None:
    reserve("smtp", 1)

    note_answers("smtp", [SendError("429", backs_off=True, retry_after=seconds)])

    assert 3599 < reserve("smtp", 1).wait <= 3600 * 1.25


def test_an_outage_remembers_its_beginning_until_something_is_taken() -> None:
    lane()
    note_answers("smtp", [BUSY])
    began = ProviderLane.objects.get().failing_since
    passed(1000)

    note_answers("smtp", [BUSY])
    stop_lane(name="smtp", reason="535")
    open_lane(name="smtp")
    still = ProviderLane.objects.get().failing_since
    note_answers("smtp", [TAKEN])

    assert began is not None
    assert still == began
    assert ProviderLane.objects.get().failing_since is None


@pytest.mark.parametrize(
    ("channels", "channel", "name"),
    [
        ({"email": "smtp"}, "email", "smtp"),
        ({"email": "anymail"}, "email", "postmark"),
        ({"sms": "twilio"}, "sms", "twilio"),
        ({"letter": "print"}, "letter", ""),
        ({"call": "desk"}, "call", ""),
        ({}, "sms", ""),
    ],
)
def test_a_channel_goes_by_the_lane_of_its_provider(
    settings: Any, channels: dict[str, str], channel: str, name: str
) -> None:
    settings.CHANNELS, settings.EMAIL_PROVIDER = channels, "postmark"

    assert lane_of(channel) == name
