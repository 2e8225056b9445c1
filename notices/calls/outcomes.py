"""What came of a call, and what follows from it: one record, one transaction.

What follows is a table (notices.calls.rules). A form that is sent twice makes one
record.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from consent.actions import record_consent
from consent.models import ConsentEvent, Subject
from customers.actions import number_is_wrong, place_hold
from customers.calendars import local_day
from customers.models import Invoice
from notices.calls.desk import zones_of
from notices.calls.hand import CallError, locked_task
from notices.calls.rules import RULES, Outcome, Rule
from notices.calls.times import MOST_TRIES, in_hours, next_try
from notices.copies import packers_for
from notices.gate import lawful_policy
from notices.models import Answer, CallRecord, CallTask, Notice, SentCopy
from notices.people import lock_people
from notices.states import State, check_move

# A call the customer asked for is worth more than the deadline of the step.
AFTER_WANTED = dt.timedelta(days=3)
NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class Told:
    """What was said in a call; ``invoices`` are those it was about, all by default."""

    note: str = ""
    promised_on: dt.date | None = None
    amount: Decimal | None = None
    call_back_at: dt.datetime | None = None
    invoices: Iterable[Invoice] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Noted:
    """What was recorded; ``is_new`` False when it was before. ``next_at`` says when
    it is called again, if it is."""

    record: CallRecord
    is_new: bool = True
    next_at: dt.datetime | None = None


def number_of_next(notice: Notice) -> int:
    """Return the number the next record of a notice will have, counted from 1."""
    return notice.calls.count() + 1


@transaction.atomic
def note_outcome(
    *,
    notice: Notice,
    number: int,
    outcome: str,
    by: str,
    now: dt.datetime,
    told: Told = Told(),
) -> Noted:
    """Record what came of a call, and let follow what follows.

    ``number`` is that of :func:`number_of_next` when the form was shown: sent again,
    the first record is returned.

    :raises CallError: somebody else has the call by now, or it is not in hand.
    """
    task = locked_task(notice)
    known = CallRecord.objects.filter(notice=notice, number=number).first()
    if known is not None and (known.by, known.outcome) == (by, outcome):
        return Noted(known, is_new=False, next_at=_next_of(task))
    _check_in_hand(task, by, number)
    rule = RULES[outcome]
    record = _record(task, outcome, number, told, by, now, rule)
    next_at = _move_on(task, record, rule, now)
    _wait(task.notice, record, rule, told, now)
    if rule.ends == "talk":
        # Who asked on their page to be called has been.
        Answer.objects.filter(call=notice, state=Answer.State.OPEN).update(
            state=Answer.State.DONE, handled_by=by, handled_at=now
        )
    if rule.ends == "dead":
        number_is_wrong(customer=task.notice.customer, number=task.phone)
    if outcome == Outcome.NO_CALLS:
        _call_no_more(record, now)
    return Noted(record, next_at=next_at)


def _next_of(task: CallTask) -> dt.datetime | None:
    in_line = task.notice.state == State.SCHEDULED
    return task.notice.not_before if in_line else None


def _check_in_hand(task: CallTask, by: str, number: int) -> None:
    """Return when ``by`` has the call in hand, even if the lock has run out since.

    :raises CallError: somebody else took it, or it was noted meanwhile.
    """
    if task.notice.state != State.CALLING or number != number_of_next(task.notice):
        raise CallError("What came of this call is noted already; nothing was changed.")
    if not task.locked_by:
        raise CallError("You do not have this call in hand. Take it first.")
    if task.locked_by != by:
        raise CallError(
            f"{task.locked_by} has this call in hand by now; nothing was changed."
        )


def _record(
    task: CallTask,
    outcome: str,
    number: int,
    told: Told,
    by: str,
    now: dt.datetime,
    rule: Rule,
) -> CallRecord:
    currency = ""
    if told.amount is not None:
        lines = task.notice.items.order_by("invoice__due_on")
        currency = lines.values_list("invoice__currency", flat=True)[0]
    return CallRecord.objects.create(
        notice=task.notice,
        number=number,
        outcome=outcome,
        phone=task.phone,
        by=by,
        started_at=task.started_at or now,
        at=now,
        note=told.note,
        promised_on=told.promised_on,
        amount=told.amount,
        currency=currency,
        call_back_at=told.call_back_at,
        follow_up=rule.follow_up,
    )


def _move_on(
    task: CallTask, record: CallRecord, rule: Rule, now: dt.datetime
) -> dt.datetime | None:
    """Move the notice to where the outcome takes it; return when it is called again."""
    if rule.ends == "talk":
        _keep_script(task)
        _leave(task, State.DELIVERED, sent_at=now, delivered_at=now)
        return None
    if rule.ends == "dead":
        _leave(task, State.FAILED, reason="wrong_number")
        return None
    tries = task.tries + rule.is_try
    again = _again_at(task, record, now)
    last = task.notice.not_after
    wanted = record.call_back_at
    if tries >= MOST_TRIES or (wanted is None and last is not None and again >= last):
        _leave(task, State.FAILED, reason=NO_CONTACT, tries=tries)
        return None
    changes: dict[str, object] = {"not_before": again}
    if wanted is not None and last is not None:
        changes["not_after"] = max(last, again + AFTER_WANTED)
    if wanted is not None:
        task.due_by = max(task.due_by, again + AFTER_WANTED)
    _leave(task, State.SCHEDULED, reason=record.outcome, tries=tries, **changes)
    return again


def _again_at(task: CallTask, record: CallRecord, now: dt.datetime) -> dt.datetime:
    """Return when to call again: when the customer wished, else at another hour."""
    notice = task.notice
    person = lock_people([notice.customer_id])[notice.customer_id]
    zones = zones_of(person) or (notice.stream.brand.time_zone,)
    quiet = lawful_policy(notice.stream.policy, person, now).quiet
    if record.call_back_at is not None:
        return in_hours(record.call_back_at, zones=zones, quiet=quiet)
    return next_try(now, outcome=record.outcome, zones=zones, quiet=quiet)


def _leave(
    task: CallTask, target: State, *, reason: str = "", tries: int | None = None,
    **changes: object,
) -> None:  # fmt: skip
    """Take the call off the desk and out of hand."""
    check_move(State.CALLING, target)
    Notice.objects.filter(pk=task.pk, state=State.CALLING).update(
        state=target, reason=reason, **changes
    )
    task.locked_by, task.locked_until = "", None
    task.tries = task.tries if tries is None else tries
    wanted = changes.get("not_before") if reason == Outcome.CALL_BACK else None
    task.wanted_at = wanted  # type: ignore[assignment]
    task.save(
        update_fields=["locked_by", "locked_until", "tries", "wanted_at", "due_by"]
    )


def _keep_script(task: CallTask) -> None:
    """Keep what whoever spoke had before them, as other messages are kept."""
    body = task.script.encode()
    packer = packers_for([task.notice])[task.pk]
    SentCopy.objects.update_or_create(
        notice=task.notice,
        defaults={
            "media_type": "text/plain; charset=utf-8",
            "body": packer.pack(body),
            "dictionary_id": packer.dictionary_id,
            "size": len(body),
            "sha256": hashlib.sha256(body).digest(),
        },
    )


def _wait(
    notice: Notice, record: CallRecord, rule: Rule, told: Told, now: dt.datetime
) -> None:
    """Hold what the outcome asks us to wait with: the bills it was about, or all."""
    if not rule.waits:
        return
    today = local_day(now, notice.stream.brand.time_zone)
    ends_on = record.promised_on
    if rule.days is not None:
        ends_on = today + dt.timedelta(days=rule.days)
    about: list[Invoice | None] = [None]
    if not rule.all_bills:
        about = list(told.invoices if told.invoices is not None else bills_of(notice))
    for invoice in about:
        place_hold(
            customer=notice.customer,
            reason=rule.waits,
            starts_on=today,
            ends_on=ends_on,
            invoice=invoice,
            note=_hold_note(record),
            by=record.by,
        )


def _hold_note(record: CallRecord) -> str:
    said = record.get_outcome_display()
    if record.amount is not None:
        said = f"{said}: {record.amount.normalize():f} {record.currency}"
    return f"On the phone: {said}. {record.note}".strip()[:500]


def bills_of(notice: Notice) -> list[Invoice]:
    """Return the invoices of a notice that are still open, the longest due first."""
    return list(
        Invoice.objects.filter(
            notice_items__notice=notice, status=Invoice.Status.OPEN
        ).order_by("due_on", "number")
    )


def _call_no_more(record: CallRecord, now: dt.datetime) -> None:
    """Keep the customer's wish where every message asks for it."""
    notice = record.notice
    record_consent(
        customer=notice.customer,
        subject=Subject.CALL,
        state=ConsentEvent.State.WITHDRAWN,
        method=ConsentEvent.Method.AGENT,
        effective_on=local_day(now, notice.stream.brand.time_zone),
        actor=record.by,
        effective_at=now,
        evidence={"call": notice.reference, "number": record.number},
    )


@transaction.atomic
def follow_up_done(*, record: CallRecord, by: str, now: dt.datetime) -> bool:
    """Note that what was left to do after a call is done; False if it was before."""
    left = CallRecord.objects.filter(pk=record.pk, done_at__isnull=True)
    return bool(left.exclude(follow_up="").update(done_at=now, done_by=by))
