"""Batches are got ready beside what is on the wire, and no error is lost."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from notices import feeding
from notices.feeding import FEEDERS, FIRST_BATCH, Feed
from notices.journal import Journal
from notices.lanes import Room
from notices.senders.sandbox import SandboxSender
from notices.turns import Due
from notices.wire import Wire

pytestmark = pytest.mark.django_db


class _Wire:
    """A wire that holds what is put in until the test takes it off."""

    weight = 0

    def __init__(self) -> None:
        self.in_hand = 0

    def put(self, handovers: list[Any], stop_at: float) -> None:
        self.in_hand += len(handovers)

    def take_off(self) -> int:
        taken, self.in_hand = self.in_hand, 0
        return taken


class _Line:
    """Notices due, and what getting a batch of them ready does meanwhile."""

    def __init__(self, batches: list[int]) -> None:
        self.batches = batches
        self.claimed = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def due(self, *_: object) -> list[Due]:
        return [Due(1, 1, 1)] if self.batches else []

    def claim(self, **_: object) -> list[int]:
        self.claimed += 1
        return list(range(self.batches.pop(0)))

    def make_ready(self, ids: list[int], **_: object) -> list[Any]:
        self.meanwhile()
        return [SimpleNamespace(outgoing=SimpleNamespace(units=1)) for _ in ids]


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Line]:
    line = _Line([])
    monkeypatch.setattr(feeding, "due_streams", line.due)
    monkeypatch.setattr(feeding, "claim", line.claim)
    monkeypatch.setattr(feeding.readying, "make_ready", line.make_ready)
    monkeypatch.setattr(feeding.lanes, "reserve", lambda _, want, **__: Room(want))
    monkeypatch.setattr(feeding.lanes, "charge", lambda *_: None)
    yield line
    line.batches.clear()


@pytest.fixture
def wire() -> _Wire:
    return _Wire()


@pytest.fixture
def feed(line: _Line, wire: _Wire) -> Feed:
    return Feed(
        channel="email",
        clock=timezone.now,
        stream_id=None,
        token=uuid.uuid4(),
        sender=SimpleNamespace(provider="smtp"),  # type: ignore[arg-type]
        wire=wire,  # type: ignore[arg-type]
        stop_at=time.monotonic() + 20,
    )


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def test_two_batches_are_got_ready_at_once_where_there_is_more_than_one(
    feed, line, wire
):
    both = threading.Barrier(2, timeout=10)
    line.batches += [FIRST_BATCH, FIRST_BATCH]
    # A whole batch shows that there is more: the second is got ready beside the first.
    line.meanwhile = both.wait
    with feed:
        _wait_until(lambda: wire.in_hand == 2 * FIRST_BATCH)
        assert len(feed._threads) == FEEDERS


def test_a_single_message_asks_for_no_second_pair_of_hands(feed, line, wire):
    line.batches.append(1)
    with feed:
        _wait_until(lambda: wire.in_hand == 1)
        assert len(feed._threads) == 1


def test_it_is_not_over_before_what_came_back_is_written(feed, line, wire):
    line.batches.append(1)
    with feed:
        _wait_until(lambda: wire.in_hand == 1)
        feed.note_fetched(wire.take_off())
        time.sleep(0.05)
        assert feed.is_on
        # What was turned away is due again as soon as that is written.
        line.batches.append(1)
        feed.note_written(1)
        _wait_until(lambda: wire.in_hand == 1)
        feed.note_fetched(wire.take_off())
        feed.note_written(1)
        _wait_until(lambda: not feed.is_on)


def test_what_came_back_between_two_looks_is_looked_at_again(
    feed, line, wire, monkeypatch
):
    line.batches.append(1)
    real = line.due

    def due(*_: object) -> list[Due]:
        found = real()
        if not found and wire.in_hand:
            # Turned away meanwhile, and due again.
            feed.note_fetched(wire.take_off())
            line.batches.append(1)
            feed.note_written(1)
            monkeypatch.setattr(feeding, "due_streams", real)
        return found

    monkeypatch.setattr(feeding, "due_streams", due)
    with feed:
        _wait_until(lambda: line.claimed == 2)
    assert line.batches == []


def test_a_batch_got_ready_too_late_is_not_put_onto_a_closed_wire():
    wire = Wire(SandboxSender(), Journal(Path("unused"), uuid.uuid4()))
    with wire:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        wire.put([], 0)


def test_nothing_is_claimed_while_what_went_wrong_is_written(feed, line, wire):
    line.batches.append(1)
    with feed:
        _wait_until(lambda: wire.in_hand == 1)
        with feed.held():
            feed.note_fetched(wire.take_off())
            line.batches.append(1)
            time.sleep(0.05)
            assert line.claimed == 1
        _wait_until(lambda: line.claimed == 2)


def test_an_error_reaches_the_drain_and_nothing_is_claimed_after_it(feed, line, wire):
    line.batches += [FIRST_BATCH] * 9

    def fail() -> None:
        if line.claimed > 1:
            raise RuntimeError("the database is away")

    line.meanwhile = fail
    with pytest.raises(RuntimeError, match="away"), feed:
        while feed.is_on:
            feed.note_fetched(taken := wire.take_off())
            feed.note_written(taken)
            feed.wait()
    # The other pair of hands may have been at it.
    assert line.claimed <= 3
    assert len(line.batches) >= 6


def test_its_connections_are_closed_with_it(feed, line, wire):
    seen = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            seen.append(cursor.fetchone()[0])

    line.batches.append(1)
    line.meanwhile = look
    with feed:
        _wait_until(lambda: bool(seen))
    # PostgreSQL takes its leave a moment after we do.
    _wait_until(lambda: not _is_served(seen[0]))


def _is_served(server: int) -> bool:
    """Whether a server process of PostgreSQL still has a client."""
    with connection.cursor() as cursor:
        # Within a transaction the picture would stay the one of its first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)", [server]
        )
        return bool(cursor.fetchone()[0])
