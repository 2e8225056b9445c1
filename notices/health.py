"""What the Health page, the banner and /metrics ask: a handful of small questions.

Every one is answered by a partial index or a table of a few rows, so that it costs
the same at a million notices as at ten. What the answers mean is notices.watches.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import redis
from django.conf import settings
from django.db import connection

from consent import roots
from notices.due import count_due
from notices.models import Heartbeat, Notice, Outbound, ProviderLane, Stream
from notices.models.watch import ONLY_ROW
from notices.served import BY_HAND, PRINT_ROOM, lane_of
from notices.states import State
from notices.watch import MOST_COUNTED
from notices.watched import Facts, Ledger, Oldest, Provider, Switch, Worker

Kind = Heartbeat.Kind

BROKER_SECONDS = 2.0
# How far ahead a message may have been put that waits for a closed lane.
TURNED_AWAY = dt.timedelta(minutes=5)


def facts(*, now: dt.datetime, ask_broker: bool = False, brief: bool = False) -> Facts:
    """Return all there is to judge: nine queries at most.

    ``ask_broker`` also asks Redis itself, for up to two seconds; without it the word
    of the workers counts. ``brief`` leaves the messages out: three tables of a few
    rows, for the top of every page, and what waits while a provider is away.
    """
    beats = list(Heartbeat.objects.exclude(kind=Kind.SWEEP))
    seen = {beat.name: beat.seen_at for beat in beats if beat.kind != Kind.WORKER}
    return Facts(
        switch=_switch(),
        rang_at=seen.get("beat"),
        passed_at=seen.get("pass"),
        workers=tuple(
            Worker(
                name=beat.name,
                queues=tuple(beat.queues),
                seen_at=beat.seen_at,
                claimed_at=beat.worked_at,
                hears_broker=beat.hears_broker,
            )
            for beat in sorted(beats, key=lambda beat: beat.name)
            if beat.kind == Kind.WORKER
        ),
        claimed_at={
            beat.name: beat.seen_at for beat in beats if beat.kind == Kind.CHANNEL
        },
        needed_queues=needed_queues(),
        providers=_providers(now),
        oldest=() if brief else oldest_due(now=now),
        unknown=0 if brief else _capped(State.UNKNOWN),
        paused_for_safety=() if brief else _paused_for_safety(),
        broker_answers=broker_answers() if ask_broker else None,
        ledger=Ledger() if brief else Ledger(*roots.waiting()),
    )


def needed_queues() -> tuple[str, ...]:
    """Return the queues without whose workers something would not be done."""
    served = settings.CHANNELS
    sent = {channel for channel, sender in served.items() if sender != PRINT_ROOM}
    # Whatever is printed is printed by the workers of letters.
    printed = {"letter"} if PRINT_ROOM in served.values() else set()
    return ("tick", "intake", *sorted(sent | printed))


def _switch() -> Switch:
    row = Outbound.objects.get(pk=ONLY_ROW)
    return Switch(
        stopped_at=row.stopped_at,
        stopped_by=row.stopped_by,
        is_copy=row.cause == Outbound.Cause.COPY,
        reason=row.reason,
    )


def _providers(now: dt.datetime) -> tuple[Provider, ...]:
    """Return the lanes that serve a channel, with what waits behind a closed one."""
    served: dict[str, list[str]] = {}
    for channel in settings.CHANNELS:
        if lane := lane_of(channel):
            served.setdefault(lane, []).append(channel)
    rows = list(ProviderLane.objects.filter(name__in=served))
    closed = [row.name for row in rows if row.stopped_at or row.failures]
    channels = [channel for name in closed for channel in served[name]]
    # What a busy provider turned away was put behind the others, for a minute.
    due = count_due(channels, now=now + TURNED_AWAY, most=MOST_COUNTED + 1)
    return tuple(
        Provider(
            name=row.name,
            channels=tuple(sorted(served[row.name])),
            per_second=row.per_second,
            failures=row.failures,
            failing_since=row.failing_since,
            closed_until=row.closed_until,
            stopped_at=row.stopped_at,
            reason=row.reason,
            waiting=sum(due.get(channel, 0) for channel in served[row.name]),
        )
        for row in rows
    )


def _capped(state: State) -> int:
    return Notice.objects.filter(state=state).order_by()[: MOST_COUNTED + 1].count()


def _paused_for_safety() -> tuple[tuple[str, str], ...]:
    unsafe = Stream.objects.filter(state=Stream.State.PAUSED).exclude(safety_reason="")
    named = unsafe.order_by("label").values_list("label", "safety_reason")
    return tuple(named[:20])


# One probe of the claim's own index for each stream, channel and lane.
OLDEST = """
SELECT stream.id, channel.name, lane.number, oldest.not_before
FROM notices_stream AS stream
CROSS JOIN unnest(%(channels)s::text[]) AS channel (name)
CROSS JOIN unnest(%(lanes)s::smallint[]) AS lane (number)
CROSS JOIN LATERAL (
    SELECT notice.not_before FROM notices_notice AS notice
    WHERE notice.stream_id = stream.id AND notice.channel = channel.name
      AND notice.lane = lane.number AND notice.state = 'scheduled'
      AND notice.not_before <= %(now)s
    ORDER BY notice.not_before LIMIT 1
) AS oldest
WHERE stream.state = 'running'
"""


def oldest_due(*, now: dt.datetime) -> tuple[Oldest, ...]:
    """Return since when the oldest due notice of each channel and lane could go.

    What waits for its stream's days and hours, or for the print room, is not due.
    """
    sent = [name for name, via in settings.CHANNELS.items() if via not in BY_HAND]
    with connection.cursor() as cursor:
        cursor.execute(
            OLDEST, {"channels": sent, "lanes": Notice.Lane.values, "now": now}
        )
        rows = cursor.fetchall()
    opened = _opened({row[0] for row in rows}, now)
    since: dict[tuple[str, int], dt.datetime] = {}
    for stream_id, channel, lane, not_before in rows:
        if stream_id in opened:
            could_go = max(not_before, opened[stream_id])
            key = (channel, lane)
            since[key] = min(since.get(key, could_go), could_go)
    return tuple(
        Oldest(channel, Notice.Lane(lane).name.lower(), when)
        for (channel, lane), when in sorted(since.items())
    )


def _opened(stream_ids: set[int], now: dt.datetime) -> dict[int, dt.datetime]:
    """Return since when each stream that is open now has been open."""
    streams = Stream.objects.filter(pk__in=stream_ids).select_related("brand")
    opened = {}
    asked = ("bank_days", "opens_at", "running_since", "brand__time_zone")
    for stream in streams.only(*asked):
        if stream.is_open(now):
            zone = ZoneInfo(stream.brand.time_zone)
            today = now.astimezone(zone).date()
            opening = dt.datetime.combine(today, stream.opens_at, zone)
            opened[stream.pk] = max(opening, stream.running_since or opening)
    return opened


def broker_answers() -> bool:
    """Say whether Redis answers within two seconds."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=BROKER_SECONDS,
        socket_connect_timeout=BROKER_SECONDS,
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
