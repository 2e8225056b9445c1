"""Pauses a stream by itself when too many of its messages fail or are complained of.

One statement looks at the newest hand-overs of all streams: no counters to keep, no
index of its own. A stream that is set to run again is judged by what went since.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from notices.models import Stream

log = logging.getLogger(__name__)

# Hand-overs one look goes through: enough for a rate of a few in a thousand, and some
# tens of milliseconds.
WINDOW = 5000
# What went before has been judged.
OLDEST = dt.timedelta(days=3)

# A notice that failed at the door or bounced later says so in its state; a complaint
# leaves it delivered and stands among the events.
RATES = """
WITH newest AS MATERIALIZED (
    SELECT DISTINCT notice.id, notice.stream_id, notice.channel,
                    notice.state, notice.reason FROM (
        SELECT notice_id, started_at, finished_at FROM notices_attempt
        ORDER BY id DESC LIMIT %(window)s
    ) AS attempt
    JOIN notices_notice AS notice ON notice.id = attempt.notice_id
    JOIN notices_stream AS stream ON stream.id = notice.stream_id
    WHERE stream.state = 'running' AND attempt.finished_at IS NOT NULL
      AND attempt.started_at >= GREATEST(
          COALESCE(stream.running_since, '-infinity'), %(oldest)s)
), complained AS MATERIALIZED (
    SELECT DISTINCT notice.id, notice.stream_id, notice.channel FROM (
        SELECT notice_id, kind, occurred_at FROM notices_deliveryevent
        ORDER BY id DESC LIMIT %(window)s
    ) AS event
    JOIN notices_notice AS notice ON notice.id = event.notice_id
    JOIN notices_stream AS stream ON stream.id = notice.stream_id
    WHERE event.kind = 'complaint' AND stream.state = 'running'
      AND event.occurred_at >= GREATEST(
          COALESCE(stream.running_since, '-infinity'), %(oldest)s)
)
SELECT notice.stream_id, notice.channel, count(*),
       count(*) FILTER (WHERE notice.state = 'failed'
                        AND NOT notice.reason = ANY(%(soft)s)),
       count(*) FILTER (WHERE notice.state = 'failed'
                        AND notice.reason = ANY(%(soft)s)),
       (SELECT count(*) FROM complained
        WHERE complained.stream_id = notice.stream_id
          AND complained.channel = notice.channel)
FROM newest AS notice GROUP BY notice.stream_id, notice.channel
"""

# Reasons that speak of a full or silent mailbox, not of an address that is wrong.
SOFT = ("soft_bounce", "soft_limit", "gave_up", "did_not_arrive")


@dataclass(frozen=True, slots=True)
class Rates:
    """What became of one stream's newest messages by one channel."""

    sent: int
    hard: int
    soft: int
    complaints: int

    def verdict(self) -> str:
        """Return why the stream must pause, as the end of a sentence; blank if not."""
        limits = settings.BREAKERS
        if self.complaints >= limits.least_complaints and (
            self.complaints * 1000 >= limits.complaints_per_mille * self.sent
        ):
            return f"{self._of(self.complaints)} were marked as spam"
        if self.sent < limits.least_messages:
            return ""
        if self.hard * 100 >= limits.hard_percent * self.sent:
            return f"{self._of(self.hard)} reached no address that exists"
        if self.soft * 100 >= limits.soft_percent * self.sent:
            return f"{self._of(self.soft)} could not be delivered for now"
        return ""

    def _of(self, number: int) -> str:
        return f"{number:,} of the last {self.sent:,} messages"


def rates(*, now: dt.datetime) -> dict[tuple[int, str], Rates]:
    """Return the rates of every running stream and channel with newer hand-overs."""
    with connection.cursor() as cursor:
        cursor.execute(
            RATES, {"window": WINDOW, "oldest": now - OLDEST, "soft": list(SOFT)}
        )
        return {(row[0], row[1]): Rates(*row[2:]) for row in cursor.fetchall()}


def trip(*, now: dt.datetime) -> dict[int, str]:
    """Pause the streams whose messages fail too often; return them with the reason."""
    tripped = {
        stream_id: reason
        for (stream_id, _), rate in rates(now=now).items()
        if (reason := rate.verdict())
    }
    return {pk: reason for pk, reason in tripped.items() if pause(pk, reason)}


@transaction.atomic
def pause(stream_id: int, reason: str) -> bool:
    """Pause one running stream for safety; False when it runs no more."""
    paused = Stream.objects.filter(pk=stream_id, state=Stream.State.RUNNING).update(
        state=Stream.State.PAUSED, safety_reason=reason[:200]
    )
    if paused:
        log.error("Stream %s is paused for safety: %s.", stream_id, reason)
    return bool(paused)
