"""Keeps what a customer answers on their page, and does at once what follows from it.

What follows is a table: how long reminders wait, for which bills, and whether a person
must look. One form makes one record, however often it is sent. A later answer about the
same bills takes the place of an earlier one, unless staff have dealt with that.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from customers.actions import lift_hold, place_hold
from customers.calendars import local_day
from customers.models import Customer, Hold, Instalment, Invoice, Plan
from notices.calls.asking import OffDesk, ask_for_call, call_off
from notices.models import Answer, AnswerFile, Brand, Notice
from notices.offers import Part
from notices.wrong_person import stop_writing_to

Kind = Answer.Kind
State = Answer.State

# Who dealt with what no person had to deal with, and who placed what the page placed.
HOUSE = "Duly"
CUSTOMER = "the customer"
# After so many promises that were missed a person decides about the next.
MISSED_PROMISES = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from an answer: why reminders wait, with all bills or those it is
    about, and whether it takes the place of what was answered about them before."""

    waits: str = ""
    all_bills: bool = False
    replaces: bool = False
    needs_staff: bool = True


RULES: dict[str, Rule] = {
    Kind.PAID: Rule(Hold.Reason.REPLY, replaces=True),
    # Its last day is the day that was promised.
    Kind.PROMISE: Rule(Hold.Reason.PROMISE, replaces=True, needs_staff=False),
    Kind.PARTS: Rule(Hold.Reason.PLAN, replaces=True, needs_staff=False),
    Kind.DISPUTE: Rule(Hold.Reason.DISPUTE, replaces=True),
    # No automatic step, whatever the bill, until a person has decided.
    Kind.HARDSHIP: Rule(Hold.Reason.HARDSHIP, all_bills=True),
    Kind.CALL: Rule(),
    Kind.DETAILS: Rule(),
    Kind.NOT_ME: Rule(),
    Kind.READ: Rule(needs_staff=False),
    Kind.QUESTION: Rule(),
}


