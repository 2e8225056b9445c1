"""Sends what is due: claim, ask again, render, note the attempt, hand over, record.

The order is the promise. A batch of one stream is claimed; inside a second transaction,
with its customers locked, it is asked again whether each may go, rendered, and the
attempts and exact bytes are written (notices.readying); only then is the wire touched,
outside of any transaction, while the next batch is got ready; what came back is written
in small groups beside that (notices.recorder). A worker that dies leaves claims (they
go back into line) and attempts without a result, of which its journal tells the few
that may have left (the rest goes back into line; those few are unknown, and never sent
again blindly).
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction

from notices import lanes, readying
from notices.claims import Clock, Move, claim, move
from notices.journal import Journal
from notices.models import Stream
from notices.outbound import is_open, is_stopped
from notices.record import Result, record_results
from notices.recorder import Recorder
from notices.senders import Sender, sender_for
from notices.served import is_by_hand
from notices.settling import journals, settle
from notices.states import State
from notices.turns import Due, Turns
from notices.wire import Wire

# Messages that are claimed at once: some tenths of a second of work, so that a pause
# takes effect soon and little lies between the last question and the wire.
LEAST_BATCH, FIRST_BATCH, MOST_BATCH = 20, 100, 500
PACE = 1.0
# How often a drain looks up whether staff paused what it has in hand.
LOOK_UP_SECONDS = 1.0
# What is waited for before results are written: a crash leaves no more in doubt.
GROUP_SIZE = 50
GROUP_SECONDS = 0.1
# Seconds a batch that was got ready may still use the wire: with it a task ends well
# within its hard limit (config.celery).
GRACE = 20.0


@dataclass(slots=True)
class Drained:
    """What one drain did: how many notices went to each state, and why."""

    moved: Counter[str] = field(default_factory=Counter)


def drain(
    *, channel: str, clock: Clock, seconds: float = 20.0, stream_id: int | None = None
) -> Drained:
    """Send what is due on a channel, of all running streams or of one, for ``seconds``.

    ``clock`` gives the aware instant that permission, debts and dates are judged by.
    Streams take turns by their weight. Returns early when nothing may go: nothing is
    due, it is outside the firms' bank days and hours, or the provider's lane is closed.
    What goes to the print room or the call desk is left to them. Safe to run any
    number of times at once.
    """
    if is_by_hand(channel) or not is_open():
        return Drained()
    settle()
    sender = sender_for(channel)
    if sender is None:
        return _hold_all(channel, clock, stream_id)
    token = uuid.uuid4()

    def write(results: Sequence[Result]) -> Counter[str]:
        moved = record_results(results, token=token, now=clock())
        lanes.note_answers(sender.provider, [one.answer for one in results])
        return moved

    # Closed in this order: the wire, then what it brought; a journal goes only when all
    # of that is written.
    inline = not sender.width or connection.in_atomic_block
    with (
        Journal(journals(), token) as journal,
        Recorder(write, inline=inline) as recorder,
        Wire(sender, journal) as wire,
    ):
        work = _Work(channel, clock, stream_id, token, sender, wire, recorder)
        work.run(time.monotonic() + seconds)
    work.done.moved.update(recorder.moved)
    return work.done


@dataclass(slots=True)
class _Work:
    """One drain: what it serves, and what it has done."""

    channel: str
    clock: Clock
    stream_id: int | None
    token: uuid.UUID
    sender: Sender
    wire: Wire
    recorder: Recorder
    done: Drained = field(default_factory=Drained)
    turns: Turns = field(default_factory=Turns)
    size: int = FIRST_BATCH
    put_at: float = 0.0
    answered: int = 0
    looked_at: float = 0.0

    def run(self, stop_at: float) -> None:
        """Keep the wire busy until ``stop_at`` or until nothing is due."""
        while True:
            more = time.monotonic() < stop_at and self._put_next(stop_at)
            if not more and not self.wire.in_hand:
                return
            if more and not self._is_full():
                continue
            self._record(self.wire.fetch(least=GROUP_SIZE, seconds=GROUP_SECONDS))
            self._look_up()

    def _is_full(self) -> bool:
        """Say whether the wire has enough to go on, in messages or in bytes."""
        wire = self.wire
        return wire.in_hand > self.size // 2 or wire.weight >= readying.MOST_BYTES

    def _put_next(self, stop_at: float) -> bool:
        """Get one more batch onto the wire unless it is full; False: none is due."""
        if self._is_full():
            return True
        began = time.monotonic()
        ids = self._claim(stop_at)
        if not ids:
            return False
        handovers = readying.make_ready(
            ids,
            token=self.token,
            provider=self.sender.provider,
            clock=self.clock,
            moved=self.done.moved,
        )
        units = sum(one.outgoing.units for one in handovers)
        lanes.charge(self.sender.provider, units - len(ids))
        # Nothing is begun once half the lease is over: when it ends, the sweeper takes
        # this worker for dead, and nothing of a living one may still be on the wire.
        lease = began + settings.LEASE_SECONDS / 2
        self._fit_size(time.monotonic())
        self.wire.put(handovers, min(stop_at + GRACE, lease))
        if self.wire.weight >= readying.MOST_BYTES:
            # Of heavy ones a small batch is enough; the rest would only go back.
            self.size = LEAST_BATCH
        return True

    def _fit_size(self, now: float) -> None:
        """Let a batch be about a second of the provider's own pace.

        Where nothing waited for it, it is faster than we are; before it answered
        anything, nothing is known.
        """
        if not self.wire.in_hand:
            self.size = min(self.size * 2, MOST_BATCH)
        elif self.answered:
            pace = self.answered / max(now - self.put_at, 0.001)
            self.size = int(min(max(pace * PACE, LEAST_BATCH), MOST_BATCH))
        self.put_at, self.answered = now, 0

    def _claim(self, stop_at: float) -> list[int]:
        """Claim the next batch of the stream whose turn it is; none if none may go."""
        passed: set[int] = set()
        while time.monotonic() < stop_at:
            with transaction.atomic():
                now = self.clock()
                due = due_streams(self.channel, now, self.stream_id)
                due = [one for one in due if one.stream_id not in passed]
                if not due:
                    return []
                room = lanes.reserve(
                    self.sender.provider, self.size, in_hand=self.wire.in_hand
                )
                if room.messages:
                    chosen = self.turns.next(due)
                    ids = claim(
                        stream_id=chosen,
                        channel=self.channel,
                        now=now,
                        size=room.messages,
                        token=self.token,
                    )
                    lanes.charge(self.sender.provider, len(ids) - room.messages)
                    if ids:
                        return ids
                    # Others have just taken what was due of it.
                    passed.add(chosen)
                    continue
            if self.wire.in_hand or room.wait > stop_at - time.monotonic():
                return []
            time.sleep(min(room.wait, 1.0))
        return []

    def _look_up(self) -> None:
        """Take back what has not begun when staff paused or stopped meanwhile."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_UP_SECONDS or not self.wire.in_hand:
            return
        self.looked_at = now
        streams = Stream.objects.filter(pk__in=self.wire.streams())
        if is_stopped() or streams.exclude(state=Stream.State.RUNNING).exists():
            self.wire.recall()

    def _record(self, results: list[Result]) -> None:
        if not results:
            return
        self.answered += len(results)
        self.recorder.put(results)


