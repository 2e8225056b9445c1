"""The history of consents: narrowed, as a file, and one customer's evidence."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from consent.models import ConsentDetail, ConsentEvent, ConsentSubject
from customers.models import AccessEntry, Customer
from tests.factories import TODAY, make_consent, make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Customer:
    alice = make_customer(name="Alice Late", number="C-1", e_delivery=False)
    make_consent(
        alice,
        on=TODAY,
        method="web",
        categories=["bills"],
        disclosure_ref="e-bills/en/3",
        address="alice@example.com",
        ip="203.0.113.9",
        words="Yes, please.",
        evidence={"code": 12},
    )
    return alice


@pytest.fixture
def bob() -> Customer:
    bob = make_customer(name="Bob", number="=C-2", e_delivery=False)
    make_consent(bob, subject="sms", state="withdrawn", on=dt.date(2025, 5, 22))
    return bob


def listed(staff: Client, **asked: str) -> str:
    return staff.get("/consents/", asked).content.decode()


def rows(staff: Client, **asked: str) -> list[dict[str, str]]:
    answer = staff.get("/consents/list.csv", asked)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body)))


def test_without_a_consent_the_list_says_where_they_come_from(staff: Client) -> None:
    assert "No consent recorded yet" in listed(staff)


def test_the_list_says_what_happened_in_the_words_of_the_house(
    staff: Client, alice: Customer, bob: Customer
) -> None:
    make_consent(alice, state="pending", on=TODAY)
    make_consent(alice, state="refused", on=TODAY)

    page = listed(staff)

    assert "Agreed to e-bills" in page
    assert "Withdrew on 22 May 2025" in page
    assert "Said yes, PDF not confirmed" in page
    assert "Wants paper" in page
    assert "e-bills/en/3" in page


@pytest.mark.parametrize(
    "asked",
    [
        {"subject": "e_delivery"},
        {"state": "granted"},
        {"method": "web"},
        {"since": TODAY.isoformat()},
        {"since": "2025-06-01", "until": TODAY.isoformat(), "state": "granted"},
    ],
)
def test_each_filter_narrows_the_list_and_the_file_alike(
    staff: Client, alice: Customer, bob: Customer, asked: dict[str, str]
) -> None:
    staff = permitted()

    page = listed(staff, **asked)

    assert "Alice Late" in page
    assert "Bob" not in page
    assert [row["customer"] for row in rows(staff, **asked)] == ["C-1"]


def test_what_is_no_filter_narrows_nothing(
    staff: Client, alice: Customer, bob: Customer
) -> None:
    page = listed(staff, subject="x", state="'", method="\x00", since="2025-13-40")

    assert "Alice Late" in page and "Bob" in page


def permitted() -> Client:
    client = Client()
    client.force_login(make_user("eve", may=["consent.view_consentevent"]))
    return client


def test_the_file_holds_all_that_is_proof_and_runs_no_formula(
    alice: Customer, bob: Customer
) -> None:
    other, one = rows(permitted())

    event = ConsentEvent.objects.of(alice).get()
    assert other["customer"] == "'=C-2"
    assert (one["state"], one["day"], one["categories"]) == (
        "granted",
        TODAY.isoformat(),
        "bills",
    )
    assert one["evidence"] == '{"code": 12}'
    assert one["record"] == str(event.record_id)
    assert one["hash"] == bytes(event.hash).hex()


def test_taking_the_file_needs_a_right_of_its_own(
    staff: Client, alice: Customer
) -> None:
    assert staff.get("/consents/list.csv").status_code == 403
    assert "list.csv" not in listed(staff)
    assert "list.csv" in listed(permitted())


def test_who_takes_the_file_or_reads_the_evidence_is_noted(
    staff: Client, alice: Customer
) -> None:
    listed(staff)
    assert not AccessEntry.objects.exists()

    evidence(staff, alice)
    client = permitted()
    client.head("/consents/list.csv")
    rows(client)

    read, taken = AccessEntry.objects.order_by("pk")
    assert (read.what, read.whose, read.who) == ("evidence", alice.pk, "sam")
    assert (taken.what, taken.whose, taken.who) == ("consents", None, "eve")


def evidence(staff: Client, customer: Customer) -> str:
    address = reverse("customer-consents", args=[customer.pk])
    return staff.get(address).content.decode()


def test_a_customer_has_the_whole_history_with_the_evidence(
    staff: Client, alice: Customer
) -> None:
    page = evidence(staff, alice)

    for told in ("Agreed to e-bills", "alice@example.com", "203.0.113.0/24"):
        assert told in page
    for told in ("Yes, please.", "e-bills/en/3", "Code", "Covers", "Bills"):
        assert told in page
    assert "Every entry is what was recorded" in page


def test_what_was_erased_is_said_to_be(staff: Client, alice: Customer) -> None:
    ConsentDetail.objects.all().delete()
    ConsentSubject.objects.all().delete()

    page = evidence(staff, alice)

    assert "Erased" in page
    assert "alice@example.com" not in page
    assert "Every entry is what was recorded" in page


def test_a_history_that_was_tampered_with_is_said_to_be(
    staff: Client, alice: Customer
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE consent_consentevent SET actor = 'eve'")
        cursor.execute("UPDATE consent_consentdetail SET words = '\\x01'")
        cursor.execute("SET session_replication_role = origin")

    page = evidence(staff, alice)

    assert "This history is not what was recorded" in page
    assert "Cannot be opened" in page


def test_a_list_of_hundreds_asks_no_more_than_a_list_of_one(
    staff: Client, alice: Customer, django_assert_max_num_queries
) -> None:
    for _ in range(30):
        make_consent(make_customer(), on=TODAY, words="Yes.")

    with django_assert_max_num_queries(10):
        assert "Showing 1 to 25" in listed(staff)
