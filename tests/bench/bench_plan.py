"""Plan: decide and compose for due invoices, against a row-by-row ORM loop.

Both sides start from enrolled invoices whose day has come and end with a committed
notice, item, decision and enrolment for each.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns import ladder as rules
from campaigns.models import Campaign, Decision, Enrolment, Step
from campaigns.tick import run as run_pass
from campaigns.tick import timetable_of
from consent.models import ConsentState
from customers.models import ContactPoint, Hold, Invoice
from notices.models import Notice, NoticeItem, TemplateVersion
from tests.bench.ledgers import (
    NOW,
    TODAY,
    add_late_customers,
    make_house,
    peak_rss_mb,
)

ROUNDS = 3
REFERENCE_SHARE = 20  # the loop gets a twentieth of the rows: it is that much slower


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` invoices a round; rates in notices/s."""
    campaign = make_house()
    ours = reference = 0.0
    planned = looped = 0
    for turn in range(ROUNDS):
        add_late_customers(f"A{turn}-", n)
        _enrol_only(campaign)
        started = time.perf_counter()
        planned += run_pass(campaign=_fresh(campaign), now=NOW).composed
        ours += time.perf_counter() - started

        add_late_customers(f"B{turn}-", n // REFERENCE_SHARE)
        _enrol_only(campaign)
        started = time.perf_counter()
        looped += _row_by_row(_fresh(campaign))
        reference += time.perf_counter() - started
    assert planned == n * ROUNDS, planned
    assert looped == n // REFERENCE_SHARE * ROUNDS, looped
    ours_rate, reference_rate = planned / ours, looped / reference
    return {
        "bench": "plan",
        "n": planned,
        "ours_per_s": round(ours_rate),
        "reference": "row-by-row ORM loop",
        "reference_per_s": round(reference_rate),
        "ratio": round(ours_rate / reference_rate, 1),
        "peak_rss_mb": peak_rss_mb(),
    }


def _fresh(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_related("ladder", "brand", "stream__policy").get(
        pk=campaign.pk
    )


def _enrol_only(campaign: Campaign) -> None:
    """Enrol what is new without deciding, as both sides start from there."""
    campaign = _fresh(campaign)
    newest = Invoice.objects.aggregate(newest=Max("pk"))["newest"]
    Enrolment.objects.bulk_create(
        Enrolment(
            campaign=campaign,
            customer_id=customer_id,
            invoice_id=pk,
            next_on=TODAY,
            due_on=due_on,
        )
        for pk, customer_id, due_on in campaign.audience(TODAY)
        .filter(pk__gt=campaign.enrolled_through)
        .values_list("pk", "customer_id", "due_on")
    )
    campaign.ticked_on, campaign.enrolled_through = TODAY, newest
    campaign.save(update_fields=["ticked_on", "enrolled_through"])


def _row_by_row(campaign: Campaign) -> int:
    """Do what a pass does, one invoice at a time, as one would write it at first."""
    timetable = timetable_of(campaign)
    steps = list(Step.objects.filter(ladder=campaign.ladder))
    sent = 0
    for enrolment in Enrolment.objects.filter(
        campaign=campaign, state="active", next_on__lte=TODAY
    ):
        with transaction.atomic():
            sent += _one(campaign, timetable, steps, enrolment)
    return sent


def _one(
    campaign: Campaign,
    timetable: rules.Timetable,
    steps: list[Step],
    enrolment: Enrolment,
) -> int:
    invoice, customer = enrolment.invoice, enrolment.customer
    email = ContactPoint.objects.filter(customer=customer, kind="email").first()
    consent = ConsentState.objects.filter(
        customer=customer, subject="e_delivery"
    ).first()
    held = Hold.objects.standing_on(TODAY).filter(customer=customer).exists()
    answer = rules.decide(
        timetable,
        rules.Case(
            items=[
                rules.Item(
                    ref=enrolment.pk,
                    number=invoice.number,
                    issued_on=invoice.issued_on,
                    due_on=invoice.due_on,
                    paid_on=invoice.paid_on,
                    held=held,
                    closed=enrolment.closed_steps,
                )
            ],
            reach=rules.Reach(email=consent.since if consent and email else None),
            last_contact_on=enrolment.last_contact_on,
        ),
        TODAY,
    )
    if answer.contact is not None:
        step = steps[answer.contact.position]
        notice = Notice.objects.create(
            stream=campaign.stream,
            customer=customer,
            template=TemplateVersion.objects.get(
                key=step.template_key, channel="written", language="en"
            ),
            channel="email",
            planned_on=TODAY,
            dedupe_key=f"loop:{enrolment.pk}:{step.key}",
            not_before=NOW,
        )
        NoticeItem.objects.create(notice=notice, invoice=invoice)
        Decision.objects.create(
            enrolment=enrolment,
            step=step,
            outcome="sent",
            channel="email",
            decided_on=TODAY,
            notice=notice,
        )
        enrolment.last_contact_on = TODAY
    enrolment.closed_steps = answer.items[0].closed
    enrolment.next_on = answer.items[0].next_on
    enrolment.state = "active" if enrolment.next_on else "finished"
    enrolment.save(
        update_fields=["closed_steps", "next_on", "last_contact_on", "state"]
    )
    return int(answer.contact is not None)