class AnswerRefused(Exception):
    """A form that was sent before, for somebody else."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with an answer, looked at already (notices.proofs)."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a customer filled in, checked against what they were offered.

    ``way`` is how it came, on their page unless told. ``until`` is the last day
    reminders wait, none for until somebody decides. ``parts`` are those of an offer
    that was taken, ``call_at`` when to call.
    """

    kind: str
    form_id: uuid.UUID
    way: str = Answer.Way.PAGE
    invoices: Sequence[Invoice] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    until: dt.date | None = None
    parts: Sequence[Part] = ()
    call_at: dt.datetime | None = None
    files: Sequence[File] = ()
    waits_for_yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose answer it is, and by which link it came."""

    customer: Customer
    notice: Notice | None
    brand: Brand
    # What the address hashes to that a fresh link was sent to.
    address_print: bytes | None = None


@transaction.atomic
def give_answer(*, given: Given, origin: Origin, now: dt.datetime) -> Answer:
    """Record an answer and do at once what follows; sent again, the first is returned.

    :raises AnswerRefused: the form was sent by another customer.
    """
    customer = origin.customer
    # Two forms of one customer take turns, and every gate waits for this lock.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    known = Answer.objects.filter(form_id=given.form_id).first()
    if known is not None:
        if known.customer_id != customer.pk:
            raise AnswerRefused
        return known
    if given.kind == Kind.READ and origin.notice is not None:
        # Read is read, by whatever way it is told again.
        read = origin.notice.answers.filter(kind=Kind.READ, customer=customer).first()
        if read is not None:
            return read
    rule = RULES[given.kind]
    today = local_day(now, origin.brand.time_zone)
    asks_staff = _asks_staff(given, rule, today)
    if rule.replaces:
        _replace(origin, given.invoices, today, now)
    answer = Answer.objects.create(
        form_id=given.form_id,
        customer=customer,
        notice=origin.notice,
        kind=given.kind,
        way=given.way,
        facts=_facts(given, rule),
        text=given.text,
        received_at=now,
        state=State.OPEN if asks_staff else State.DONE,
        handled_by="" if asks_staff else HOUSE,
        handled_at=None if asks_staff else now,
    )
    answer.invoices.set(given.invoices)
    AnswerFile.objects.bulk_create(
        AnswerFile(
            answer=answer,
            name=one.name,
            media_type=one.media_type,
            size=len(one.body),
            body=one.body,
        )
        for one in given.files
    )
    _wait(answer, rule, given, today)
    _also(answer, given, origin, now)
    return answer


def _facts(given: Given, rule: Rule) -> dict[str, Any]:
    """Return what is kept, with what the receipt says of the wait."""
    facts = dict(given.facts)
    if rule.waits:
        facts["until"] = given.until.isoformat() if given.until else ""
    if given.call_at is not None:
        facts["call_at"] = given.call_at.isoformat()
    return facts


def _asks_staff(given: Given, rule: Rule, today: dt.date) -> bool:
    if rule.needs_staff or given.waits_for_yes:
        return True
    return (
        given.kind == Kind.PROMISE
        and missed_promises(given.invoices, today) >= MISSED_PROMISES
    )


def missed_promises(invoices: Sequence[Invoice], today: dt.date) -> int:
    """Return how often a promise for these open bills was missed."""
    return (
        Hold.objects.filter(
            invoice__in=invoices,
            reason=Hold.Reason.PROMISE,
            ends_on__lt=today,
            lifted_by="",
        )
        .values("ends_on")
        .distinct()
        .count()
    )


def _replace(
    origin: Origin, invoices: Sequence[Invoice], today: dt.date, now: dt.datetime
) -> None:
    """End what earlier answers set for these bills, as far as staff left them alone.

    An answer that holds nothing any more is replaced; one about other bills too goes
    on for those.
    """
    earlier = (
        Answer.objects.filter(customer=origin.customer, handled_by__in=["", HOUSE])
        .exclude(state=State.REPLACED)
        .filter(kind__in=[kind for kind, rule in RULES.items() if rule.replaces])
        .filter(invoices__in=invoices)
        .distinct()
        .prefetch_related("holds", "invoices")
    )
    about = {one.pk for one in invoices}
    for answer in earlier:
        for hold in answer.holds.all():
            if hold.invoice_id in about and not hold.lifted_by:
                lift_hold(hold=hold, today=today, by=CUSTOMER)
        if {one.pk for one in answer.invoices.all()} <= about:
            _end(answer, now)


def _end(answer: Answer, now: dt.datetime) -> None:
    answer.state, answer.handled_by, answer.handled_at = State.REPLACED, HOUSE, now
    answer.save(update_fields=["state", "handled_by", "handled_at"])
    if answer.plan_id is not None:
        Plan.objects.filter(pk=answer.plan_id).update(state=Plan.State.ENDED)


def _wait(answer: Answer, rule: Rule, given: Given, today: dt.date) -> None:
    """Let the reminders wait; the gate asks for holds before anything goes."""
    if not rule.waits:
        return
    about: Sequence[Invoice | None] = [None] if rule.all_bills else given.invoices
    holds = [
        place_hold(
            customer=answer.customer,
            reason=rule.waits,
            starts_on=today,
            ends_on=given.until,
            invoice=invoice,
            note=f"On their page: {answer.get_kind_display()} ({answer.reference})",
            by=CUSTOMER,
        )
        for invoice in about
    ]
    answer.holds.set(holds)


def _also(answer: Answer, given: Given, origin: Origin, now: dt.datetime) -> None:
    """Do what only one kind of answer asks for."""
    if given.parts:
        answer.plan = _write_plan(answer, given, now)
        answer.save(update_fields=["plan"])
    elif given.call_at is not None:
        _end_calls(answer, now)
        try:
            answer.call = ask_for_call(
                answer=answer, brand=origin.brand, at=given.call_at, now=now
            )
        except OffDesk as error:
            answer.facts["off_desk"] = error.why
        answer.save(update_fields=["call", "facts"])
    elif given.kind == Kind.NOT_ME:
        stop_writing_to(
            customer=answer.customer,
            notice=origin.notice,
            address_print=origin.address_print,
        )


def _end_calls(answer: Answer, now: dt.datetime) -> None:
    """Take back the calls that were asked for earlier, since another hour suits now."""
    earlier = Answer.objects.filter(
        customer=answer.customer, kind=Kind.CALL, state=State.OPEN
    ).exclude(pk=answer.pk)
    for one in earlier.select_related("call"):
        if one.call is not None:
            call_off(one.call)
        _end(one, now)


def _write_plan(answer: Answer, given: Given, now: dt.datetime) -> Plan:
    agreed = not given.waits_for_yes
    plan = Plan.objects.create(
        customer=answer.customer,
        currency=given.invoices[0].currency,
        total=sum(part.amount for part in given.parts),
        state=Plan.State.AGREED if agreed else Plan.State.ASKED,
        made_at=now,
        decided_by=HOUSE if agreed else "",
        decided_at=now if agreed else None,
    )
    plan.invoices.set(given.invoices)
    Instalment.objects.bulk_create(
        Instalment(plan=plan, number=number, due_on=part.due_on, amount=part.amount)
        for number, part in enumerate(given.parts, start=1)
    )
    return plan
