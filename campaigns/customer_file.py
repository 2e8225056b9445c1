"""One customer, and a page of customers, as staff see them.

Gathers what stands in every room: what is owed and what comes next on the ladder. A
page of fifty customers costs as many queries as a page of one. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, Count, Min, Sum, When

from campaigns import words
from campaigns.ladder import StepDay, Timetable
from campaigns.models import Campaign, Enrolment
from campaigns.tick import timetable_of
from campaigns.words import Words
from customers.models import (
    Customer,
    Hold,
    Invoice,
)

MOST_BILLS = 100


@dataclass(frozen=True, slots=True)
class Owing:
    """What a customer owes in one currency, and since when."""

    currency: str
    amount: Decimal
    invoices: int
    oldest_due_on: dt.date


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next step of one invoice, or why none comes."""

    campaign: Campaign
    invoice: Invoice
    step: str
    on: dt.date
    waits_for: str = ""


@dataclass(slots=True)
class Summary:
    """A customer with what is owed and what comes next."""

    customer: Customer
    owing: list[Owing] = field(default_factory=list)
    days_late: int = 0
    next: Upcoming | None = None


def owing(customers: Iterable[int], day: dt.date) -> dict[int, list[Owing]]:
    """Return what each customer owes by currency: one query."""
    rows = (
        Invoice.objects.filter(customer__in=list(customers))
        .owed_on(day)
        .filter(status=Invoice.Status.OPEN)
        .order_by()
        .values("customer_id", "currency")
        .annotate(amount=Sum("open_amount"), number=Count("pk"), oldest=Min("due_on"))
        .order_by("customer_id", "-amount")
    )
    found: dict[int, list[Owing]] = defaultdict(list)
    for row in rows:
        found[row["customer_id"]].append(
            Owing(row["currency"], row["amount"], row["number"], row["oldest"])
        )
    return found


def summaries(customers: Sequence[Customer], day: dt.date) -> list[Summary]:
    """Return customers with what they owe and what comes next: five queries."""
    ids = [customer.pk for customer in customers]
    owed = owing(ids, day)
    coming = upcoming(ids, day)
    found = []
    for customer in customers:
        mine = owed.get(customer.pk, [])
        oldest = min((one.oldest_due_on for one in mine), default=day)
        found.append(
            Summary(
                customer,
                mine,
                max((day - oldest).days, 0),
                min(coming.get(customer.pk, []), key=_soonest, default=None),
            )
        )
    return found


def _soonest(one: Upcoming) -> tuple[bool, dt.date, str]:
    return (bool(one.waits_for), one.on, one.invoice.number)


# What comes next -------------------------------------------------------------


def upcoming(customers: Iterable[int], day: dt.date) -> dict[int, list[Upcoming]]:
    """Return the next step of each open invoice on a ladder: four queries at most."""
    ids = list(customers)
    enrolments = list(
        Enrolment.objects.filter(
            customer__in=ids,
            state=Enrolment.State.ACTIVE,
            campaign__state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED],
            invoice__status=Invoice.Status.OPEN,
        )
        .select_related("campaign__ladder", "customer", "invoice")
        .order_by("invoice__due_on", "invoice__number")
    )
    if not enrolments:
        return {}
    holds = list(Hold.objects.filter(customer__in=ids).standing_on(day))
    tables = {one.campaign.ladder_id: one.campaign for one in enrolments}
    timetables = {key: timetable_of(campaign) for key, campaign in tables.items()}
    found: dict[int, list[Upcoming]] = defaultdict(list)
    for one in enrolments:
        step = next_step(
            timetables[one.campaign.ladder_id],
            due_on=one.invoice.due_on,
            closed=one.closed_steps,
            last_contact_on=one.last_contact_on,
            day=day,
        )
        if step is not None:
            key, on = step
            waits_for = _what_stops(one, holds)
            found[one.customer_id].append(
                Upcoming(one.campaign, one.invoice, key, on, waits_for)
            )
    return found


def next_step(
    timetable: Timetable,
    *,
    due_on: dt.date,
    closed: int,
    last_contact_on: dt.date | None,
    day: dt.date,
) -> tuple[str, dt.date] | None:
    """Return the key and day of the step the ladder would take next, if any is left.

    It is an outlook: a payment, a hold or a lost address changes it, and the ladder
    itself is asked again on the day.
    """
    left = [
        one
        for one in timetable.step_days(due_on)
        if not closed >> one.position & 1 and one.expires_on > day
    ]
    if not left:
        return None
    steps = timetable.ladder.steps
    due = [one for one in left if one.day <= day]
    formal = [one for one in due if steps[one.position].kind == "formal"]
    chosen: StepDay = (formal or due[-1:] or left)[0]
    on = timetable.contact_day_from(max(chosen.day, day), last_contact_on)
    return steps[chosen.position].key, on


def _what_stops(enrolment: Enrolment, holds: Iterable[Hold]) -> str:
    """Return what the ladder waits for, in words; empty when nothing stops it."""
    if enrolment.campaign.state == Campaign.State.PAUSED:
        return "Waits: the campaign is paused"
    if enrolment.customer.status != Customer.Status.ACTIVE:
        return f"Waits: {words.CUSTOMER[enrolment.customer.status].word.lower()}"
    for hold in holds:
        if hold.customer_id == enrolment.customer_id and hold.invoice_id in {
            None,
            enrolment.invoice_id,
        }:
            return f"Waits: {words.HOLD[hold.reason].word.lower()}"
    return ""


# One customer ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice with its status and the days it is late."""

    invoice: Invoice
    status: Words
    days_late: int


def bills(customer: Customer, holds: Iterable[Hold], day: dt.date) -> list[Bill]:
    """Return a customer's invoices, those still owed first: one query."""
    standing = {hold.invoice_id: hold for hold in holds if stands(hold, day)}
    invoices = customer.invoices.annotate(
        is_settled=Case(When(status=Invoice.Status.OPEN, then=0), default=1)
    ).order_by("is_settled", "-due_on", "-pk")[:MOST_BILLS]
    found = []
    for invoice in invoices:
        hold = standing.get(invoice.pk) or standing.get(None)
        status = words.invoice(
            status=invoice.status,
            due_on=invoice.due_on,
            part_paid=0 < invoice.open_amount < invoice.amount,
            today=day,
            hold=hold.reason if hold else "",
            hold_ends_on=hold.ends_on if hold else None,
        )
        found.append(Bill(invoice, status, max(invoice.days_late(day), 0)))
    return found


def stands(hold: Hold, day: dt.date) -> bool:
    """Say whether a hold is in force on ``day``; its last day counts."""
    return hold.starts_on <= day and (hold.ends_on is None or hold.ends_on >= day)
