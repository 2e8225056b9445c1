"""Payments out of a file: what they settle, and what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers import money
from customers.models import Allocation, Customer, Invoice, Payment, RejectedRow
from customers.signals import payment_received
from tests.customers.files import counts, take_invoices, take_payments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ledger(tmp_path):
    for number in ("C1", "C2", "C3"):
        Customer.objects.create(number=number, name=number)
    take_invoices(
        tmp_path,
        "R1,C1,2026-01-02,2026-02-01,100.00,EUR,No,",
        "R2,C1,2026-01-02,2026-01-20,50.00,EUR,No,",
        "R3,C1,2026-01-02,2026-01-10,70.00,USD,No,",
        "R4,C2,2026-01-02,2026-01-10,40.00,EUR,No,",
    )


def still_open():
    return {
        one.number: one.open_amount
        for one in Invoice.objects.order_by("number")
        if one.open_amount
    }


def test_a_payment_settles_the_invoice_it_names(tmp_path):
    figures = take_payments(tmp_path, "P1,C1,R1,100.00,EUR,2026-02-05")

    paid = Invoice.objects.get(number="R1")
    assert counts(figures) == (1, 0, 0, 0)
    assert (paid.status, paid.paid_on) == ("paid", dt.date(2026, 2, 5))
    assert still_open() == {"R2": 50, "R3": 70, "R4": 40}


def test_a_part_payment_lowers_what_is_open(tmp_path):
    take_payments(tmp_path, "P1,,R1,30.00,EUR,2026-02-05")

    assert still_open()["R1"] == 70
    assert Invoice.objects.get(number="R1").status == "open"


def test_a_payment_without_invoice_settles_the_longest_due_first(tmp_path):
    take_payments(tmp_path, "P1,C1,,70.00,EUR,2026-02-05")

    assert still_open() == {"R1": 80, "R3": 70, "R4": 40}


def test_an_overpayment_leaves_a_rest_unallocated(tmp_path):
    take_payments(tmp_path, "P1,C1,R1,130.00,EUR,2026-02-05")

    assert Allocation.objects.get().amount == Decimal(100)
    assert still_open() == {"R2": 50, "R3": 70, "R4": 40}


def test_several_payments_share_one_invoice_in_the_order_they_came(tmp_path):
    take_payments(
        tmp_path,
        "P1,,R1,60.00,EUR,2026-02-09",
        "P2,,R1,60.00,EUR,2026-02-05",
    )

    parts = dict(Allocation.objects.values_list("payment__reference", "amount"))
    assert parts == {"P2": Decimal(60), "P1": Decimal(40)}
    assert Invoice.objects.get(number="R1").paid_on == dt.date(2026, 2, 9)


def test_the_same_file_again_changes_nothing(tmp_path):
    line = "P1,C1,,70.00,EUR,2026-02-05"
    take_payments(tmp_path, line)

    assert counts(take_payments(tmp_path, line)) == (0, 0, 1, 0)
    assert Payment.objects.count() == 1
    assert still_open() == {"R1": 80, "R3": 70, "R4": 40}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("P1,C9,,5,EUR,2026-02-05", "unknown_customer"),
        ("P1,,R9,5,EUR,2026-02-05", "unknown_invoice"),
        ("P1,C2,R1,5,EUR,2026-02-05", "other_customer"),
        ("P1,C1,R1,5,USD,2026-02-05", "other_currency"),
        ("import:R1,C1,R1,5,EUR,2026-02-05", "reference_reserved"),
        ("P0,C1,,6,EUR,2026-02-05", "payment_differs"),
        ("P0,C2,,5,EUR,2026-02-05", "payment_differs"),
        ("P1,C1,R1,-5,EUR,2026-02-05", "amount_not_positive"),
    ],
)
def test_a_payment_that_contradicts_the_ledger_is_refused(tmp_path, line, code):
    take_payments(tmp_path, "P0,C1,,5,EUR,2026-02-05")
    before = still_open()

    figures = take_payments(tmp_path, line)

    assert counts(figures) == (0, 0, 0, 1)
    assert RejectedRow.objects.get().code == code
    assert still_open() == before


def test_payments_are_announced_once_after_the_commit(
    tmp_path, django_capture_on_commit_callbacks
):
    heard = []

    def listen(sender, customer_ids, **kwargs):
        heard.append(customer_ids)

    payment_received.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            take_payments(
                tmp_path, "P1,C1,,5,EUR,2026-02-05", "P2,C1,,5,EUR,2026-02-05"
            )
            assert heard == []
    finally:
        payment_received.disconnect(listen)

    assert heard == [[Customer.objects.get(number="C1").pk]]


def test_a_dry_run_announces_nothing(tmp_path, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        figures = take_payments(tmp_path, "P1,C1,,5,EUR,2026-02-05", dry_run=True)

    assert counts(figures) == (1, 0, 0, 0)
    assert callbacks == []
    assert not Payment.objects.exists()


amounts = st.integers(1, 30_000).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(owed=st.lists(amounts, max_size=5), paid=st.lists(amounts, max_size=5))
def test_a_file_settles_what_one_payment_after_the_other_would(tmp_path, owed, paid):
    Allocation.objects.all().delete()
    Payment.objects.all().delete()
    Invoice.objects.all().delete()
    invoices = [
        f"R{at},C3,2026-01-01,2026-01-{at + 1:02},{amount},EUR,No,"
        for at, amount in enumerate(owed)
    ]
    payments = [f"P{at},C3,,{amount},EUR,2026-02-05" for at, amount in enumerate(paid)]
    expected = list(owed)
    for amount in paid:
        for share in money.allocate(amount, expected):
            expected[share.index] -= share.amount

    if invoices:
        take_invoices(tmp_path, *invoices)
    if payments:
        take_payments(tmp_path, *payments)

    found = Invoice.objects.order_by("due_on").values_list("open_amount", flat=True)
    assert list(found) == expected
