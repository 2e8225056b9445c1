"""One history of a customer, newest first: messages, calls, replies, money, holds and
consents.

The newest rows of each sort are asked for in one query and merged by time. What only
has a day stands at the end of that day, and is shown without an hour. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models.functions import Coalesce

from campaigns import call_words, message_words, phrases, words
from campaigns.customer_choices import said
from campaigns.message_words import CHANNEL
from campaigns.words import Words
from consent.models import ConsentEvent, PreferenceChange, Subject
from customers.models import Customer, Hold, Payment
from notices.models import Answer, CallRecord, DeliveryEvent, Notice, Reply

PAGE = 50
END_OF_TIME = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; without ``moment`` only its day is known."""

    day: dt.date
    what: str
    moment: dt.datetime | None = None
    status: Words | None = None
    detail: str = ""
    notice: str = ""
    reply: int = 0
    answer: int = 0
    amount: Decimal | None = None
    currency: str = ""
    is_answer: bool = False

    @property
    def order(self) -> tuple[dt.date, dt.datetime, bool]:
        """Return what entries are sorted by; an answer follows what it answers."""
        return (self.day, self.moment or END_OF_TIME, self.is_answer)


@dataclass(frozen=True, slots=True)
class History:
    """One page of a history; ``older`` is the page after it, None at the end."""

    entries: list[Entry]
    older: int | None


def history(customer: Customer, zone: dt.tzinfo, page: int = 1) -> History:
    """Return a page of the history, days counted in ``zone``: ten queries."""
    most = PAGE * page + 1
    entries = [
        *_notices(customer, zone, most),
        *_events(customer, zone, most),
        *_calls(customer, zone, most),
        *_payments(customer, most),
        *_holds(customer, most),
        *_consents(customer, most),
        *_choices(customer, zone, most),
        *_replies(customer, zone, most),
        *_answers(customer, zone, most),
    ]
    entries.sort(key=lambda entry: entry.order, reverse=True)
    return History(
        entries[PAGE * (page - 1) : PAGE * page],
        page + 1 if len(entries) > PAGE * page else None,
    )


def _notices(customer: Customer, zone: dt.tzinfo, most: int) -> Iterator[Entry]:
    notices = (
        Notice.objects.filter(customer=customer)
        .select_related("stream")
        .order_by(Coalesce("sent_at", "created_at").desc(), "-id")[:most]
    )
    for notice in notices:
        moment = notice.sent_at or notice.created_at
        yield Entry(
            day=moment.astimezone(zone).date(),
            moment=moment,
            what=CHANNEL[notice.channel],
            status=message_words.notice(notice.state, notice.reason, notice.channel),
            detail=notice.stream.label,
            notice=notice.reference,
        )


def _events(customer: Customer, zone: dt.tzinfo, most: int) -> Iterator[Entry]:
    events = (
        DeliveryEvent.objects.filter(notice__customer=customer)
        .select_related("notice")
        .order_by("-occurred_at", "-id")[:most]
    )
    for event in events:
        yield Entry(
            day=event.occurred_at.astimezone(zone).date(),
            moment=event.occurred_at,
            what=f"{CHANNEL[event.notice.channel]}: word from the provider",
            status=message_words.EVENT[event.kind],
            is_answer=True,
            notice=event.notice.reference,
        )


def _calls(customer: Customer, zone: dt.tzinfo, most: int) -> Iterator[Entry]:
    calls = (
        CallRecord.objects.filter(notice__customer=customer)
        .select_related("notice__stream__brand")
        .defer("notice__stream__brand__logo")
        .order_by("-at", "-id")[:most]
    )
    for call in calls:
        taken_back = "Taken back at once. " if call.undone_at else ""
        promise = f"For {phrases.day(call.promised_on)}. " if call.promised_on else ""
        yield Entry(
            day=call.at.astimezone(zone).date(),
            moment=call.at,
            what=f"Called by {call.by}",
            status=call_words.CALL[call.outcome],
            detail=f"{taken_back}{promise}{call.note}".strip(),
            notice=call.notice.reference,
            amount=call.amount,
            currency=call.currency,
            is_answer=True,
        )


def _payments(customer: Customer, most: int) -> Iterator[Entry]:
    payments = Payment.objects.filter(customer=customer).prefetch_related(
        "allocations__invoice"
    )[:most]
    for payment in payments:
        numbers = [one.invoice.number for one in payment.allocations.all()]
        yield Entry(
            day=payment.received_on,
            what="Payment received",
            amount=payment.amount,
            currency=payment.currency,
            detail=f"For {phrases.listed(numbers)}" if numbers else "Not allocated",
        )


def _holds(customer: Customer, most: int) -> Iterator[Entry]:
    holds = Hold.objects.filter(customer=customer).select_related("invoice")[:most]
    for hold in holds:
        about = f"Invoice {hold.invoice.number}" if hold.invoice else "All invoices"
        by = f", by {hold.created_by}" if hold.created_by else ""
        until = f", until {phrases.day(hold.ends_on)}" if hold.ends_on else ""
        note = f". {hold.note}" if hold.note else ""
        yield Entry(
            day=hold.starts_on,
            what="Reminders put on hold",
            status=words.HOLD[hold.reason],
            detail=f"{about}{until}{by}{note}",
        )


def _consents(customer: Customer, most: int) -> Iterator[Entry]:
    events = ConsentEvent.objects.filter(customer=customer).order_by(
        "-effective_on", "-id"
    )[:most]
    for event in events:
        yield Entry(
            day=event.effective_on,
            what=Subject(event.subject).label,
            status=words.consent_of(event),
            detail=f"Known by: {ConsentEvent.Method(event.method).label.lower()}",
        )


def _choices(customer: Customer, zone: dt.tzinfo, most: int) -> Iterator[Entry]:
    for change in PreferenceChange.objects.filter(customer=customer)[:most]:
        if change.changes:
            yield Entry(
                day=change.at.astimezone(zone).date(),
                what=f"Chose by: {change.get_method_display().lower()}",
                moment=change.at,
                detail=said(change),
            )


def _replies(customer: Customer, zone: dt.tzinfo, most: int) -> Iterator[Entry]:
    for reply in Reply.objects.filter(customer=customer)[:most]:
        by = (
            "" if reply.state == Reply.State.OPEN else f"Answered by {reply.handled_by}"
        )
        yield Entry(
            day=reply.received_at.astimezone(zone).date(),
            moment=reply.received_at,
            what=f"{CHANNEL[reply.channel]} from the customer",
            status=words.REPLY[reply.classified],
            detail=by or "Waits for an answer",
            reply=reply.pk,
            is_answer=True,
        )


_STANDS = {
    Answer.State.OPEN: "Waits for staff",
    Answer.State.REPLACED: "Replaced by a later answer",
}


def _answers(customer: Customer, zone: dt.tzinfo, most: int) -> Iterator[Entry]:
    for answer in Answer.objects.filter(customer=customer)[:most]:
        dealt_with = f"Dealt with by {answer.handled_by}"
        yield Entry(
            day=answer.received_at.astimezone(zone).date(),
            moment=answer.received_at,
            what=f"Answered {answer.get_way_display()}".strip(),
            status=words.ANSWER[answer.kind],
            detail=_STANDS.get(Answer.State(answer.state), dealt_with),
            answer=answer.pk,
            is_answer=True,
        )
