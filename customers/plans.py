"""Ends plans whose parts were not paid, so that reminders go on and staff hear of it.

A part counts as paid when 95 percent of all that was due by then has arrived, two
bank days after its day: banks take their time, and nobody is chased for cents.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.actions import lift_hold
from customers.calendars import bank_day_on_or_before, bank_days, later
from customers.models import Hold, Invoice, Plan

ENOUGH = Decimal("0.95")
GRACE = 2

# What has arrived is the total less what is still open of its bills.
BEHIND = """
SELECT plan.id
FROM customers_plan AS plan
CROSS JOIN LATERAL (
    SELECT sum(part.amount) AS amount FROM customers_instalment AS part
    WHERE part.plan_id = plan.id AND part.due_on <= %(day)s
) AS due
CROSS JOIN LATERAL (
    SELECT sum(invoice.open_amount) AS amount
    FROM customers_plan_invoices AS link
    JOIN customers_invoice AS invoice ON invoice.id = link.invoice_id
    WHERE link.plan_id = plan.id
) AS still_open
WHERE plan.state = 'agreed'
  AND plan.total - still_open.amount < due.amount * %(enough)s
ORDER BY plan.id
LIMIT 1000
"""


def end_missed_plans(*, today: dt.date) -> int:
    """End the plans that are behind, and let reminders of their bills go on; return
    how many. One query where none is."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, {"day": _grace_before(today), "enough": ENOUGH})
        ids = [row[0] for row in cursor.fetchall()]
    return _end(ids, today) if ids else 0


@transaction.atomic
def _end(plans: list[int], today: dt.date) -> int:
    running = Plan.objects.filter(pk__in=plans, state=Plan.State.AGREED)
    # What another pass has in hand is left to it.
    ids = [one.pk for one in running.select_for_update(skip_locked=True)]
    holds = Hold.objects.filter(
        invoice__plans__in=ids, reason=Hold.Reason.PLAN, lifted_by=""
    ).standing_on(today)
    for hold in holds.distinct():
        lift_hold(hold=hold, today=today, by="a missed part")
    return Plan.objects.filter(pk__in=ids).update(
        state=Plan.State.MISSED, missed_on=today
    )


def missed_plans(today: dt.date) -> QuerySet[Plan]:
    """Return the plans with a missed part that need a person.

    Not those whose bills are paid, wait for something else or are in a newer plan, nor
    those that staff have looked after.
    """
    held = Hold.objects.standing_on(today).filter(
        Q(invoice=OuterRef("pk"))
        | Q(invoice__isnull=True, customer=OuterRef("customer"))
    )
    owed = Invoice.objects.filter(
        ~Exists(held), plans=OuterRef("pk"), status=Invoice.Status.OPEN
    )
    newer = Plan.objects.filter(
        invoices__plans=OuterRef("pk"),
        made_at__gt=OuterRef("made_at"),
        state__in=[Plan.State.ASKED, Plan.State.AGREED],
    )
    return Plan.objects.filter(
        Exists(owed), ~Exists(newer), state=Plan.State.MISSED, handled_at__isnull=True
    )


def handle_missed(*, plan: Plan, by: str, now: dt.datetime) -> bool:
    """Note that staff have looked after a missed part; False if somebody had."""
    return bool(
        Plan.objects.filter(
            pk=plan.pk, state=Plan.State.MISSED, handled_at__isnull=True
        ).update(handled_by=by[:150], handled_at=now)
    )


def _grace_before(today: dt.date) -> dt.date:
    """Return the last day whose part should be here by ``today``."""
    day = today
    for _ in range(GRACE + 1):
        day = bank_day_on_or_before(later(day, -1), bank_days("weekends"))
    return day
