"""The workers: queues, the one beat entry, and settings each with its reason.

PostgreSQL is the queue and the truth; Redis only rings the bell. A task is "drain
this stream's channel for a while" or "make one pass", safe to run twice, and losing
Redis loses nothing: the next beat rings again.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any

from celery import Celery
from celery.signals import (
    after_task_publish,
    beat_init,
    task_postrun,
    task_prerun,
    worker_process_init,
)
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from config.collector import leave_what_stays

# One queue per kind of work, so that letters never stand in front of e-mail.
QUEUES = ("tick", "email", "sms", "call", "letter", "postcard", "intake")

app = Celery("duly", broker=settings.REDIS_URL)
app.conf.update(
    # Each with a routing key of its own: by default all would hear every ring.
    task_queues=[Queue(name, Exchange("duly"), routing_key=name) for name in QUEUES],
    task_default_queue="tick",
    task_default_exchange="duly",
    task_default_routing_key="tick",
    # A misspelt queue is an error, not a new queue that nobody serves.
    task_create_missing_queues=False,
    # JSON only: a message from Redis can never run code.
    task_serializer="json",
    accept_content=["json"],
    # Results live in PostgreSQL; a result backend would only slow the work.
    task_ignore_result=True,
    # A killed worker's ring is rung again; safe, since rows hold the state.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # Take one ring at a time: a hoarded ring is a late or doubled one.
    worker_prefetch_multiplier=1,
    # Far longer than the longest task, so that no ring is rung while it is worked.
    # And a Redis that is silent is noticed: without a timeout a ring would wait for
    # ever on a connection that is gone, and Celery's health checks never run.
    broker_transport_options={
        "visibility_timeout": 900,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    },
    # Well above the 40 seconds a drain gives itself, and the half minute of a tick.
    task_time_limit=120,
    # A lost connection may ring twice; two drains at once are harmless, while a drain
    # cut off in a hand-over leaves messages nobody knows the fate of.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # On SIGTERM a batch is finished, not cut.
    worker_soft_shutdown_timeout=30,
    # Nothing is sent with an ETA; one that strayed in must not fill a worker.
    worker_eta_task_limit=100,
    # WeasyPrint and friends leak a little: recycle now and then.
    worker_max_tasks_per_child=500,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_schedule={
        # The one clock: every pass asks the database what is due. A ring that was
        # not heard before the next one is of no use, hence it expires.
        "tick": {
            "task": "campaigns.tasks.tick",
            "schedule": 10.0,
            "options": {"queue": "tick", "expires": 10},
        },
    },
)
# By name, and imported late: a heartbeat is a row, and models are not loaded yet.
app.steps["worker"].add("config.watchdog:Watchdog")


@worker_process_init.connect
def _leave_what_stays(**_: Any) -> None:
    leave_what_stays()


@beat_init.connect
def _note_each_ring(**_: object) -> None:
    """Have the clock note that it rings, in its own process."""
    from config.watchdog import note_ring

    after_task_publish.connect(note_ring)


_at_work: dict[str, AbstractContextManager[None]] = {}


@task_prerun.connect
def _say_who_works(task_id: str = "", task: Any = None, **_: object) -> None:
    """Have what a task changes be known as its work (AuditEntry)."""
    from customers.acting import acting_as

    _at_work[task_id] = acting_as(f"task {task.name}")
    _at_work[task_id].__enter__()


@task_postrun.connect
def _work_is_done(task_id: str = "", **_: object) -> None:
    """End what began with the task; it is told of failed tasks too."""
    working = _at_work.pop(task_id, None)
    if working is not None:
        working.__exit__(None, None, None)


app.autodiscover_tasks(["campaigns", "notices"])
