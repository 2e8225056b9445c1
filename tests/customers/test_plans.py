"""A plan stands while its parts arrive, and ends when one does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from customers.models import Hold, Plan
from customers.plans import end_missed_plans, handle_missed, missed_plans
from tests.factories import NOW, make_hold, make_invoice, pay

pytestmark = pytest.mark.django_db

# A Tuesday; its part counts as missed on Friday.
FIRST = dt.date(2026, 3, 10)
TOO_LATE = dt.date(2026, 3, 13)


@pytest.fixture
def plan():
    bill = make_invoice()
    plan = Plan.objects.create(
        customer=bill.customer,
        currency="EUR",
        total=Decimal(120),
        state=Plan.State.AGREED,
        made_at=NOW,
    )
    plan.invoices.add(bill)
    for number, day in enumerate((FIRST, FIRST + dt.timedelta(days=31)), start=1):
        plan.instalments.create(number=number, due_on=day, amount=Decimal(60))
    make_hold(bill.customer, invoice=bill, reason=Hold.Reason.PLAN, starts_on=FIRST)
    return plan


def test_a_part_that_did_not_come_lets_reminders_go_on(plan):
    assert end_missed_plans(today=TOO_LATE) == 1
    plan.refresh_from_db()
    assert plan.state == Plan.State.MISSED
    assert not Hold.objects.standing_on(TOO_LATE).exists()
    assert end_missed_plans(today=TOO_LATE) == 0


@pytest.mark.parametrize("day", [FIRST, TOO_LATE - dt.timedelta(days=1)])
def test_the_bank_has_two_days(plan, day):
    assert end_missed_plans(today=day) == 0


@pytest.mark.parametrize(("paid", "ended"), [("60", 0), ("57", 0), ("56.99", 1)])
def test_nobody_is_chased_for_cents(plan, paid, ended):
    pay(plan.invoices.get(), Decimal(paid))
    assert end_missed_plans(today=TOO_LATE) == ended


@pytest.mark.parametrize("state", ["asked", "refused", "ended"])
def test_only_a_plan_that_runs_can_be_missed(plan, state):
    Plan.objects.update(state=state)
    assert end_missed_plans(today=TOO_LATE) == 0


def test_another_hold_of_the_bill_stays(plan):
    bill = plan.invoices.get()
    make_hold(bill.customer, invoice=bill, reason=Hold.Reason.DISPUTE, starts_on=FIRST)
    end_missed_plans(today=TOO_LATE)
    standing = Hold.objects.standing_on(TOO_LATE)
    assert [one.reason for one in standing] == ["dispute"]


@pytest.fixture
def missed(plan):
    """Return the plan after its first part did not come."""
    end_missed_plans(today=TOO_LATE)
    plan.refresh_from_db()
    return plan


def test_a_missed_part_is_a_task_until_somebody_looked_after_it(missed):
    assert missed.missed_on == TOO_LATE
    assert list(missed_plans(TOO_LATE)) == [missed]

    assert handle_missed(plan=missed, by="ada", now=NOW)
    assert not handle_missed(plan=missed, by="adam", now=NOW)
    missed.refresh_from_db()
    assert (missed.handled_by, missed.handled_at) == ("ada", NOW)
    assert not missed_plans(TOO_LATE).exists()


def test_a_missed_part_needs_nobody_once_the_bill_is_paid(missed):
    pay(missed.invoices.get(), Decimal(120))
    assert not missed_plans(TOO_LATE).exists()


@pytest.mark.parametrize("of_all_bills", [True, False])
def test_a_missed_part_needs_nobody_while_the_bill_waits(missed, of_all_bills):
    bill = None if of_all_bills else missed.invoices.get()
    make_hold(missed.customer, invoice=bill, reason="promise", starts_on=TOO_LATE)
    assert not missed_plans(TOO_LATE).exists()


@pytest.mark.parametrize(
    ("state", "tasks"), [("asked", 0), ("agreed", 0), ("ended", 1)]
)
def test_a_missed_part_needs_nobody_once_there_is_a_newer_plan(missed, state, tasks):
    newer = Plan.objects.create(
        customer=missed.customer,
        currency="EUR",
        total=Decimal(120),
        state=state,
        made_at=NOW + dt.timedelta(days=5),
    )
    newer.invoices.add(missed.invoices.get())
    assert missed_plans(TOO_LATE).count() == tasks
