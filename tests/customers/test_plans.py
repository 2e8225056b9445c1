"""A plan stands while its parts arrive, and ends when one does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from customers.models import Hold, Plan
from customers.plans import end_missed_plans
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
