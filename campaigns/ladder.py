"""What a ladder asks for on a day: rules R1 to R7, for one case at a time.

Given the ladder, a customer's invoices and the day, it says which steps close and
why, whom to contact by which channel, and when to look again. The live tick and
the replay both ask it. It refuses to know the database, the clock, wording and
whether a customer may be written to at this hour: those are asked again at
dispatch.

Ask once for each day the engine is up, and write the answer back before the next
day. Looking only when ``next_on`` has come gives the same answers as looking
every day, as long as no fact changes; whoever changes a fact (a payment taken
back, a hold lifted, a new address) brings ``next_on`` forward to that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from campaigns.timetable import Channel, Group, Kind, Ladder, Step, StepDay, Timetable
from consent.wishes import in_order
from customers.calendars import later

__all__ = [
    "Case",
    "CaseDay",
    "Channel",
    "Closing",
    "Contact",
    "Group",
    "Item",
    "ItemDay",
    "Kind",
    "Ladder",
    "Reach",
    "Reason",
    "Step",
    "StepDay",
    "Timetable",
    "channel_for",
    "decide",
]

Reason = Literal["expired", "superseded", "no_channel", "sent"]

NO_STEP = -1


@dataclass(frozen=True, slots=True)
class Reach:
    """From which day on each channel is allowed; None where it cannot be used."""

    email: date | None = None
    sms: date | None = None
    call: date | None = None
    letter: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One invoice on the ladder.

    ``ref`` is the caller's own and is handed back untouched. ``held`` is True while
    a dispute or another hold stands. Bit n of ``closed`` is set once the step at
    position n has closed, for whatever reason.
    """

    ref: object
    number: str
    issued_on: date
    due_on: date
    paid_on: date | None = None
    held: bool = False
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """What one notice could be about: one invoice, or all of a customer's.

    ``last_contact_on`` is the last contact of that invoice or that customer, also
    when it was about an invoice that is no longer here. ``wished`` are the channels the
    customer would rather have, as they said or answered before, in their order.
    """

    items: Sequence[Item]
    reach: Reach
    last_contact_on: date | None = None
    wished: tuple[str, ...] = ()


class Closing(NamedTuple):
    """A step that closed today, by its position on the ladder."""

    position: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class ItemDay:
    """An invoice at the end of the day.

    ``closed`` replaces the item's. ``next_on`` is the first later day on which
    anything could change, None when the ladder is finished or the invoice paid.
    """

    item: Item
    closings: tuple[Closing, ...]
    closed: int
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Contact:
    """The one notice of the day: the step that gives the wording, and its invoices."""

    position: int
    channel: Channel
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class CaseDay:
    """The answer for a day: every item in the order given, and at most one contact."""

    items: tuple[ItemDay, ...]
    contact: Contact | None


@dataclass(slots=True)
class _Standing:
    """An item while its day is being decided."""

    item: Item
    closed: int
    closings: list[Closing]
    candidate: int = NO_STEP

    def close(self, position: int, reason: Reason) -> None:
        self.closed |= 1 << position
        self.closings.append(Closing(position, reason))

    def close_candidate(self, reason: Reason) -> None:
        self.close(self.candidate, reason)
        self.candidate = NO_STEP


def decide(
    timetable: Timetable, case: Case, today: date, *, may_contact: bool = True
) -> CaseDay:
    """Return what the ladder asks for a case on a day the engine is up.

    Steps close as expired or superseded on any day. Channels are chosen, and a
    contact is made, only on a bank day that keeps the gap and while
    ``may_contact``. A held item is never touched and asks to be looked at again
    tomorrow; a paid one asks for nothing.

    :raises ValueError: several invoices where the ladder writes about each alone.
    """
    if timetable.ladder.group == "invoice" and len(case.items) > 1:
        raise ValueError("This ladder takes every invoice as a case of its own.")
    standings = [_stand(timetable, item, today) for item in case.items]
    contact = None
    contact_day = timetable.contact_day_from(today, case.last_contact_on)
    if may_contact and contact_day == today:
        contact = _contact(timetable.ladder, standings, case, today)
    return CaseDay(
        tuple(
            ItemDay(
                standing.item,
                tuple(standing.closings),
                standing.closed,
                _next_on(timetable, standing, today, case.last_contact_on),
            )
            for standing in standings
        ),
        contact,
    )


def channel_for(
    step: Step, reach: Reach, today: date, wished: Sequence[str] = ()
) -> Channel | None:
    """Return the first of the step's channels allowed on the day, or None (R6).

    Those the customer would rather have are asked first, in their order.
    """
    for channel in in_order(step.channels, wished):
        allowed_from: date | None = getattr(reach, channel)
        if allowed_from is not None and allowed_from <= today:
            return channel
    return None


def _is_gated(item: Item, today: date) -> bool:
    """Say whether the ladder has to leave the invoice alone today (R5)."""
    return (
        item.held
        or today < item.issued_on
        or (item.paid_on is not None and item.paid_on <= today)
    )


def _stand(timetable: Timetable, item: Item, today: date) -> _Standing:
    """Close what has expired or is superseded, and name the candidate (R3)."""
    standing = _Standing(item, item.closed, [])
    if _is_gated(item, today):
        return standing
    due: list[int] = []
    for position, day, expires_on in timetable.step_days(item.due_on):
        if day > today or item.closed >> position & 1:
            continue
        if expires_on <= today:
            standing.close(position, "expired")
        else:
            due.append(position)
    steps = timetable.ladder.steps
    for index, position in enumerate(due):
        if steps[position].kind == "formal" or index == len(due) - 1:
            standing.candidate = position
            break
        standing.close(position, "superseded")
    return standing


def _contact(
    ladder: Ladder, standings: list[_Standing], case: Case, today: date
) -> Contact | None:
    """Close every candidate: into the one notice, or for want of a channel (R6, R7)."""
    candidates = [one for one in standings if one.candidate != NO_STEP]
    while candidates:
        highest = max([one.candidate for one in candidates])
        step = ladder.steps[highest]
        channel = channel_for(step, case.reach, today, case.wished)
        if channel is not None:
            for one in candidates:
                one.close_candidate("sent")
            return Contact(highest, channel, tuple([one.item for one in candidates]))
        for one in candidates:
            if one.candidate == highest:
                one.close_candidate("no_channel")
        candidates = [one for one in candidates if one.candidate != NO_STEP]
    return None


def _next_on(
    timetable: Timetable, standing: _Standing, today: date, last_contact_on: date | None
) -> date | None:
    """Return the first later day on which the item could stand otherwise."""
    item = standing.item
    if item.paid_on is not None and item.paid_on <= today:
        return None
    tomorrow = later(today, 1)
    if item.held:
        return tomorrow
    if today < item.issued_on:
        return max(tomorrow, timetable.starts_on(item.issued_on, item.due_on))
    waiting = standing.candidate != NO_STEP
    days = []
    if waiting:
        days.append(timetable.contact_day_from(tomorrow, last_contact_on))
    for position, day, expires_on in timetable.step_days(item.due_on):
        if standing.closed >> position & 1:
            continue
        if day > today:
            days.append(day)
        elif waiting:
            days.append(expires_on)
        else:
            # Left behind by the step that closed today: its turn comes tomorrow.
            days.append(tomorrow)
    return min(days, default=None)
