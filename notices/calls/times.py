"""When to call somebody again who was not reached: at another hour, never at night.

Pure. Zones are IANA names, the customer's own first; all instants are aware.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from consent.quiet_hours import Quiet, closes_at, opens_at

# Calls that reach nobody before the ladder takes another way.
MOST_TRIES = 3
# How long after a call another may follow, by what came of it.
AFTER_BUSY = timedelta(hours=1)
DAYS_AFTER = {"no_answer": 1, "message": 2}

# Who does not answer in the morning may do so after work, and the other way round.
NOON = time(13)
LATER_HOUR = time(16, 30)
EARLIER_HOUR = time(10)
A_DAY = timedelta(days=1)


def next_try(
    now: datetime, *, outcome: str, zones: tuple[str, ...], quiet: Quiet
) -> datetime:
    """Return when to call again after ``no_answer``, ``busy`` or ``message``, in UTC.

    ``zones`` names at least one. A moment in quiet hours is moved to their end; where
    the zones' hours never meet, the gate will ask staff.
    """
    if outcome == "busy":
        wanted = now + AFTER_BUSY
    else:
        local = now.astimezone(ZoneInfo(zones[0]))
        hour = LATER_HOUR if local.time() < NOON else EARLIER_HOUR
        day = local.date() + timedelta(days=DAYS_AFTER[outcome])
        wanted = datetime.combine(day, hour, ZoneInfo(zones[0]))
    return in_hours(wanted.astimezone(UTC), zones=zones, quiet=quiet)


def in_hours(moment: datetime, *, zones: tuple[str, ...], quiet: Quiet) -> datetime:
    """Return the moment, or when quiet hours end after it."""
    if closes_at(moment, zones, quiet) is not None:
        return moment
    return opens_at(moment, zones, quiet) or moment


def callable_until(now: datetime, *, zones: tuple[str, ...], quiet: Quiet) -> datetime:
    """Return when the first zone's quiet hours begin; a day on where none are kept."""
    if quiet.is_whole_day or not zones:
        return now + A_DAY
    return closes_at(now, zones, quiet) or now
