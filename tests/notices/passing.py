"""Time that passes in tests, and where a notice stands after it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import connection

from notices import dispatch
from notices.models import Notice, Stream
from tests.factories import NOW

# Less than the shortest pause of a lane: a drain of a test never sits one out.
SECONDS = 2.0


def drain(
    stream: Stream, channel: str = "email", at: dt.datetime = NOW
) -> Counter[str]:
    """Send what is due of a stream, judged by ``at``."""
    done = dispatch.drain(
        stream_id=stream.pk, channel=channel, clock=lambda: at, seconds=SECONDS
    )
    return done.moved


def state_of(notice: Notice) -> tuple[str, str]:
    """Return where a notice stands now, and why."""
    notice.refresh_from_db()
    return notice.state, notice.reason


def time_passes() -> None:
    """End the pauses of providers' lanes; what failed there stays remembered."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_providerlane SET closed_until = NULL")


def expire_leases() -> None:
    """Let every claim's lease run out, as if its worker had been silent too long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_notice SET lease_until = now() - interval '1 second'"
            " WHERE lease_until IS NOT NULL"
        )
