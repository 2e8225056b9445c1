"""Hands messages to a provider over several connections, while others are got ready.

The threads here touch the provider and the journal, never the database: what came back
is fetched by the dispatcher, which writes it down, while others put in more. Knows no
notice state.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from notices.faults import kind_and_place
from notices.handovers import Handover, Result
from notices.journal import Journal
from notices.senders import (
    Outgoing,
    Receipt,
    Sender,
    SendError,
    StreamSender,
    Take,
)

log = logging.getLogger(__name__)

Answer = Receipt | SendError


class Wire:
    """The way to one provider, open for as long as a drain lasts.

    A sender without threads of its own hands over within :meth:`fetch`.
    """

    def __init__(self, sender: Sender, journal: Journal) -> None:
        self._sender = sender
        self._journal = journal
        self._waiting: queue.SimpleQueue[_Put | None] = queue.SimpleQueue()
        self._answered: deque[Result] = deque()
        # Set once there are as many answers as somebody waits for: to be woken by each
        # would cost more than writing them down.
        self._enough = threading.Event()
        self._wanted = 1
        # Put in by one thread while another fetches.
        self._hand = threading.Lock()
        self._by_key: dict[str, Handover] = {}
        self._weight = 0
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        self._recalls = 0

    def __enter__(self) -> Self:
        self._sender.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.recall()
        with self._hand:
            self._is_closed = True
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        self._sender.__exit__(kind, error, trace)

    @property
    def in_hand(self) -> int:
        """How many messages were put in and have not been fetched as results."""
        return len(self._by_key)

    @property
    def weight(self) -> int:
        """How many bytes the messages in hand have."""
        return self._weight

    def streams(self) -> set[int]:
        """Return the streams of the messages in hand."""
        with self._hand:
            return {one.notice.stream_id for one in self._by_key.values()}

    def put(self, handovers: Sequence[Handover], stop_at: float) -> None:
        """Hand messages over; none is begun after ``stop_at`` (``time.monotonic``).

        :raises RuntimeError: the wire is closed, and with it the journal.
        """
        with self._hand:
            if self._is_closed:
                raise RuntimeError("The wire is closed")
            self._by_key |= {one.outgoing.idempotency_key: one for one in handovers}
            self._weight += sum(len(one.outgoing.body) for one in handovers)
            for handover in handovers:
                self._waiting.put(_Put(handover, stop_at, self._recalls))
            while len(self._threads) < min(self._sender.width, self.in_hand):
                thread = threading.Thread(target=self._work, daemon=True)
                thread.start()
                self._threads.append(thread)

    def recall(self) -> None:
        """Begin nothing more of what was put in by now: it comes back as untried."""
        self._recalls += 1

    def fetch(self, *, least: int, seconds: float) -> list[Result]:
        """Return what was answered: all there is once it is ``least``, or time is up.

        Waits no longer than for what is in hand.

        :raises RuntimeError: nothing will ever come of it, as no thread is left.
        """
        until = time.monotonic() + seconds
        if not self._sender.width:
            self._work(least, until)
        self._wait_for(min(least, self.in_hand), until)
        found = [self._answered.popleft() for _ in range(len(self._answered))]
        with self._hand:
            for result in found:
                outgoing = result.handover.outgoing
                if self._by_key.pop(outgoing.idempotency_key, None) is not None:
                    self._weight -= len(outgoing.body)
        return found

    def _wait_for(self, wanted: int, until: float) -> None:
        """Wait until there are so many answers, or until no thread can bring any."""
        self._wanted = wanted
        while len(self._answered) < wanted:
            self._enough.clear()
            # Asked once more: it may have come before the clearing.
            left = until - time.monotonic()
            if len(self._answered) >= wanted or left <= 0:
                return
            if not self._enough.wait(left) and self._is_dead():
                raise RuntimeError("The threads of the wire are dead")

    def _is_dead(self) -> bool:
        """Whether nothing will ever come of what is in hand."""
        return (
            bool(self._threads)
            and not self._answered
            and not any(one.is_alive() for one in self._threads)
        )

    def _answer(self, result: Result) -> None:
        self._answered.append(result)
        if len(self._answered) >= self._wanted:
            self._enough.set()

    def _work(self, most: float = math.inf, until: float = math.inf) -> None:
        """Hand over until there is no more, or enough; a fault breaks one message."""
        is_on = True
        while is_on:
            talk = _Talk()
            try:
                for outgoing, answer in self._conversation(talk):
                    self._note(outgoing, answer)
                    talk.end(outgoing)
                    most -= 1
                    if most <= 0 or time.monotonic() > until:
                        break
                is_on = False
            except Exception as broken:
                # Nobody knows what left, and the rest must still be recorded.
                log.error("A message broke its sender: %s", kind_and_place(broken))
                for outgoing in talk.taken:
                    self._note(outgoing, _fault(broken, outgoing in talk.begun))

    def _conversation(self, talk: _Talk) -> Iterator[tuple[Outgoing, Answer]]:
        def take(wait: bool) -> Outgoing | None:
            outgoing = self._take(wait)
            if outgoing is not None:
                talk.taken.append(outgoing)
            return outgoing

        def leaves(outgoing: Outgoing) -> None:
            self._journal.leaves(outgoing.idempotency_key)
            talk.begun.append(outgoing)

        if isinstance(self._sender, StreamSender):
            return self._sender.stream(take, leaves)
        return _one_by_one(self._sender, take, leaves)

    def _take(self, wait: bool) -> Outgoing | None:
        """Give the next message that may still begin; answer for those that may not."""
        while True:
            try:
                put = self._waiting.get(block=wait and self._sender.width > 0)
            except queue.Empty:
                return None
            if put is None:
                if not wait:
                    # The end of the line, met while only looking.
                    self._waiting.put(None)
                return None
            if put.recalls != self._recalls or time.monotonic() > put.stop_at:
                untried = SendError("no time left", untried=True)
                self._answer(Result(put.handover, untried))
                continue
            return put.handover.outgoing

    def _note(self, outgoing: Outgoing, answer: Answer) -> None:
        self._journal.answered(outgoing.idempotency_key, answer)
        if isinstance(answer, SendError) and (answer.backs_off or answer.stops_lane):
            # What waits behind it would only be told the same.
            self.recall()
        self._answer(Result(self._by_key[outgoing.idempotency_key], answer))


@dataclass(frozen=True, slots=True)
class _Put:
    """A message in line: until when it may begin, and how often was recalled before.

    What is put in later gives it no more time, nor does it undo a recall.
    """

    handover: Handover
    stop_at: float
    recalls: int


@dataclass(slots=True)
class _Talk:
    """What a sender has in hand: taken from the line, and what of it may have left."""

    taken: list[Outgoing] = field(default_factory=list)
    begun: list[Outgoing] = field(default_factory=list)

    def end(self, outgoing: Outgoing) -> None:
        """Note that a message is answered."""
        self.taken.remove(outgoing)
        self.begun = [one for one in self.begun if one is not outgoing]


def _fault(broken: Exception, has_left: bool) -> SendError:
    """Return what is known of a message whose conversation broke."""
    if isinstance(broken, SendError) and not has_left:
        return broken
    return SendError("fault of the sender", unknown=has_left, untried=not has_left)


def _one_by_one(
    sender: Sender, take: Take, leaves: Callable[[Outgoing], None]
) -> Iterator[tuple[Outgoing, Answer]]:
    while (outgoing := take(True)) is not None:
        leaves(outgoing)
        try:
            answer: Answer = sender.send(outgoing)
        except SendError as error:
            answer = error
        yield outgoing, answer
