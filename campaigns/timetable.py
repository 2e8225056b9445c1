"""A ladder and its days: which steps there are, and when each comes and expires (R1).

Pure. It knows of due dates and bank days, and of no customer, invoice or message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from campaigns.schedule import step_day
from customers.calendars import BankDays, bank_day_on_or_after, bank_days, later

Channel = Literal["email", "sms", "call", "letter"]
Kind = Literal["soft", "formal"]
Group = Literal["invoice", "customer"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rung. A soft step may be missed; a formal step is never skipped.

    ``offset_days`` counts from the due date, negative before it.
    ``expires_after_days`` is how long a soft step stays useful after its day.
    """

    key: str
    offset_days: int
    kind: Kind
    channels: tuple[Channel, ...]
    expires_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in rising order, and the rules they share.

    ``bank_days`` names a calendar of ``campaigns.schedule``. ``group`` says whether
    each invoice is written about alone or all of a customer's together.
    """

    key: str
    name: str
    bank_days: str
    min_gap_days: int
    group: Group
    steps: tuple[Step, ...]


class StepDay(NamedTuple):
    """The days of one step for one due date: its own, and that on which it expires."""

    position: int
    day: date
    expires_on: date


class Timetable:
    """A ladder with the step days of every due date asked for, worked out once."""

    __slots__ = ("_days", "is_bank_day", "ladder")

    def __init__(self, ladder: Ladder) -> None:
        """Prepare the ladder's calendar.

        :raises ScheduleError: the ladder names a calendar that is not known.
        """
        self.ladder = ladder
        self.is_bank_day: BankDays = bank_days(ladder.bank_days)
        self._days: dict[date, tuple[StepDay, ...]] = {}

    def step_days(self, due_on: date) -> tuple[StepDay, ...]:
        """Return the days of every step for a due date, in the ladder's order."""
        days = self._days.get(due_on)
        if days is None:
            days = self._days[due_on] = tuple(
                self._step_day(position, step, due_on)
                for position, step in enumerate(self.ladder.steps)
            )
        return days

    def starts_on(self, issued_on: date, due_on: date) -> date:
        """Return the first day the ladder can do anything for a new invoice."""
        return max(issued_on, min(days.day for days in self.step_days(due_on)))

    def contact_day_from(self, day: date, last_contact_on: date | None) -> date:
        """Return the first bank day from ``day`` on that keeps the gap (R2, R4)."""
        if last_contact_on is not None:
            # Even without a gap nobody is contacted twice in one day.
            gap = max(self.ladder.min_gap_days, 1)
            day = max(day, later(last_contact_on, gap))
        return bank_day_on_or_after(day, self.is_bank_day)

    def _step_day(self, position: int, step: Step, due_on: date) -> StepDay:
        day = step_day(due_on, step.offset_days, self.is_bank_day)
        expires_on = date.max
        if step.kind == "soft":
            if step.expires_after_days is not None:
                expires_on = later(day, step.expires_after_days + 1)
            if step.offset_days < 0:
                expires_on = min(expires_on, later(due_on, 1))
        return StepDay(position, day, expires_on)
