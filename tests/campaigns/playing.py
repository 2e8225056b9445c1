"""Days that are played through, as the scheduler and the workers would."""

from __future__ import annotations

import datetime as dt

from campaigns.actions import tick
from notices.actions import send_all_due


def noon(day: dt.date) -> dt.datetime:
    """Return noon of a day in UTC."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def play(day: dt.date) -> None:
    """Tick at noon, and send or lay out what is due."""
    tick(now=noon(day), ring=False)
    send_all_due(now=noon(day))
