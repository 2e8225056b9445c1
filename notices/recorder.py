"""Writes down what came back while the next messages are got ready.

PostgreSQL takes as long to write a result as we take to write a message; a thread with
a connection of its own lets the two go on side by side. Where something went wrong the
drain waits until that is written, since what it claims next hangs on it.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from django.db import connection

from notices.record import Result
from notices.senders import SendError

Write = Callable[[Sequence[Result]], Counter[str]]
# Groups that may wait to be written: more would only put more in doubt at a crash.
MOST_WAITING = 8


class Recorder:
    """Calls ``write`` for each group of results, in order.

    :param inline: at once and on the caller's own connection, as within a transaction
        of the caller's, whose rows no other connection sees.

    ``moved`` counts what ``write`` returned; it is whole when the recorder is closed.
    An error of ``write`` is raised by the next call, or at the end.
    """

    def __init__(self, write: Write, *, inline: bool) -> None:
        self.moved: Counter[str] = Counter()
        self._write = write
        self._groups: queue.Queue[Sequence[Result] | None] = queue.Queue(MOST_WAITING)
        self._fault: BaseException | None = None
        self._thread = None if inline else threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is None:
            return
        self._groups.put(None)
        self._thread.join()
        if kind is None:
            self._raise()

    def put(self, results: Sequence[Result]) -> None:
        """Let a group be written; returns when it is, if any of it went wrong."""
        if self._thread is None:
            self.moved.update(self._write(results))
            return
        self._raise()
        self._groups.put(results)
        if any(isinstance(one.answer, SendError) for one in results):
            self._groups.join()
            self._raise()

    def _raise(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _work(self) -> None:
        try:
            while (results := self._groups.get()) is not None:
                self._write_one(results)
                self._groups.task_done()
        finally:
            connection.close()

    def _write_one(self, results: Sequence[Result]) -> None:
        """Write a group unless one before it failed: the journal then tells of both."""
        if self._fault is not None:
            return
        try:
            self.moved.update(self._write(results))
        except BaseException as fault:
            self._fault = fault
