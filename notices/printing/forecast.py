"""What waits for the print room, and what an open run of it will take."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from notices.models import Brand, PrintRun, Stream
from notices.served import printed_channels


@dataclass(frozen=True, slots=True)
class Waiting:
    """Letters of a firm that a run would take now, and those of closed days."""

    brand: Brand
    channel: str
    ready: int
    later: int


def waiting(now: dt.datetime) -> list[Waiting]:
    """Return what waits for the print room, by firm and channel."""
    streams = (
        Stream.objects.filter(state=Stream.State.RUNNING)
        .select_related("brand")
        .defer("brand__logo")
    )
    by_stream = {stream.pk: stream for stream in streams}
    found: dict[tuple[int, str], Waiting] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            WAITING, [list(by_stream), list(printed_channels()), now, list(by_stream)]
        )
        for stream_id, channel, number in cursor.fetchall():
            stream = by_stream[stream_id]
            known = found.get((stream.brand_id, channel))
            ready, later = (known.ready, known.later) if known else (0, 0)
            if stream.is_open(now):
                ready += number
            else:
                later += number
            found[stream.brand_id, channel] = Waiting(
                stream.brand, channel, ready, later
            )
    return sorted(found.values(), key=lambda one: (one.brand.name, one.channel))


WAITING = """
SELECT notice.stream_id, notice.channel, count(*)
FROM notices_notice AS notice
WHERE notice.stream_id = ANY(%s) AND notice.channel = ANY(%s)
  AND notice.state = 'scheduled' AND notice.not_before <= %s
  AND notice.stream_id = ANY(%s)
  AND NOT EXISTS (
      SELECT FROM notices_printitem AS item
      WHERE item.notice_id = notice.id AND item.state IN ('waiting', 'printed')
  )
GROUP BY notice.stream_id, notice.channel
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an open run will take, before it is set: ``is_guess`` without history."""

    letters: int
    pages: int
    sheets: int
    is_guess: bool

    @property
    def sheets_saved(self) -> int:
        """Return how many sheets printing on both sides saves."""
        return max(self.pages - self.sheets, 0)


# By wording, since letters of the same words are about as long.
ESTIMATE = """
SELECT COALESCE(sum(wanted.letters), 0),
       COALESCE(sum(wanted.letters) FILTER (WHERE known.pages IS NOT NULL), 0),
       COALESCE(sum(wanted.letters * COALESCE(known.pages, 1)), 0),
       COALESCE(sum(wanted.letters * COALESCE(known.sheets, 1)), 0)
FROM (
    SELECT notice.template_id, count(*) AS letters
    FROM notices_printitem AS item
    JOIN notices_notice AS notice ON notice.id = item.notice_id
    WHERE item.run_id = %s AND item.state = 'waiting'
    GROUP BY notice.template_id
) AS wanted
LEFT JOIN LATERAL (
    SELECT avg(lately.pages - lately.blanks) AS pages, avg(lately.sheets) AS sheets
    FROM (
        SELECT printed.pages, printed.blanks, printed.sheets
        FROM notices_printitem AS printed
        JOIN notices_notice AS sent ON sent.id = printed.notice_id
        WHERE printed.state = 'printed' AND sent.template_id = wanted.template_id
        ORDER BY printed.id DESC LIMIT 200
    ) AS lately
) AS known ON true
"""


def estimate(run: PrintRun) -> Estimate:
    """Return what the waiting letters of a run will take, by their like of late."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE, [run.pk])
        letters, known, pages, sheets = cursor.fetchone()
    return Estimate(int(letters), round(pages), round(sheets), is_guess=known < letters)
