"""By which channel a customer's next step would go as things stand, and why by it.

Asks what the pass itself asks, of one invoice; an outlook like the step it belongs to.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from campaigns.alike import reach_of
from campaigns.customer_file import Upcoming
from campaigns.due import DueRow, row_of, standing
from campaigns.ladder import channel_for
from campaigns.tick import timetable_of
from consent.wishes import why_by


@dataclass(frozen=True, slots=True)
class Way:
    """The channel of a step, and why it comes before the others of the step.

    ``channel`` is empty where none of the step reaches the customer. ``answered_at`` is
    when they answered by it last, where that is why.
    """

    channel: str
    why: str
    answered_at: dt.datetime | None = None


def way_of(coming: Upcoming, day: dt.date) -> Way | None:
    """Return how a step would go on ``day``; None where the ladder is not asked."""
    row = row_of(coming.campaign, coming.invoice.pk, day)
    return None if row is None else _way(coming, row, day)


def _way(coming: Upcoming, row: DueRow, day: dt.date) -> Way:
    facts = standing(coming.campaign, [row], day)(row)
    steps = timetable_of(coming.campaign).ladder.steps
    step = next(one for one in steps if one.key == coming.step)
    channel = channel_for(step, reach_of(facts), day, facts.wished)
    if channel is None:
        return Way("", "")
    why = why_by(channel, row.wished or (), row.answered)
    return Way(channel, why, row.answered_at if why == "answer" else None)
