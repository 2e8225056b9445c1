"""When a limit of so many messages in a moving window lets the next one go.

Counts instants. Knows of no notice and no channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta


def released_at(
    now: datetime, sent: Iterable[datetime], limit: int | None, window: timedelta
) -> datetime | None:
    """Return when fewer than ``limit`` of ``sent`` lie in the window, in UTC.

    None where that is so at ``now`` already, or there is no limit. The result is
    always later than ``now``: a message leaves the window at its very end.
    """
    if limit is None or not sent:
        return None
    recent = sorted((moment for moment in sent if moment > now - window), reverse=True)
    if len(recent) < limit:
        return None
    return recent[limit - 1].astimezone(UTC) + window
