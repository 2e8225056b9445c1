"""Sends what is due: claim, ask again, render, note the attempt, hand over, record.

The order is the promise. A batch of one stream is claimed; inside a second transaction,
with its customers locked, it is asked again whether each may go, rendered, and the
attempts and exact bytes are written (notices.readying); only then is the wire touched,
outside of any transaction, while the next batches are got ready (notices.feeding); what
came back is written in small groups beside that. A worker that dies leaves claims (they
go back into line) and attempts without a result, of which its journal tells the few
that may have left (the rest goes back into line; those few are unknown, and never sent
again blindly).
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection

from notices import lanes
from notices.claims import Clock, Move, claim, move
from notices.due import due_streams
from notices.feeding import MOST_BATCH, Feed
from notices.handovers import Result
from notices.journal import Journal
from notices.models import Stream
from notices.outbound import is_open, is_stopped
from notices.record import record_all
from notices.senders import Sender, SendError, sender_for
from notices.served import is_by_hand
from notices.settling import journals, settle
from notices.states import State
from notices.wire import Wire

# How often a drain looks up whether staff paused what it has in hand.
LOOK_UP_SECONDS = 1.0
# What is waited for before results are written; more may have come meanwhile.
GROUP_SIZE = 250
GROUP_SECONDS = 0.1


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
    # A journal goes only when the wire is closed and all it brought is written.
    with Journal(journals(), token) as journal, Wire(sender, journal) as wire:
        feed = Feed(
            channel=channel,
            clock=clock,
            stream_id=stream_id,
            token=token,
            sender=sender,
            wire=wire,
            stop_at=time.monotonic() + seconds,
        )
        work = _Work(clock, token, sender, wire, feed)
        # A sender without threads hands over within ours; and rows of a transaction
        # of the caller's are seen by no other connection.
        if not sender.width or connection.in_atomic_block:
            work.run_alone()
        else:
            work.run()
    # What was to ask whether its provider is back may not have gone after all.
    lanes.give_up_probe(token)
    work.done.moved.update(feed.moved)
    return work.done


@dataclass(slots=True)
class _Work:
    """One drain: writes what the wire brings, beside a feed or in turns with it."""

    clock: Clock
    token: uuid.UUID
    sender: Sender
    wire: Wire
    feed: Feed
    done: Drained = field(default_factory=Drained)
    looked_at: float = 0.0

    def run(self) -> None:
        """Write down what comes back for as long as anything may."""
        with self.feed:
            try:
                while self.feed.is_on or self.wire.in_hand:
                    self.feed.wait()
                    self._fetch()
            except BaseException:
                # Nobody will look whether staff stopped it: begin nothing more.
                self.wire.recall()
                raise

    def run_alone(self) -> None:
        """Feed and write in turns, on this thread and its connection."""
        while True:
            more = not self.feed.is_full and self.feed.put_next()
            if not more and not self.wire.in_hand:
                return
            if not more or self.feed.is_full:
                self._fetch()

    def _fetch(self) -> None:
        results = self.wire.fetch(least=GROUP_SIZE, seconds=GROUP_SECONDS)
        self._look_up()
        if not results:
            return
        self.feed.note_fetched(len(results))
        if any(isinstance(one.answer, SendError) for one in results):
            # What is claimed next hangs on what went wrong.
            with self.feed.held():
                self._write(results)
        else:
            self._write(results)
        self.feed.note_written(len(results))

    def _write(self, results: list[Result]) -> None:
        now = self.clock()
        self.done.moved.update(record_all(results, token=self.token, now=now))
        lanes.note_answers(self.sender.provider, [one.answer for one in results])

    def _look_up(self) -> None:
        """Take back what has not begun when staff paused or stopped meanwhile."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_UP_SECONDS or not self.wire.in_hand:
            return
        self.looked_at = now
        streams = Stream.objects.filter(pk__in=self.wire.streams())
        if is_stopped() or streams.exclude(state=Stream.State.RUNNING).exists():
            self.wire.recall()


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
