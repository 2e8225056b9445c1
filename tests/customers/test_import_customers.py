"""Customers out of a file."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.models import ConsentEvent, ConsentState
from customers.blind import lasting_print
from customers.imports.sealing import RAW_CONTEXT
from customers.models import ContactPoint, Customer, DataImport, RejectedRow
from customers.reaching import reach_at
from tests.customers.files import counts, take, take_customers

pytestmark = pytest.mark.django_db

FULL = (
    "number,kind,name,language,country,timezone,email,mobile,landline,"
    "address_line1,address_line2,city,postcode,sms_permission_on\n"
)
ALICE = (
    "C1,consumer,Alice,en,GB,Europe/London,Alice@Example.com,07700 900001,,"
    "12 Mill Lane,,Leeds,LS1 4AP,2012-10-23\n"
)


def point(kind="email", number="C1"):
    return ContactPoint.objects.get(customer__number=number, kind=kind, is_primary=True)


def test_a_customer_comes_in_whole(tmp_path):
    figures = take(tmp_path, "customers", FULL + ALICE)

    alice = Customer.objects.get(number="C1")
    assert counts(figures) == (1, 0, 0, 0)
    assert (alice.name, alice.time_zone) == ("Alice", "Europe/London")
    assert point().value == "alice@example.com"
    assert point("mobile").value == "+447700900001"
    assert point("mobile").raw_print == lasting_print(RAW_CONTEXT, "07700 900001")
    assert alice.postal_address.is_deliverable
    assert alice.postal_address.country == "GB"


def test_the_same_file_again_changes_nothing(tmp_path):
    take(tmp_path, "customers", FULL + ALICE)

    figures = take(tmp_path, "customers", FULL + ALICE)

    assert counts(figures) == (0, 0, 1, 0)
    assert ConsentEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Alice,", "Alice Hartley,"),
        (",en,", ",de,"),
        ("Alice@", "alice2@"),
        ("900001", "900002"),
        ("12 Mill Lane", "13 Mill Lane"),
        ("LS1 4AP", ""),
        ("Europe/London", "Europe/Dublin"),
        ("2012-10-23", "2013-10-23"),
    ],
)
def test_one_changed_cell_is_one_changed_row(tmp_path, old, new):
    take(tmp_path, "customers", FULL + ALICE)

    changed = ALICE.replace(old, new)
    assert counts(take(tmp_path, "customers", FULL + changed)) == (0, 1, 0, 0)
    assert counts(take(tmp_path, "customers", FULL + changed)) == (0, 0, 1, 0)


def test_a_column_that_the_file_lacks_leaves_what_is_known(tmp_path):
    take(tmp_path, "customers", FULL + ALICE)

    figures = take(tmp_path, "customers", "number,name\nC1,Alice\n")

    assert counts(figures) == (0, 0, 1, 0)
    assert point("mobile").value == "+447700900001"


def test_an_empty_cell_takes_away_an_imported_address(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,alice@example.com,07700 900001")

    figures = take_customers(tmp_path, "C1,Alice,,alice@example.com,")

    assert counts(figures) == (0, 1, 0, 0)
    assert not ContactPoint.objects.filter(kind="mobile").exists()
    assert Customer.objects.get().country == "GB"


def test_an_address_that_staff_gave_survives_an_empty_cell(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,,")
    ContactPoint.objects.create(
        customer=Customer.objects.get(), kind="email", value="told@example.com"
    )

    assert counts(take_customers(tmp_path, "C1,Alice,GB,,")) == (0, 0, 1, 0)
    assert point().value == "told@example.com"


def test_a_number_that_staff_gave_survives_a_change_of_country(tmp_path):
    take_customers(tmp_path, "C1,Alice,DE,,")
    ContactPoint.objects.create(
        customer=Customer.objects.get(), kind="mobile", value="+491713920001"
    )

    take_customers(tmp_path, "C1,Alice,AT,,")

    assert point("mobile").value == "+491713920001"


def test_a_hand_corrected_address_stays_until_the_file_changes_it(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,alcie@example.com,")
    ContactPoint.objects.update(value="alice@example.com")

    assert counts(take_customers(tmp_path, "C1,Alice,GB,alcie@example.com,"))[2] == 1
    assert point().value == "alice@example.com"
    take_customers(tmp_path, "C1,Alice,GB,new@example.com,")
    assert point().value == "new@example.com"


def test_a_dead_address_stays_dead_until_another_comes(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,alice@example.com,")
    ContactPoint.objects.update(state="dead")

    take_customers(tmp_path, "C1,Alice Hartley,GB,alice@example.com,")
    assert point().state == "dead"
    take_customers(tmp_path, "C1,Alice,GB,alice2@example.com,")
    assert point().state == "ok"


def test_another_address_is_new_from_the_day_a_file_brings_it(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,alice@example.com,")
    assert point().primary_since is not None
    ContactPoint.objects.update(primary_since=None)

    take_customers(tmp_path, "C1,Alice Hartley,GB,ALICE@example.com,")
    assert point().primary_since is None
    take_customers(tmp_path, "C1,Alice,GB,alice2@example.com,")
    assert point().primary_since is not None


def test_a_file_vouches_for_what_it_brings_though_a_link_brought_it_first(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,alice@example.com,")
    alice = Customer.objects.get()
    assert point().is_vouched
    for brought in ("eve@example.com", "alice@example.com"):
        reach_at(customer=alice, kind="email", value=brought, told_with="R1")
        assert not ContactPoint.objects.get(is_primary=True).is_vouched
        take_customers(tmp_path, f"C1,Alice,GB,{brought},")
        used = ContactPoint.objects.get(is_primary=True)
        assert (used.value, used.is_vouched, used.told_with) == (brought, True, "")


def test_a_second_address_that_becomes_the_first_does_not_stand_twice(tmp_path):
    take_customers(tmp_path, "C1,Alice,GB,one@example.com,")
    ContactPoint.objects.create(
        customer=Customer.objects.get(),
        kind="email",
        value="two@example.com",
        is_primary=False,
    )

    take_customers(tmp_path, "C1,Alice,GB,two@example.com,")

    assert ContactPoint.objects.get(kind="email").value == "two@example.com"


def test_a_country_put_right_reads_the_phone_number_anew(tmp_path):
    take_customers(tmp_path, "C1,Alice,BE,,0470 123456")
    assert point("mobile").value == "+32470123456"

    take_customers(tmp_path, "C1,Alice,AU,,0470 123456")

    assert point("mobile").value == "+61470123456"


def test_a_bad_row_is_parked_and_the_good_ones_go_in(tmp_path):
    figures = take_customers(
        tmp_path, "C1,Alice,GB,alice,", "C2,Bob,GB,bob@example.com,"
    )

    parked = RejectedRow.objects.get()
    assert counts(figures) == (1, 0, 0, 1)
    assert (parked.row_number, parked.column, parked.code) == (
        2,
        "email",
        "email_invalid",
    )
    assert parked.cells["name"] == "Alice"
    assert not Customer.objects.filter(number="C1").exists()


def test_the_second_of_two_rows_with_one_number_is_refused(tmp_path):
    figures = take_customers(tmp_path, "C1,Alice,,,", "C2,Bob,,,", "C1,Alicia,,,")

    parked = RejectedRow.objects.get()
    assert counts(figures) == (2, 0, 0, 1)
    assert (parked.row_number, parked.code) == (4, "duplicate_in_file")
    assert "row 2" in parked.sentence
    assert Customer.objects.get(number="C1").name == "Alice"


def test_an_import_is_kept_with_its_figures(tmp_path):
    take_customers(tmp_path, "C1,Alice,,,", "C2,,,,")

    kept = DataImport.objects.get()
    assert (kept.rows, kept.new, kept.rejected) == (2, 1, 1)
    assert len(kept.sha256) == 64
    assert kept.finished_at is not None


def test_an_sms_permission_counts_from_its_date(tmp_path):
    take(tmp_path, "customers", FULL + ALICE)

    state = ConsentState.objects.get(subject="sms")
    assert (state.state, state.since) == ("granted", dt.date(2012, 10, 23))
    assert state.event.method == "import"
    assert state.event.evidence["file"] == "customers.csv"
