"""What follows from a customer's choices: switches, order of channels, hour and day.

Pure: no Django, no clock. What is kept of the choices is in consent.models, who changes
them in consent.preferences.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from consent.categories import BY_CHOICE, OFFERS, REMINDERS, SERVICE_NEWS

# What can be switched, by category: only where a switch changes what happens. Required
# categories are not here: for them a customer chooses between e-mail and paper, which
# is a consent. An invitation by text goes past switches by law, hence none for news.
SWITCHES: Mapping[str, tuple[str, ...]] = {
    REMINDERS: ("email", "sms", "call", "letter"),
    SERVICE_NEWS: ("email", "letter"),
    OFFERS: ("email", "letter"),
}
# Channels whose order a customer can choose.
ORDERED = ("email", "sms", "call", "letter")
# When a part of the day begins, on the customer's own clock.
PARTS_OF_DAY: Mapping[str, dt.time] = {
    "morning": dt.time(8),
    "afternoon": dt.time(13),
    "evening": dt.time(17),
}

ChannelName = TypeVar("ChannelName", bound=str)


def code_of(category: str, channel: str) -> str:
    """Return a switch as it is written down: ``reminders:email``."""
    return f"{category}:{channel}"


def is_on(turned: Iterable[str], category: str, channel: str) -> bool:
    """Whether a category comes by a channel as far as the customer's switches say.

    ``turned`` are the switches turned from where they stand without a word: on, but
    for what comes only by choice.
    """
    return (code_of(category, channel) in turned) == (category in BY_CHOICE)


def in_order(
    channels: Sequence[ChannelName], wished: Sequence[str]
) -> tuple[ChannelName, ...]:
    """Return a step's channels, those the customer named first, in their order."""
    if not wished:
        return tuple(channels)
    places = {channel: place for place, channel in enumerate(wished)}
    return tuple(sorted(channels, key=lambda one: places.get(str(one), len(places))))


def preferred(wished: Sequence[str], answered: str | None) -> tuple[str, ...]:
    """Return the channels a customer is asked by first: those they named, in their
    order, then the one they answered last.

    The last answer and not the most: staff can name its day, and who has changed their
    ways is followed at once. It only orders what a step has; it permits nothing.
    """
    if not answered or answered in wished:
        return tuple(wished)
    return (*wished, answered)


def why_by(
    channel: str, wished: Sequence[str], answered: str | None
) -> Literal["wish", "answer", "order"]:
    """Return why a channel came before the others of a step: it was named, it was
    answered, or it is the first the step has."""
    if channel in wished:
        return "wish"
    return "answer" if channel == answered else "order"


def not_before(
    part_of_day: str, opening: dt.datetime, zone: str, closes: dt.time | None
) -> dt.datetime:
    """Return from when a message of today may go to whoever named a part of the day.

    ``opening`` is when it could go otherwise; it stands where that part has begun,
    where no messages go any more by then (``closes``, the end of the hours for
    messages), and where the zone is not known. Never another day, never earlier.
    """
    begins = PARTS_OF_DAY.get(part_of_day)
    if begins is None or not zone or (closes is not None and begins >= closes):
        return opening
    local = opening.astimezone(ZoneInfo(zone))
    wished = dt.datetime.combine(local.date(), begins, ZoneInfo(zone))
    return max(opening, wished.astimezone(dt.UTC))


def next_pay_day(day_of_month: int, today: dt.date) -> dt.date:
    """Return the next day money comes in, today included: the 31st of a short month is
    its last day."""
    this_month = _in_month(today.year, today.month, day_of_month)
    if this_month >= today:
        return this_month
    years, month = divmod(today.month, 12)
    return _in_month(today.year + years, month + 1, day_of_month)


def _in_month(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))
