"""Notes who is at work: the clock, each pass, each worker, each channel's last claim.

One small row each, written every few seconds at most. Judges nothing; see
notices.watches.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection

from notices.models import Heartbeat

Kind = Heartbeat.Kind

# A worker that was not seen for so long has gone for good, and is forgotten.
FORGOTTEN_AFTER = dt.timedelta(hours=1)


def note_ring(*, now: dt.datetime) -> None:
    """Note that the clock (Celery beat) rang for a pass, and Redis took the ring."""
    _note(Heartbeat(name="beat", kind=Kind.BEAT, seen_at=now))


def note_pass(*, now: dt.datetime) -> None:
    """Note that a pass of the scheduler has begun."""
    _note(Heartbeat(name="pass", kind=Kind.PASS, seen_at=now))


def note_worker(
    *, name: str, queues: Iterable[str], hears_broker: bool, now: dt.datetime
) -> None:
    """Note that a worker lives, what it serves, and whether Redis answers it."""
    _note(
        Heartbeat(
            name=name,
            kind=Kind.WORKER,
            seen_at=now,
            queues=sorted(queues),
            hears_broker=hears_broker,
        ),
        "queues",
        "hears_broker",
    )


def forget_worker(*, name: str) -> None:
    """Forget a worker that was asked to stop: nobody need miss it."""
    Heartbeat.objects.filter(name=name, kind=Kind.WORKER).delete()


def note_claim(*, worker: str, channel: str, now: dt.datetime) -> None:
    """Note that a worker found messages of a channel to work on."""
    _note(Heartbeat(name=channel, kind=Kind.CHANNEL, seen_at=now))
    Heartbeat.objects.filter(name=worker, kind=Kind.WORKER).update(worked_at=now)


def forget_the_gone(*, now: dt.datetime) -> int:
    """Forget workers nobody has seen for an hour; return how many."""
    gone = Heartbeat.objects.filter(kind=Kind.WORKER, seen_at__lt=now - FORGOTTEN_AFTER)
    return gone.delete()[0]


TURN = """
INSERT INTO notices_heartbeat (name, kind, seen_at, queues, hears_broker)
VALUES (%(name)s, 'sweep', %(now)s, '{}', true)
ON CONFLICT (name) DO UPDATE SET seen_at = EXCLUDED.seen_at
WHERE notices_heartbeat.seen_at <= %(last)s
   OR notices_heartbeat.seen_at > %(now)s
"""


def is_turn_of(sweep: str, *, every: dt.timedelta, now: dt.datetime) -> bool:
    """Say whether a sweep's turn has come; of many that ask, one is told yes."""
    with connection.cursor() as cursor:
        cursor.execute(TURN, {"name": sweep, "now": now, "last": now - every})
        return bool(cursor.rowcount)


def _note(heartbeat: Heartbeat, *more: str) -> None:
    Heartbeat.objects.bulk_create(
        [heartbeat],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["seen_at", *more],
    )
