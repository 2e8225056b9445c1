"""What is due by each channel: of which streams, and how much as far as it matters.

Each is one statement by the index of the claim; streams that are paused cost nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import connection

from notices.models import Stream
from notices.turns import Due

HOW_MANY = """
SELECT channel.name, (
    SELECT count(*) FROM (
        SELECT FROM notices_stream AS stream
        CROSS JOIN LATERAL (
            SELECT FROM notices_notice AS notice
            WHERE notice.stream_id = stream.id AND notice.channel = channel.name
              AND notice.state = 'scheduled' AND notice.lane IN (0, 1, 2)
              AND notice.not_before <= %(now)s
            -- As the index has it: hoping for an early row, a plan walks the table.
            ORDER BY notice.lane, notice.not_before LIMIT %(most)s
        ) AS notice
        WHERE stream.state = 'running'
        LIMIT %(most)s
    ) AS due
)
FROM unnest(%(channels)s::text[]) AS channel (name)
"""


def count_due(
    channels: Collection[str], *, now: dt.datetime, most: int
) -> dict[str, int]:
    """Return how many notices are due by each channel, ``most`` at most for each."""
    if not channels:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(HOW_MANY, {"channels": list(channels), "now": now, "most": most})
        return dict(cursor.fetchall())


WHICH = """
SELECT stream.id, stream.weight, due.lane
FROM notices_stream AS stream
CROSS JOIN LATERAL (
    SELECT notice.lane FROM generate_series(0, 2) AS lane (number)
    CROSS JOIN LATERAL (
        SELECT notice.lane FROM notices_notice AS notice
        WHERE notice.stream_id = stream.id AND notice.channel = %(channel)s
          AND notice.state = 'scheduled' AND notice.lane = lane.number
          AND notice.not_before <= %(now)s
        -- As the index has it: hoping for an early row, a plan walks the table.
        ORDER BY notice.not_before LIMIT 1
    ) AS notice
    ORDER BY notice.lane LIMIT 1
) AS due
WHERE stream.state = 'running' AND (stream.id = %(stream)s OR %(stream)s IS NULL)
ORDER BY stream.id
"""


def due_streams(
    channel: str, now: dt.datetime, stream_id: int | None = None
) -> list[Due]:
    """Return the running streams with something due on a channel that may go now.

    What is left over from a Friday night waits for Monday's opening.
    """
    with connection.cursor() as cursor:
        cursor.execute(WHICH, {"channel": channel, "now": now, "stream": stream_id})
        due = [Due(*row) for row in cursor.fetchall()]
    if not due:
        return []
    streams = Stream.objects.filter(pk__in=[one.stream_id for one in due])
    is_open = {
        stream.pk for stream in streams.prefetch_related("brand") if stream.is_open(now)
    }
    return [one for one in due if one.stream_id in is_open]
