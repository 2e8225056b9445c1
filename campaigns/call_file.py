"""One call as its page shows it: who, what is owed, what to say and what came of it.

Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from campaigns import call_words, customer_file
from campaigns.forms_calls import FORMS, OutcomeForm, form_for
from campaigns.history import Entry, history
from campaigns.words import Words
from customers.calendars import local_day
from customers.models import Hold
from notices.calls.outcomes import number_of_next
from notices.calls.rules import Outcome
from notices.models import CallRecord, CallTask
from notices.states import State

# What one press notes; all else is asked for a word more.
AT_ONCE = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.MESSAGE)
LATEST = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome to choose: its words, what follows from it, and its form."""

    outcome: str
    label: str
    follows: str
    form: OutcomeForm

    @property
    def is_open(self) -> bool:
        """Whether the form came back with something to put right."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of a script, or the heading of one."""

    text: str
    is_heading: bool


def parts_of(task: CallTask) -> list[Part]:
    """Return a script in parts; its headings are those of its wording."""
    lines = task.notice.template.body.splitlines()
    headings = {line.lstrip("# ").strip() for line in lines if line.startswith("#")}
    return [
        Part(text, text in headings)
        for text in (part.strip() for part in task.script.split("\n\n"))
        if text
    ]


@dataclass(frozen=True, slots=True)
class CallFile:
    """All that a call's page shows; who has it not in hand gets no ``choices``."""

    task: CallTask
    status: Words
    is_mine: bool
    is_free: bool
    script: list[Part]
    number: int
    summary: customer_file.Summary
    bills: list[customer_file.Bill]
    holds: list[Hold]
    records: list[tuple[CallRecord, Words]]
    latest: list[Entry]
    at_once: list[Choice]
    choices: list[Choice]


def call_file(
    task: CallTask, *, by: str, now: dt.datetime, wrong: OutcomeForm | None = None
) -> CallFile:
    """Return one call for somebody to look at; ``wrong`` is a form that came back."""
    notice = task.notice
    zone = notice.stream.brand.time_zone
    day = local_day(now, zone)
    customer = notice.customer
    holds = list(customer.holds.select_related("invoice"))
    on_desk = notice.state == State.CALLING
    is_mine = on_desk and task.locked_by == by
    choices = _choices(task, now, wrong) if is_mine else []
    about = set(notice.items.values_list("invoice_id", flat=True))
    bills = customer_file.bills(customer, holds, day)
    return CallFile(
        task=task,
        status=call_words.task_status(task, now),
        is_mine=is_mine,
        is_free=on_desk and not task.is_in_hand(now),
        script=parts_of(task) if is_mine else [],
        number=number_of_next(notice),
        summary=customer_file.summaries([customer], day)[0],
        bills=[one for one in bills if one.invoice.pk in about],
        holds=[one for one in holds if customer_file.stands(one, day)],
        records=[(one, call_words.CALL[one.outcome]) for one in notice.calls.all()],
        latest=history(customer, ZoneInfo(zone)).entries[:LATEST],
        at_once=[one for one in choices if one.outcome in AT_ONCE],
        choices=[one for one in choices if one.outcome not in AT_ONCE],
    )


def _choices(
    task: CallTask, now: dt.datetime, wrong: OutcomeForm | None
) -> list[Choice]:
    return [
        Choice(
            outcome,
            Outcome(outcome).label,
            call_words.FOLLOWS[outcome],
            wrong
            if wrong is not None and wrong.outcome == outcome
            else form_for(outcome, task, now),
        )
        for outcome in FORMS
    ]
