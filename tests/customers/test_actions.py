"""Booking a payment; placing and lifting a hold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from customers.actions import PaymentRefused, lift_hold, place_hold, record_payment
from customers.models import Allocation, Customer, Hold, Invoice, Payment
from customers.signals import payment_received

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 10)


@pytest.fixture
def alice():
    return Customer.objects.create(number="C1", name="Alice")


def bill(customer, number, amount, due_day=1, currency="EUR"):
    return Invoice.objects.create(
        customer=customer,
        number=number,
        issued_on=dt.date(2026, 1, 1),
        due_on=dt.date(2026, 2, due_day),
        currency=currency,
        amount=Decimal(amount),
        open_amount=Decimal(amount),
    )


def pay(customer, amount, *, reference="P1", invoice=None, currency="EUR", day=5):
    return record_payment(
        customer=customer,
        reference=reference,
        amount=Decimal(amount),
        currency=currency,
        received_on=dt.date(2026, 2, day),
        invoice=invoice,
    )


def test_a_payment_settles_the_longest_due_first(alice):
    later, first = bill(alice, "R1", "50", 9), bill(alice, "R2", "50", 2)

    pay(alice, "70")

    later.refresh_from_db()
    first.refresh_from_db()
    assert (first.status, first.paid_on) == ("paid", dt.date(2026, 2, 5))
    assert (later.status, later.open_amount) == ("open", 30)


def test_a_payment_settles_the_invoice_it_names(alice):
    bill(alice, "R1", "50", 2)
    named = bill(alice, "R2", "50", 9)

    payment = pay(alice, "70", invoice=named)

    assert Allocation.objects.get().invoice == named
    assert payment.amount - Allocation.objects.get().amount == 20


def test_the_last_payment_gives_the_day_of_payment(alice):
    bill(alice, "R1", "50")
    pay(alice, "30", reference="P1", day=20)

    pay(alice, "20", reference="P2", day=5)

    assert Invoice.objects.get().paid_on == dt.date(2026, 2, 20)


def test_money_in_another_currency_settles_nothing(alice):
    bill(alice, "R1", "50", currency="USD")

    pay(alice, "50")

    assert not Allocation.objects.exists()


def test_the_same_payment_twice_is_booked_once(alice):
    bill(alice, "R1", "50")

    assert pay(alice, "30") == pay(alice, "30")

    assert Invoice.objects.get().open_amount == 20


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"amount": "31"}, "payment_differs"),
        ({"amount": "0", "reference": "P2"}, "amount_not_positive"),
        ({"amount": "1.005", "reference": "P2"}, "too_many_decimals"),
        ({"amount": "1", "reference": "P2", "currency": "??"}, "unknown_currency"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(alice, facts, code):
    bill(alice, "R1", "50")
    pay(alice, "30")

    with pytest.raises(PaymentRefused) as refused:
        pay(alice, **facts)

    assert refused.value.code == code
    assert Payment.objects.count() == 1


def test_an_invoice_of_somebody_else_is_not_settled(alice):
    bob = Customer.objects.create(number="C2", name="Bob")
    for invoice, code in (
        (bill(bob, "R1", "50"), "other_customer"),
        (bill(alice, "R2", "50", currency="USD"), "other_currency"),
    ):
        with pytest.raises(PaymentRefused) as refused:
            pay(alice, "50", invoice=invoice)
        assert refused.value.code == code


def test_a_listener_that_fails_does_not_undo_a_payment(
    alice, django_capture_on_commit_callbacks
):
    heard = []

    def fail(sender, **kwargs):
        heard.append(kwargs["customer_ids"])
        raise RuntimeError("a fault of the listener")

    payment_received.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            pay(alice, "30")
    finally:
        payment_received.disconnect(fail)

    assert heard == [[alice.pk]]
    assert Payment.objects.exists()


def test_a_hold_placed_twice_on_an_invoice_is_one_hold(alice):
    invoice = bill(alice, "R1", "50")
    facts = {"customer": alice, "invoice": invoice, "reason": "promise"}

    place_hold(**facts, starts_on=TODAY, ends_on=TODAY)
    place_hold(**facts, starts_on=TODAY, note="until Friday")

    assert Hold.objects.get().note == "until Friday"
    assert Hold.objects.get().ends_on is None


@pytest.mark.parametrize(("began", "last"), [(5, 1), (1, 1), (0, 0)])
def test_a_lifted_hold_covers_the_days_it_stood(alice, began, last):
    starts_on = TODAY - dt.timedelta(days=began)
    hold = place_hold(customer=alice, reason="manual", starts_on=starts_on)

    lift_hold(hold=hold, today=TODAY)

    assert Hold.objects.get().ends_on == TODAY - dt.timedelta(days=last)


def test_a_hold_that_ended_before_is_left_alone(alice):
    hold = place_hold(
        customer=alice,
        reason="manual",
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 1, 5),
    )

    lift_hold(hold=hold, today=TODAY)

    assert Hold.objects.get().ends_on == dt.date(2026, 1, 5)


def test_a_hold_that_has_not_begun_is_taken_away(alice):
    hold = place_hold(
        customer=alice, reason="manual", starts_on=TODAY + dt.timedelta(days=1)
    )

    lift_hold(hold=hold, today=TODAY)

    assert not Hold.objects.exists()
