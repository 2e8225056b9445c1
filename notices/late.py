"""Messages that nobody should be surprised by: too late, or past their use.

After days without workers, what was composed before the outage waits for staff instead
of going out in one flood; and what is past its last day is closed, or put before
staff where the law asked for it. Both are one statement over the notices in line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from customers.calendars import bank_days
from notices.models import Heartbeat, ProviderLane, Stream
from notices.served import BY_HAND, lane_of
from notices.states import State, check_move

LATE = "LATE"


def latest_acceptable(
    now: dt.datetime,
    *,
    hours: int,
    zone: ZoneInfo,
    is_open: Callable[[dt.date], bool],
) -> dt.datetime:
    """Return the instant before which something planned is too late to just go.

    It lies ``hours`` back, counted on open days alone: what Friday left over is not
    late on Monday. A firm that has been closed for a month has nothing that is late.
    """
    left = dt.timedelta(hours=hours)
    moment = now.astimezone(dt.UTC)
    day = now.astimezone(zone).date()
    for _ in range(hours // 24 + 32):
        # In UTC, so that the night in which clocks change has its own length.
        midnight = dt.datetime.combine(day, dt.time(0), zone).astimezone(dt.UTC)
        if is_open(day):
            if moment - midnight >= left:
                return moment - left
            left -= moment - midnight
        moment = midnight
        day -= dt.timedelta(days=1)
    return moment


def stream_is_late_before(stream: Stream, now: dt.datetime) -> dt.datetime:
    """Return the latest acceptable start of what a stream planned."""
    return latest_acceptable(
        now,
        hours=stream.late_after_hours,
        zone=ZoneInfo(stream.brand.time_zone),
        is_open=bank_days(stream.bank_days),
    )


HOLD_LATE = """
UPDATE notices_notice AS notice
SET state = 'held', reason = %(reason)s
FROM unnest(%(streams)s::bigint[], %(channels)s::text[], %(limits)s::timestamptz[])
    AS late (stream_id, channel, before)
WHERE notice.stream_id = late.stream_id AND notice.channel = late.channel
  AND notice.state = 'scheduled' AND notice.not_before < late.before
"""


def hold_late(*, now: dt.datetime) -> int:
    """Hold what should have gone before an outage; return how many.

    An outage is a channel of which no worker claimed anything since, or whose provider
    has taken nothing since: a long campaign that is being worked off is slow, not
    late, and so is what waits for a provider that was away for less. Nor is late what
    staff have set going since then, nor paper, which waits for people anyway.
    """
    check_move(State.SCHEDULED, State.HELD)
    claims: dict[str, dt.datetime] = dict(
        Heartbeat.objects.filter(kind=Heartbeat.Kind.CHANNEL).values_list(
            "name", "seen_at"
        )
    )
    claims |= _failing_since()
    running = Stream.objects.filter(state=Stream.State.RUNNING).select_related("brand")
    asked = ("bank_days", "late_after_hours", "running_since", "brand__time_zone")
    late = [
        (stream.pk, channel, limit)
        for stream in running.only(*asked)
        if _before(stream.running_since, limit := stream_is_late_before(stream, now))
        for channel, sender in settings.CHANNELS.items()
        if sender not in BY_HAND and _before(claims.get(channel), limit)
    ]
    if not late:
        return 0
    streams, channels, limits = zip(*late, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            HOLD_LATE,
            {
                "reason": LATE,
                "streams": list(streams),
                "channels": list(channels),
                "limits": list(limits),
            },
        )
        held: int = cursor.rowcount
    return held


def _failing_since() -> dict[str, dt.datetime]:
    """Return since when the provider of each channel has been away, where it is.

    A worker had messages for it in hand then, whenever that was noted last; the
    messages that ask again and again since are not work.
    """
    failing = {
        lane.name: lane.failing_since
        for lane in ProviderLane.objects.all()
        if lane.failing_since is not None
    }
    return {
        channel: failing[lane]
        for channel in settings.CHANNELS
        if (lane := lane_of(channel)) in failing
    }


def _before(moment: dt.datetime | None, limit: dt.datetime) -> bool:
    return moment is None or moment < limit


# In line and due, by the index of the claim; held, by the index of what needs staff. A
# worker that has one of them in hand at this moment asks the same of it itself.
EXPIRE = """
WITH in_line AS MATERIALIZED (
    SELECT id FROM notices_notice
    WHERE state = 'scheduled' AND not_before <= %(now)s AND not_after < %(now)s
    FOR UPDATE SKIP LOCKED
), held AS MATERIALIZED (
    SELECT id FROM notices_notice
    WHERE state = 'held' AND legal = 'none' AND not_after < %(now)s
    FOR UPDATE SKIP LOCKED
)
UPDATE notices_notice AS notice
SET state = CASE notice.legal WHEN 'none' THEN 'expired' ELSE 'held' END,
    reason = CASE notice.legal WHEN 'none' THEN 'NOTICE_EXPIRED'
        ELSE 'NOTICE_DEADLINE_MISSED' END
FROM (SELECT id FROM in_line UNION ALL SELECT id FROM held) AS over
WHERE notice.id = over.id
RETURNING notice.state
"""


def expire(*, now: dt.datetime) -> tuple[int, int]:
    """Close what is past its use; return how many expired, and how many that the law
    asks for were put before staff instead of ending in silence."""
    check_move(State.SCHEDULED, State.EXPIRED)
    check_move(State.HELD, State.EXPIRED)
    check_move(State.SCHEDULED, State.HELD)
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, {"now": now})
        states = [row[0] for row in cursor.fetchall()]
    expired = states.count(State.EXPIRED)
    return expired, len(states) - expired
