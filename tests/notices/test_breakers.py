"""A stream whose messages fail too often pauses by itself and says why."""

from __future__ import annotations

import datetime as dt

import pytest

from notices.actions import set_stream_state
from notices.breakers import Rates, trip
from notices.models import Stream
from notices.states import State
from tests.factories import (
    NOW,
    make_attempt,
    make_customer,
    make_event,
    make_notice,
    make_stream,
    make_template,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def send(stream: Stream, number: int, state: str, reason: str = "") -> None:
    """Write down messages of a stream that were handed over at NOW."""
    customer = make_customer()
    template = make_template()
    for _ in range(number):
        fields = {"reason": reason} if reason else {}
        notice = make_notice(
            customer, stream=stream, template=template, state=state, **fields
        )
        make_attempt(notice)
        if reason == "complaint":
            make_event(notice, kind="complaint")


def paused(stream: Stream) -> str:
    """Return why a stream is paused; blank while it runs."""
    stream.refresh_from_db()
    return stream.safety_reason if stream.state == Stream.State.PAUSED else ""


def test_too_many_addresses_that_do_not_exist_pause_the_stream() -> None:
    stream, healthy = make_stream(), make_stream()
    send(stream, 45, State.SENT)
    send(stream, 5, State.FAILED, "hard_bounce")
    send(healthy, 50, State.SENT)

    trip(now=NOW + HOUR)

    assert paused(stream) == (
        "5 of the last 50 messages reached no address that exists"
    )
    assert paused(healthy) == ""


def test_a_few_dead_addresses_are_ordinary() -> None:
    stream = make_stream()
    send(stream, 57, State.SENT)
    send(stream, 3, State.FAILED, "hard_bounce")

    assert trip(now=NOW + HOUR) == {}
    assert paused(stream) == ""


def test_below_fifty_messages_a_rate_says_nothing() -> None:
    stream = make_stream()
    send(stream, 20, State.FAILED, "refused")

    assert trip(now=NOW + HOUR) == {}


def test_a_surge_of_full_mailboxes_pauses_the_stream() -> None:
    stream = make_stream()
    send(stream, 33, State.SENT)
    send(stream, 17, State.FAILED, "soft_bounce")

    trip(now=NOW + HOUR)

    assert paused(stream) == (
        "17 of the last 50 messages could not be delivered for now"
    )


def test_three_complaints_pause_a_stream_and_two_do_not() -> None:
    stream, other = make_stream(), make_stream()
    send(stream, 20, State.DELIVERED)
    send(stream, 3, State.DELIVERED, "complaint")
    send(other, 20, State.DELIVERED)
    send(other, 2, State.DELIVERED, "complaint")

    trip(now=NOW + HOUR)

    assert paused(stream) == "3 of the last 23 messages were marked as spam"
    assert paused(other) == ""


def test_a_few_complaints_among_thousands_are_ordinary() -> None:
    assert Rates(sent=5000, hard=0, soft=0, complaints=14).verdict() == ""
    assert Rates(sent=5000, hard=0, soft=0, complaints=15).verdict() != ""


def test_a_stream_that_staff_resumed_is_judged_by_what_goes_from_then_on() -> None:
    stream = make_stream()
    send(stream, 50, State.FAILED, "hard_bounce")
    trip(now=NOW + HOUR)

    set_stream_state(stream=stream, state=Stream.State.RUNNING)

    assert stream.running_since is not None
    assert trip(now=stream.running_since + HOUR) == {}
    assert paused(stream) == ""


def test_old_failures_no_longer_count() -> None:
    send(make_stream(), 50, State.FAILED, "hard_bounce")

    assert trip(now=NOW + 100 * HOUR) == {}


def test_a_stream_that_rests_is_left_alone() -> None:
    stream = make_stream(state="stopped")
    send(stream, 50, State.FAILED, "hard_bounce")

    assert trip(now=NOW + HOUR) == {}
    stream.refresh_from_db()
    assert stream.state == Stream.State.STOPPED
