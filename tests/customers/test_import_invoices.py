"""Invoices out of a file: upserts, payments in full, disputes, consents."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from consent.models import ConsentEvent, ConsentState
from customers.actions import record_payment
from customers.models import Allocation, Customer, Hold, Invoice, Payment, RejectedRow
from tests.customers.files import TODAY, counts, take, take_invoices

pytestmark = pytest.mark.django_db

OPEN = "R1,C1,2026-01-02,2026-02-01,100.00,EUR,No,"
PAID = "R1,C1,2026-01-02,2026-02-01,100.00,EUR,No,2026-02-10"
DISPUTED = "R1,C1,2026-01-02,2026-02-01,100.00,EUR,Yes,"


@pytest.fixture(autouse=True)
def _customers():
    for number in ("C1", "C2", "C3"):
        Customer.objects.create(number=number, name=number)


def invoice(number="R1"):
    return Invoice.objects.get(number=number)


def pay(amount, reference="P1"):
    return record_payment(
        customer=Customer.objects.get(number="C1"),
        reference=reference,
        amount=Decimal(amount),
        currency="EUR",
        received_on=dt.date(2026, 2, 5),
    )


def codes():
    return list(RejectedRow.objects.values_list("row_number", "column", "code"))


def ledger_explains_itself():
    """What is open is the amount less all allocations, for every invoice."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM customers_invoice i WHERE i.open_amount <> i.amount
            - (SELECT coalesce(sum(a.amount), 0) FROM customers_allocation a
               WHERE a.invoice_id = i.id)""")
        return cursor.fetchone()[0] == 0


def test_an_open_invoice_comes_in(tmp_path):
    figures = take_invoices(tmp_path, OPEN)

    assert counts(figures) == (1, 0, 0, 0)
    assert invoice().open_amount == Decimal(100)
    assert invoice().status == "open"


def test_what_an_invoice_is_for_comes_in_and_stays_when_a_file_does_not_say(tmp_path):
    head = "number,customer,issued_on,due_on,amount,currency,description,order_no\n"
    row = "R1,C1,2026-01-02,2026-02-01,100.00,EUR,"

    first = take(tmp_path, "invoices", head + row + "Freight to Hull,PO-7781")
    same = take(tmp_path, "invoices", head + row + "Freight to Hull,PO-7781")
    silent = take_invoices(tmp_path, OPEN)
    assert (invoice().purpose, invoice().order_number) == ("Freight to Hull", "PO-7781")
    other = take(tmp_path, "invoices", head + row + "Freight to York,")

    outcomes = [counts(one)[:3] for one in (first, same, silent, other)]
    assert outcomes == [(1, 0, 0), (0, 0, 1), (0, 0, 1), (0, 1, 0)]
    assert (invoice().purpose, invoice().order_number) == ("Freight to York", "")


def test_a_paid_invoice_brings_its_payment(tmp_path):
    take_invoices(tmp_path, PAID)

    payment = Payment.objects.get()
    assert (payment.reference, payment.amount) == ("import:R1", Decimal(100))
    assert payment.received_on == invoice().paid_on == dt.date(2026, 2, 10)
    assert invoice().status == "paid"
    assert ledger_explains_itself()


@pytest.mark.parametrize("line", [OPEN, PAID, DISPUTED])
def test_the_same_file_again_changes_nothing(tmp_path, line):
    take_invoices(tmp_path, line)

    assert counts(take_invoices(tmp_path, line)) == (0, 0, 1, 0)


def test_an_open_invoice_that_is_paid_later_is_changed(tmp_path):
    take_invoices(tmp_path, OPEN)

    assert counts(take_invoices(tmp_path, PAID)) == (0, 1, 0, 0)
    assert invoice().status == "paid"
    assert counts(take_invoices(tmp_path, PAID)) == (0, 0, 1, 0)


def test_a_payment_that_came_back_opens_the_invoice_again(tmp_path):
    take_invoices(tmp_path, PAID)

    assert counts(take_invoices(tmp_path, OPEN)) == (0, 1, 0, 0)
    assert invoice().status == "open"
    assert not Payment.objects.exists()
    assert ledger_explains_itself()


def test_a_file_without_days_of_payment_takes_none_back(tmp_path):
    take_invoices(tmp_path, PAID)
    text = "number,customer,issued_on,due_on,amount,currency\n"
    text += "R1,C1,2026-01-02,2026-02-01,100.00,EUR\n"

    assert counts(take(tmp_path, "invoices", text)) == (0, 0, 1, 0)
    assert invoice().status == "paid"


def test_an_empty_day_takes_back_no_payment_that_came_another_way(tmp_path):
    take_invoices(tmp_path, OPEN)
    pay("100")

    assert counts(take_invoices(tmp_path, OPEN)) == (0, 0, 1, 0)
    assert invoice().status == "paid"


def test_a_day_of_payment_put_right_moves_the_payment(tmp_path):
    take_invoices(tmp_path, PAID)

    take_invoices(tmp_path, PAID.replace("02-10", "02-12"))

    assert invoice().paid_on == dt.date(2026, 2, 12)
    assert Payment.objects.get().received_on == dt.date(2026, 2, 12)


def test_paid_in_full_books_only_what_was_still_open(tmp_path):
    take_invoices(tmp_path, OPEN)
    pay("30")

    take_invoices(tmp_path, PAID)

    assert Payment.objects.get(reference="import:R1").amount == Decimal(70)
    assert ledger_explains_itself()
    assert counts(take_invoices(tmp_path, PAID)) == (0, 0, 1, 0)


def test_amount_and_due_date_may_change_while_open(tmp_path):
    take_invoices(tmp_path, OPEN)
    pay("30")

    figures = take_invoices(tmp_path, OPEN.replace("100.00", "80.00"))

    assert counts(figures) == (0, 1, 0, 0)
    assert invoice().open_amount == Decimal(50)
    assert ledger_explains_itself()


def test_an_amount_that_falls_to_what_was_paid_closes_the_invoice(tmp_path):
    take_invoices(tmp_path, OPEN)
    pay("30")

    take_invoices(tmp_path, OPEN.replace("100.00", "30.00"))

    assert (invoice().status, invoice().paid_on) == ("paid", dt.date(2026, 2, 5))


@pytest.mark.parametrize(
    ("before", "line", "column", "code"),
    [
        ([], OPEN.replace("C1", "C9"), "customer", "unknown_customer"),
        ([OPEN], OPEN.replace("C1", "C2"), "customer", "other_customer"),
        ([OPEN], OPEN.replace("EUR", "USD"), "currency", "currency_changed"),
        ([PAID], PAID.replace("100.00", "90.00"), "number", "invoice_closed"),
        ([PAID], PAID.replace("02-01", "02-09"), "number", "invoice_closed"),
    ],
)
def test_a_row_that_contradicts_the_ledger_is_refused(
    tmp_path, before, line, column, code
):
    for earlier in before:
        take_invoices(tmp_path, earlier)

    figures = take_invoices(tmp_path, line)

    assert counts(figures) == (0, 0, 0, 1)
    assert codes() == [(2, column, code)]


def test_an_amount_below_what_was_paid_is_refused(tmp_path):
    take_invoices(tmp_path, OPEN)
    pay("30")

    take_invoices(tmp_path, OPEN.replace("100.00", "20.00"))

    assert codes() == [(2, "amount", "amount_below_paid")]


def test_a_written_off_invoice_stays_so_until_it_is_paid(tmp_path):
    take_invoices(tmp_path, OPEN)
    Invoice.objects.update(status="written_off")

    assert counts(take_invoices(tmp_path, OPEN)) == (0, 0, 1, 0)
    take_invoices(tmp_path, PAID)

    assert invoice().status == "paid"


def test_a_dispute_holds_the_invoice_from_its_issue(tmp_path):
    take_invoices(tmp_path, DISPUTED)

    hold = Hold.objects.get()
    assert (hold.reason, hold.starts_on, hold.ends_on) == (
        "dispute",
        dt.date(2026, 1, 2),
        None,
    )
    assert not Invoice.objects.not_on_hold(TODAY).exists()


def test_a_dispute_no_longer_stated_ends(tmp_path):
    take_invoices(tmp_path, DISPUTED)

    assert counts(take_invoices(tmp_path, OPEN)) == (0, 1, 0, 0)

    assert Hold.objects.get().ends_on == TODAY - dt.timedelta(days=1)
    assert Invoice.objects.not_on_hold(TODAY).exists()
    assert counts(take_invoices(tmp_path, OPEN)) == (0, 0, 1, 0)


def test_a_dispute_stated_anew_holds_again(tmp_path):
    take_invoices(tmp_path, DISPUTED)
    take_invoices(tmp_path, OPEN)

    assert counts(take_invoices(tmp_path, DISPUTED)) == (0, 1, 0, 0)
    assert Hold.objects.get().ends_on is None


def test_a_dispute_that_staff_recorded_is_not_ended_by_a_file(tmp_path):
    take_invoices(tmp_path, OPEN)
    Hold.objects.create(
        customer=invoice().customer,
        invoice=invoice(),
        reason="dispute",
        starts_on=dt.date(2026, 2, 1),
        created_by="ann",
    )

    assert counts(take_invoices(tmp_path, OPEN)) == (0, 0, 1, 0)
    assert Hold.objects.get().ends_on is None


def test_the_earliest_date_of_consent_in_a_file_counts(tmp_path):
    text = (
        "number,customer,issued_on,due_on,amount,currency,e_delivery_consent_on\n"
        "R1,C1,2026-01-02,2026-02-01,10,EUR,2013-04-06\n"
        "R2,C1,2026-01-02,2026-02-01,10,EUR,2012-04-06\n"
    )

    take(tmp_path, "invoices", text)

    state = ConsentState.objects.get()
    assert (state.state, state.since) == ("unproven", dt.date(2012, 4, 6))
    assert counts(take(tmp_path, "invoices", text)) == (0, 0, 2, 0)
    assert ConsentEvent.objects.count() == 1


def test_the_shared_ledger_comes_in_whole(shared_data, tmp_path):
    from consent.imports import import_file
    from customers.imports.profile import Profile

    profile = Profile.load("tests/data/ledger_profile.json")

    def bring(kind, name):
        return counts(
            import_file(
                kind=kind, path=shared_data / name, profile=profile, today=TODAY
            )
        )

    assert bring("customers", "contacts.csv") == (100, 0, 0, 0)
    assert bring("invoices", "ledger.csv") == (2466, 0, 0, 0)
    assert bring("invoices", "ledger.csv") == (0, 0, 2466, 0)
    assert Hold.objects.count() == 561
    assert Allocation.objects.count() == 2466
    assert ledger_explains_itself()
