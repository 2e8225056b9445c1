"""What goes out next and what went: the messages of all campaigns by channel.

What is in line may run into millions: it is counted up to a cap. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import (
    Count,
    Q,
)

from campaigns.models import Campaign, Enrolment
from campaigns.today import DAY, WEEK, capped
from notices.models import Channel, Notice
from notices.states import State

# How large a mailing is still matters where one goes out.
CAP_IN_LINE = 10_000


@dataclass(frozen=True, slots=True)
class Going:
    """Messages in line by one channel: those that may go now, and within a day."""

    channel: str
    now: int
    next_day: int


# One walk along the claim's own index for each stream, channel and lane, which ends
# where nobody counts any further.
IN_LINE = """
SELECT channel.name, (
    SELECT count(*) FROM (
        SELECT FROM notices_stream AS stream
        CROSS JOIN generate_series(0, 2) AS lane (number)
        CROSS JOIN LATERAL (
            SELECT FROM notices_notice AS notice
            WHERE notice.stream_id = stream.id AND notice.channel = channel.name
              AND notice.state = 'scheduled' AND notice.lane = lane.number
              AND notice.not_before > span.after AND notice.not_before <= span.until
            ORDER BY notice.not_before LIMIT %(most)s
        ) AS notice
        WHERE stream.state = 'running'
        LIMIT %(most)s
    ) AS due
)
FROM unnest(%(channels)s::text[]) AS channel (name)
CROSS JOIN (VALUES
    (1, '-infinity', %(now)s::timestamptz),
    (2, %(now)s::timestamptz, %(tomorrow)s::timestamptz)
) AS span (number, after, until)
ORDER BY channel.name, span.number
"""


def going_out(now: dt.datetime) -> list[Going]:
    """Return what running campaigns have in line for the next 24 hours, each figure up
    to CAP_IN_LINE and one more: one query."""
    told: dict[str, Any] = {
        "channels": Channel.values,
        "now": now,
        "tomorrow": now + DAY,
        "most": CAP_IN_LINE + 1,
    }
    counts: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(IN_LINE, told)
        for channel, number in cursor.fetchall():
            counts.setdefault(channel, []).append(number)
    return [Going(channel, *both) for channel, both in counts.items() if any(both)]


def beginning(now: dt.datetime) -> list[Campaign]:
    """Return the campaigns that start by themselves within a day, the first first."""
    soon = Campaign.objects.filter(
        state=Campaign.State.PLANNED, planned_for__lte=now + DAY
    )
    return list(soon.select_related("brand").order_by("planned_for", "pk"))


def looked_at_next(day: dt.date) -> int:
    """Return how many invoices running campaigns look at by the end of tomorrow, up to
    CAP_IN_LINE and one more."""
    running = Campaign.State.RUNNING
    due = Enrolment.objects.due(day + DAY).filter(campaign__state=running)
    return capped(due, CAP_IN_LINE)


@dataclass(frozen=True, slots=True)
class Gone:
    """Messages handed over by one channel."""

    channel: str
    today: int
    week: int
    delivered: int


def gone_out(now: dt.datetime, zone: str) -> list[Gone]:
    """Return what went today and in the last 7 days, by channel: one query."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Notice.objects.gone_out()
        .filter(sent_at__gt=now - WEEK, sent_at__lte=now)
        .order_by()
        .values("channel")
        .annotate(
            today=Count("pk", filter=Q(sent_at__gte=midnight)),
            week=Count("pk"),
            arrived=Count("pk", filter=Q(state=State.DELIVERED)),
        )
        .order_by("channel")
    )
    return [
        Gone(row["channel"], row["today"], row["week"], row["arrived"]) for row in rows
    ]