DUE = """
SELECT stream.id, stream.weight, due.lane
FROM notices_stream AS stream
CROSS JOIN LATERAL (
    SELECT notice.lane FROM generate_series(0, 2) AS lane (number)
    CROSS JOIN LATERAL (
        SELECT notice.lane FROM notices_notice AS notice
        WHERE notice.stream_id = stream.id AND notice.channel = %(channel)s
          AND notice.state = 'scheduled' AND notice.lane = lane.number
          AND notice.not_before <= %(now)s
        -- As the index has it: hoping for an early row, a plan walks the table.
        ORDER BY notice.not_before LIMIT 1
    ) AS notice
    ORDER BY notice.lane LIMIT 1
) AS due
WHERE stream.state = 'running' AND (stream.id = %(stream)s OR %(stream)s IS NULL)
ORDER BY stream.id
"""


def due_streams(
    channel: str, now: dt.datetime, stream_id: int | None = None
) -> list[Due]:
    """Return the running streams with something due on a channel that may go now.

    What is left over from a Friday night waits for Monday's opening.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"channel": channel, "now": now, "stream": stream_id})
        due = [Due(*row) for row in cursor.fetchall()]
    if not due:
        return []
    streams = Stream.objects.filter(pk__in=[one.stream_id for one in due])
    is_open = {
        stream.pk for stream in streams.prefetch_related("brand") if stream.is_open(now)
    }
    return [one for one in due if one.stream_id in is_open]


def _hold_all(channel: str, clock: Clock, stream_id: int | None) -> Drained:
    """Hold notices of a channel that has no provider; staff decide."""
    done = Drained()
    token = uuid.uuid4()
    for due in due_streams(channel, clock(), stream_id):
        while ids := claim(
            stream_id=due.stream_id,
            channel=channel,
            now=clock(),
            size=MOST_BATCH,
            token=token,
        ):
            moves = [Move(pk, State.HELD, "NO_PROVIDER") for pk in ids]
            moved = move(token=token, source=State.CLAIMED, moves=moves)
            done.moved["held:NO_PROVIDER"] += len(moved)
    return done
