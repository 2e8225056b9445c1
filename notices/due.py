"""How much is due by each channel, as far as it matters: counted up to a limit.

One statement by the index of the claim; streams that are paused cost nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import connection

DUE = """
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
        cursor.execute(DUE, {"channels": list(channels), "now": now, "most": most})
        return dict(cursor.fetchall())
