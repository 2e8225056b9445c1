"""Makes the calls of the demo company's past: somebody takes and notes every one.

The calls are laid out, taken and noted by the same verbs as in earnest; only what the
customers say is dealt out, always the same for the same customer and try.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from customers.calendars import local_day
from notices.calls.hand import take_next
from notices.calls.outcomes import Told, bills_of, note_outcome, number_of_next
from notices.calls.rules import Outcome
from notices.models import CallTask

CALLER = "adam"
# What customers say; who is named twice says it more often.
ANSWERS = (
    Outcome.SPOKE,
    Outcome.PROMISED,
    Outcome.NO_ANSWER,
    Outcome.SPOKE,
    Outcome.PAID,
    Outcome.MESSAGE,
    Outcome.PROMISED,
    Outcome.NO_ANSWER,
    Outcome.COPY,
    Outcome.WRONG_NUMBER,
    Outcome.SPOKE,
    Outcome.DISPUTE,
    Outcome.BUSY,
    Outcome.PARTS,
)
NOTES = {
    Outcome.COPY: "Says the bill never came.",
    Outcome.DISPUTE: "Says the meter was read wrongly.",
    Outcome.PAID: "Paid by bank transfer on Monday, they say.",
    Outcome.PARTS: "Asks for three parts from the first of next month.",
    Outcome.WRONG_NUMBER: "A stranger has this number now.",
}
PROMISE_DAYS = 6


def call_all_due(*, now: dt.datetime, zone: ZoneInfo) -> int:
    """Make every call that lies on the desk at ``now``; return how many."""
    made = 0
    while (task := take_next(by=CALLER, now=now)) is not None:
        _make(task, local_day(now, zone.key), now)
        made += 1
    return made


def _make(task: CallTask, day: dt.date, now: dt.datetime) -> None:
    deal = Random(f"call {task.notice.customer.number} {task.tries}")  # noqa: S311
    answer = deal.choice(ANSWERS)
    told = Told(note=NOTES.get(answer, ""))
    if answer == Outcome.PROMISED:
        owed = sum((one.open_amount for one in bills_of(task.notice)), Decimal(0))
        told = Told(promised_on=day + dt.timedelta(days=PROMISE_DAYS), amount=owed)
    note_outcome(
        notice=task.notice,
        number=number_of_next(task.notice),
        outcome=answer,
        by=CALLER,
        now=now,
        told=told,
    )
