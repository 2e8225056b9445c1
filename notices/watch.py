"""One thing that is watched: how it stands, what was seen, what to do. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

# The clock rings every ten seconds, and a worker is seen every ten.
UNEASY = dt.timedelta(seconds=40)
DEAD = dt.timedelta(seconds=90)
# Counted to this and one more: what lies past it is not worth the wait.
MOST_COUNTED = 10_000


class Level(IntEnum):
    """How a watch stands; the worst of several is the highest."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Watch:
    """One line of the Health page; ``lane`` is one that staff may have tried again."""

    key: str
    title: str
    level: Level
    value: str
    advice: str = ""
    since: dt.datetime | None = None
    lane: str = ""


def age_level(moment: dt.datetime | None, now: dt.datetime) -> Level:
    """Return how well something is that was last seen then, or never."""
    if moment is None or now - moment > DEAD:
        return Level.RED
    return Level.AMBER if now - moment > UNEASY else Level.GREEN


def messages(number: int) -> str:
    """Return how many messages, none of it guessed: "More than 10,000 messages"."""
    if number == 1:
        return "1 message"
    if number > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} messages"
    return f"{number:,} messages"


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """Return how long ago something was: "4 seconds ago", "3 days ago"."""
    return f"{span(now - moment)} ago"


def span(time: dt.timedelta) -> str:
    """Return a length of time in its largest unit of which there are two."""
    seconds = max(0, int(time.total_seconds()))
    for size, noun in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size:,} {noun}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
