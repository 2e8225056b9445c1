"""When a message may ring at a customer's: inside the daily window of every zone.

Says whether a moment lies in the window of all zones a customer may live in, when
the first of those windows closes, and when they are next open together. Knows of no
notice, no channel and no customer; a zone is only its IANA name.

A window is half-open, [start, end), on the local calendar date. Where the clocks
change inside it, the doubtful hour counts as quiet: of two readings of a wall-clock
time the later one opens and the earlier one closes the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# What libphonenumber answers for a number that belongs to no place.
PLACELESS = "Etc/Unknown"

_DAY_MINUTES = 24 * 60
# Two zones whose windows do not meet within a week will meet, if at all, only in the
# odd weeks between two clock changes: too far off to wait for without asking staff.
_DAYS_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Quiet:
    """The daily window in which contact is allowed, in local minutes from midnight.

    ``start`` is the first minute allowed, ``end`` the first one that is not;
    1440 stands for the end of the day.
    """

    start: int
    end: int

    @classmethod
    def between(cls, start: time | None, end: time | None) -> Quiet:
        """Return the window from ``start`` to ``end``; None is the edge of the day."""
        return cls(
            0 if start is None else start.hour * 60 + start.minute,
            _DAY_MINUTES if end is None else end.hour * 60 + end.minute,
        )

    @property
    def is_whole_day(self) -> bool:
        """Whether every hour is allowed, so that no zone needs to be known."""
        return self.start == 0 and self.end == _DAY_MINUTES

    @property
    def is_possible(self) -> bool:
        """Whether the window opens before it closes, inside one day."""
        return 0 <= self.start < self.end <= _DAY_MINUTES


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, or None where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def closes_at(now: datetime, zones: tuple[str, ...], quiet: Quiet) -> datetime | None:
    """Return when the first of the windows open at ``now`` closes, in UTC.

    None where ``now`` is a quiet hour in at least one zone, or no zone is given.
    """
    first: datetime | None = None
    for name in zones:
        opens, closes = _window_around(now, name, quiet)
        if not opens <= now < closes:
            return None
        if first is None or closes < first:
            first = closes
    return first


def opens_at(now: datetime, zones: tuple[str, ...], quiet: Quiet) -> datetime | None:
    """Return the first moment after ``now`` that every zone's window contains, in UTC.

    None where the windows have no common moment in the days ahead.
    """
    # Windows that overlap begin to do so when the last of them opens.
    for opening in sorted({*_openings_after(now, zones, quiet)}):
        if closes_at(opening, zones, quiet) is not None:
            return opening
    return None


def _openings_after(
    now: datetime, zones: tuple[str, ...], quiet: Quiet
) -> Iterator[datetime]:
    for name in zones:
        today = now.astimezone(_known_zone(name)).toordinal()
        for day in range(today, today + _DAYS_AHEAD + 1):
            opens, _ = _window(name, day, quiet.start, quiet.end)
            if opens > now:
                yield opens


def _window_around(
    moment: datetime, name: str, quiet: Quiet
) -> tuple[datetime, datetime]:
    local_day = moment.astimezone(_known_zone(name)).toordinal()
    return _window(name, local_day, quiet.start, quiet.end)


@lru_cache(maxsize=8192)
def _window(name: str, day: int, start: int, end: int) -> tuple[datetime, datetime]:
    """Return the UTC moments at which a zone's window opens and closes on a day.

    On a day whose window the clock change swallows, it opens no earlier than it
    closes and so contains nothing.
    """
    opens = _readings(name, day, start)
    closes = _readings(name, day, end)
    return max(opens), min(closes)


def _readings(name: str, day: int, minute: int) -> tuple[datetime, datetime]:
    """Return both UTC readings of a local time; they differ at a clock change only."""
    midnight = datetime.combine(date.fromordinal(day), time(), _known_zone(name))
    local = midnight + timedelta(minutes=minute)
    return (
        local.replace(fold=0).astimezone(UTC),
        local.replace(fold=1).astimezone(UTC),
    )


def _known_zone(name: str) -> ZoneInfo:
    zone = zone_of(name)
    if zone is None:
        raise ValueError(f"There is no time zone called {name!r}.")
    return zone
