"""Hands messages to a provider over several connections, while others are got ready.

The threads here touch the provider and the journal, never the database: what came back
is fetched by the dispatcher, which writes it down. Knows no notice state.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from notices.journal import Journal
from notices.record import Handover, Result
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
        self._waiting: queue.SimpleQueue[Handover | None] = queue.SimpleQueue()
        self._answered: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._by_key: dict[str, Handover] = {}
        self._threads: list[threading.Thread] = []
        self._stop_at = float("inf")
        self._is_blocked = False

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
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        self._sender.__exit__(kind, error, trace)

    @property
    def in_hand(self) -> int:
        """How many messages were put in and have not been fetched as results."""
        return len(self._by_key)

    def streams(self) -> set[int]:
        """Return the streams of the messages in hand."""
        return {one.notice.stream_id for one in self._by_key.values()}

    def put(self, handovers: Sequence[Handover], stop_at: float) -> None:
        """Hand messages over; none is begun after ``stop_at`` (``time.monotonic``)."""
        self._stop_at = stop_at
        self._is_blocked = False
        self._by_key.update((one.outgoing.idempotency_key, one) for one in handovers)
        for handover in handovers:
            self._waiting.put(handover)
        while len(self._threads) < min(self._sender.width, self.in_hand):
            thread = threading.Thread(target=self._work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def recall(self) -> None:
        """Begin nothing more of what was put in: it comes back as untried."""
        self._stop_at = 0.0

    def fetch(self, *, least: int, seconds: float) -> list[Result]:
        """Return what was answered: all there is once it is ``least``, or time is up.

        Waits no longer than for what is in hand.
        """
        until = time.monotonic() + seconds
        found: list[Result] = []
        if not self._sender.width:
            self._work(least, until)
        while self._by_key:
            wait = until - time.monotonic() if len(found) < least else 0.0
            try:
                result = (
                    self._answered.get(timeout=wait)
                    if wait > 0
                    else (self._answered.get_nowait())
                )
            except queue.Empty:
                break
            self._by_key.pop(result.handover.outgoing.idempotency_key, None)
            found.append(result)
        return found

    def _work(self, most: float = math.inf, until: float = math.inf) -> None:
        """Hand over until there is no more, or enough; a fault breaks one message."""
        is_on = True
        while is_on:
            begun: list[Outgoing] = []
            try:
                for outgoing, answer in self._conversation(begun):
                    begun.clear()
                    self._note(outgoing, answer)
                    most -= 1
                    if most <= 0 or time.monotonic() > until:
                        break
                is_on = False
            except Exception:
                # Nobody knows what left, and the rest must still be recorded.
                log.exception("A message broke its sender")
                for outgoing in begun:
                    fault = SendError("fault of the sender", unknown=True)
                    self._note(outgoing, fault)

    def _conversation(self, begun: list[Outgoing]) -> Iterator[tuple[Outgoing, Answer]]:
        def leaves(outgoing: Outgoing) -> None:
            begun.append(outgoing)
            self._journal.leaves(outgoing.idempotency_key)

        if isinstance(self._sender, StreamSender):
            return self._sender.stream(self._take, leaves)
        return _one_by_one(self._sender, self._take, leaves)

    def _take(self, wait: bool) -> Outgoing | None:
        """Give the next message that may still begin; answer for those that may not."""
        while True:
            try:
                handover = self._waiting.get(block=wait and self._sender.width > 0)
            except queue.Empty:
                return None
            if handover is None:
                if not wait:
                    # The end of the line, met while only looking.
                    self._waiting.put(None)
                return None
            if self._is_blocked or time.monotonic() > self._stop_at:
                untried = SendError("no time left", untried=True)
                self._answered.put(Result(handover, untried))
                continue
            return handover.outgoing

    def _note(self, outgoing: Outgoing, answer: Answer) -> None:
        self._journal.answered(outgoing.idempotency_key, answer)
        if isinstance(answer, SendError) and (answer.backs_off or answer.stops_lane):
            # What waits behind it would only be told the same.
            self._is_blocked = True
        self._answered.put(Result(self._by_key[outgoing.idempotency_key], answer))


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
