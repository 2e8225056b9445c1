"""Watches a worker from inside: is it alive to Redis, or only alive?

A worker can go on living without ever taking a ring again, after a lost connection
that neither side noticed. A thread beside its event loop looks every few seconds. When
rings wait in the worker's queues, Redis answers, and the worker has taken none for
too long while it had nothing in hand, the process ends itself: whoever supervises it
starts a new one. Nothing is lost, since rows are the queue.

Where Redis itself is away a new process would hear no more than this one, so the
worker stays and says so on the Health page. The same thread says that it lives.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import redis
from celery import bootsteps, signals
from celery.worker import state
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from notices import heartbeats

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
# The exit code of a temporary failure: start it again.
EXIT_CODE = 75
# A file of letters may take ten minutes; what runs longer was not ended by Celery's own
# time limit, so its worker hangs.
LONGEST_TASK = 660.0


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a worker. ``waiting`` is None when Redis did not answer."""

    waiting: int | None
    busy: bool
    idle_seconds: float


def is_stalled(look: Look, patience: float) -> bool:
    """Say whether a worker has stopped taking rings: some wait, and it takes none."""
    if look.waiting is None or look.busy:
        return False
    return look.waiting > 0 and look.idle_seconds > patience


class Progress:
    """When this worker last had something to do, as its event loop tells it."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def note(self, **_: object) -> None:
        """Note that a ring was taken, or that its task has ended."""
        self.last = time.monotonic()


class Watchdog(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """The thread, as a part of a Celery worker that starts and stops with it."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.progress = Progress()
        self.ended = threading.Event()
        # A last look must not write a worker down again that was just forgotten.
        self.writing = threading.Lock()

    def start(self, worker: Any) -> None:
        """Begin to look, every ten seconds or oftener with little patience."""
        signals.task_received.connect(self.progress.note)
        self.progress.note()
        thread = threading.Thread(
            target=self._look_on, args=(worker,), name="watchdog", daemon=True
        )
        thread.start()

    def stop(self, worker: Any) -> None:
        """End, and be missed by nobody: the worker was asked to stop."""
        self.ended.set()
        with self.writing:
            _quietly(lambda: heartbeats.forget_worker(name=worker.hostname))

    terminate = stop

    def _look_on(self, worker: Any) -> None:
        patience = float(settings.WATCHDOG_SECONDS)
        pause = min(LOOK_SECONDS, patience / 3)
        while True:
            self._look(worker, patience)
            if self.ended.wait(pause):
                return

    def _look(self, worker: Any, patience: float) -> None:
        queues = [str(name) for name in worker.app.amqp.queues.consume_from]
        look = Look(
            waiting=rings_waiting(queues),
            busy=_is_busy(),
            idle_seconds=time.monotonic() - self.progress.last,
        )
        with self.writing:
            if self.ended.is_set():
                return
            _quietly(
                lambda: heartbeats.note_worker(
                    name=worker.hostname,
                    queues=queues,
                    hears_broker=look.waiting is not None,
                    now=timezone.now(),
                )
            )
        if is_stalled(look, patience):
            log.critical(
                "%s rings wait and this worker has taken none for %.0f seconds: it "
                "ends itself, to be started again.",
                look.waiting,
                look.idle_seconds,
            )
            logging.shutdown()
            # No tidy end: what would tidy up is what hangs.
            os._exit(EXIT_CODE)
        if look.busy:
            self.progress.note()


def _is_busy() -> bool:
    """Say whether the worker has a task in hand that may still be at work."""
    oldest = time.time() - LONGEST_TASK
    requests = list(state.reserved_requests)
    return any((one.time_start or time.time()) > oldest for one in requests)


def rings_waiting(queues: Iterable[str]) -> int | None:
    """Return how many rings wait in these queues; None when Redis does not answer."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5
    )
    try:
        # Celery keeps each queue as a list of its own name.
        return sum(int(client.llen(name)) for name in queues)
    except redis.RedisError:
        return None
    finally:
        client.close()


def _quietly(write: Callable[[], None]) -> None:
    """Write a heartbeat; a database that is away must not end the worker."""
    try:
        write()
    except DatabaseError as error:
        log.warning("This worker cannot say that it lives: %s", error)
    finally:
        # A thread's own connection is not shared with the processes forked next to it.
        connections.close_all()


def note_ring(sender: str = "", **_: object) -> None:
    """Note, in the scheduler's own process, that a ring reached Redis."""
    if sender == "campaigns.tasks.tick":
        _quietly(lambda: heartbeats.note_ring(now=timezone.now()))
