"""Keeps a wire busy: claims the stream whose turn it is and gets its batch ready.

Two threads do so in turns, each with a connection of its own: while one waits for
PostgreSQL the other renders. A wire that has enough keeps both waiting. What came back
is written by the drain (notices.dispatch).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import connection, transaction

from notices import lanes, readying
from notices.claims import Clock, claim
from notices.due import due_streams
from notices.senders import Sender
from notices.turns import Turns
from notices.wire import Wire

# Messages that are claimed at once: some tenths of a second of work, so that a pause
# takes effect soon and little lies between the last question and the wire.
LEAST_BATCH, FIRST_BATCH, MOST_BATCH = 20, 100, 1000
PACE = 1.0
# Seconds a batch that was got ready may still use the wire: with it a task ends well
# within its hard limit (config.celery).
GRACE = 20.0
# One renders while the other waits for the database; a third would wait for both.
FEEDERS = 2
# How long a feeder with nothing to do waits before it looks again by itself.
A_WHILE = 0.1


class Feed:
    """Puts what is due onto a wire until ``stop_at`` or until nothing is due.

    As a context it feeds beside its caller; :meth:`put_next` does one step at once.
    ``moved`` counts where went what is not to be sent.
    """

    def __init__(
        self,
        *,
        channel: str,
        clock: Clock,
        stream_id: int | None,
        token: uuid.UUID,
        sender: Sender,
        wire: Wire,
        stop_at: float,
    ) -> None:
        self.moved: Counter[str] = Counter()
        self._channel = channel
        self._clock = clock
        self._stream_id = stream_id
        self._token = token
        self._sender = sender
        self._wire = wire
        self._stop_at = stop_at
        self._turns = Turns()
        self._size = FIRST_BATCH
        self._put_at = 0.0
        self._answered = 0
        # Claimed, and what became of it not yet written.
        self._open = 0
        self._threads: list[threading.Thread] = []
        self._working = 0
        self._fault: BaseException | None = None
        self._is_over = False
        # One claims at a time, and nobody while what went wrong is written down.
        self._claiming = threading.Lock()
        # Guards the numbers above; told of all that may let a waiting thread go on.
        self._news = threading.Condition()
        self._told = 0

    def __enter__(self) -> Self:
        self._start_one()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._tell()
        for thread in self._threads:
            thread.join()

    @property
    def is_on(self) -> bool:
        """Whether more may still be put onto the wire.

        :raises BaseException: what broke one of its threads.
        """
        if self._fault is not None:
            raise self._fault
        return self._working > 0

    @property
    def is_full(self) -> bool:
        """Whether the wire has enough to go on, in messages or in bytes."""
        wire = self._wire
        return wire.in_hand > self._size // 2 or wire.weight >= readying.MOST_BYTES

    def wait(self) -> None:
        """Wait for a while unless something is in hand, or until there is news."""
        with self._news:
            if not self._wire.in_hand:
                self._news.wait(A_WHILE)

    def note_fetched(self, number: int) -> None:
        """Let the feed know that the wire has room for so many more."""
        with self._news:
            self._answered += number
        self._tell()

    def note_written(self, number: int) -> None:
        """Let the feed know that the results of so many are written."""
        with self._news:
            self._open -= number
        self._tell()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing be claimed meanwhile: what comes next hangs on what is done."""
        with self._claiming:
            yield

    def put_next(self) -> int:
        """Get one more batch ready for the wire and return of how many; 0: none may go.

        Asks for room first: that is the caller's business (:attr:`is_full`).
        """
        began = time.monotonic()
        with self._claiming:
            ids = self._claim()
            with self._news:
                self._open += len(ids)
        if len(ids) >= FIRST_BATCH and 0 < len(self._threads) < FEEDERS:
            # There is more than a batch to send: a second pair of hands.
            self._start_one()
        if ids:
            self._put(ids, began)
        return len(ids)

    def _put(self, ids: list[int], began: float) -> None:
        moved: Counter[str] = Counter()
        handovers = readying.make_ready(
            ids,
            token=self._token,
            provider=self._sender.provider,
            clock=self._clock,
            moved=moved,
        )
        units = sum(one.outgoing.units for one in handovers)
        lanes.charge(self._sender.provider, units - len(ids))
        # Nothing is begun once half the lease is over: when it ends, the sweeper takes
        # this worker for dead, and nothing of a living one may still be on the wire.
        lease = began + settings.LEASE_SECONDS / 2
        with self._news:
            self.moved.update(moved)
            self._open -= len(ids) - len(handovers)
            self._fit_size(time.monotonic())
            self._wire.put(handovers, min(self._stop_at + GRACE, lease))
            if self._wire.weight >= readying.MOST_BYTES:
                # Of heavy ones a small batch is enough; the rest would only go back.
                self._size = LEAST_BATCH
        self._tell()

    def _fit_size(self, now: float) -> None:
        """Let a batch be about a second of the provider's own pace.

        Where nothing waited for it, it is faster than we are; before it answered
        anything, nothing is known.
        """
        if not self._wire.in_hand:
            self._size = min(self._size * 2, MOST_BATCH)
        elif self._answered:
            pace = self._answered / max(now - self._put_at, 0.001)
            self._size = int(min(max(pace * PACE, LEAST_BATCH), MOST_BATCH))
        self._put_at, self._answered = now, 0

    def _claim(self) -> list[int]:
        """Claim the next batch of the stream whose turn it is; none if none may go."""
        passed: set[int] = set()
        while self._may_go_on():
            with transaction.atomic():
                now = self._clock()
                due = due_streams(self._channel, now, self._stream_id)
                due = [one for one in due if one.stream_id not in passed]
                if not due:
                    return []
                room = lanes.reserve(
                    self._sender.provider,
                    self._size,
                    asker=self._token,
                    in_hand=self._open,
                )
                if room.messages:
                    chosen = self._turns.next(due)
                    ids = claim(
                        stream_id=chosen,
                        channel=self._channel,
                        now=now,
                        size=room.messages,
                        token=self._token,
                    )
                    lanes.charge(self._sender.provider, len(ids) - room.messages)
                    if ids:
                        return ids
                    # Others have just taken what was due of it.
                    passed.add(chosen)
                    continue
            if self._open or room.wait > self._stop_at - time.monotonic():
                return []
            time.sleep(min(room.wait, 1.0))
        return []

    def _may_go_on(self) -> bool:
        return time.monotonic() < self._stop_at and not self._is_over

    def _start_one(self) -> None:
        thread = threading.Thread(target=self._work)
        with self._news:
            # Counted before it can end, and not at all where it cannot begin.
            thread.start()
            self._threads.append(thread)
            self._working += 1

    def _work(self) -> None:
        """Feed until nothing is due, nor on its way, or the time is over."""
        try:
            while self._may_go_on():
                told = self._told
                put = 0 if self.is_full else self.put_next()
                if not put and not self._rest(told):
                    return
        except BaseException as fault:
            self._fault = fault
            self._is_over = True
        finally:
            with self._news:
                self._working -= 1
            self._tell()
            connection.close()

    def _rest(self, told: int) -> bool:
        """Wait for something newer than ``told``; False: nothing can come any more."""
        with self._news:
            if self._told == told and not self._open:
                return False
            self._news.wait_for(lambda: self._told != told, A_WHILE)
        return True

    def _tell(self) -> None:
        with self._news:
            self._told += 1
            self._news.notify_all()
