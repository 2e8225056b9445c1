"""Changes of watched tables are written down by the database, whoever makes them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.access_log import TABLES
from consent.models import ContactPolicy, Disclosure, Suppression
from consent.publishing import draft_set
from customers.access import What, note_access
from customers.acting import WATCHED, acting_as
from customers.models import AccessEntry, AuditEntry, ContactPoint, Customer, Erasure
from notices.models import AnswerLimits, Survey
from tests.factories import NOW, make_brand, make_customer

pytestmark = pytest.mark.django_db


def _entries(table: str, verb: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(what=table, verb=verb).order_by("pk"))


def test_a_change_is_written_down_with_who_and_what() -> None:
    alice = make_customer()

    with acting_as("ada"):
        Customer.objects.filter(pk=alice.pk).update(language="pl", name="Alina")

    (entry,) = _entries("customers_customer", "update")
    assert (entry.who, entry.whose, entry.row) == ("ada", alice.pk, str(alice.pk))
    assert entry.columns == ["language", "name"]
    assert entry.before == {"language": "en"}
    assert entry.after == {"language": "pl"}


def test_no_personal_value_stands_in_an_entry() -> None:
    alice = make_customer(name="Alice Late", email="alice@example.com")
    point = alice.contact_points.get()
    point.value = "other@example.com"
    point.save()
    point.delete()

    (changed,) = _entries("customers_contactpoint", "update")
    assert "value" in changed.columns
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM customers_auditentry e")
        told = cursor.fetchone()[0]
    assert "alice" not in told.lower()
    assert "example.com" not in told


def test_a_bulk_update_is_written_down_too() -> None:
    for _ in range(3):
        make_customer()

    Customer.objects.update(status="bankrupt")

    assert len(_entries("customers_customer", "update")) == 3


def test_a_statement_over_many_rows_is_one_entry_with_their_number() -> None:
    Customer.objects.bulk_create(
        Customer(number=f"M{n}", name="Many") for n in range(25)
    )

    (entry,) = _entries("customers_customer", "insert")
    assert (entry.rows, entry.row, entry.after) == (25, "", {})


def test_a_statement_that_changes_nothing_leaves_no_entry() -> None:
    alice = make_customer()

    Customer.objects.filter(pk=alice.pk).update(language="en")
    Customer.objects.filter(pk=0).update(language="pl")

    assert _entries("customers_customer", "update") == []


def test_who_is_at_work_is_forgotten_with_the_transaction() -> None:
    alice = make_customer()
    with acting_as("ada"):
        Customer.objects.filter(pk=alice.pk).update(language="pl")

    # Outside, nobody is named: what a pooled connection does next is not ada's.
    with acting_as(""):
        Customer.objects.filter(pk=alice.pk).update(language="fr")

    assert [e.who for e in _entries("customers_customer", "update")] == ["ada", ""]


def test_policies_and_suppressions_are_watched() -> None:
    policy = ContactPolicy.objects.create(name="House")
    policy.sms_7d = 9
    policy.save()
    Suppression.objects.create(
        channel="email", fingerprint=b"x" * 32, reason="manual", since=NOW
    ).delete()

    (changed,) = _entries("consent_contactpolicy", "update")
    assert (changed.before, changed.after) == ({"sms_7d": 2}, {"sms_7d": 9})
    (lifted,) = _entries("consent_suppression", "delete")
    assert lifted.before["reason"] == "manual"


def test_what_customers_may_choose_and_are_told_is_watched() -> None:
    # Its key is that of the firm and not called id.
    brand = make_brand()
    limits = AnswerLimits.objects.create(brand=brand)
    with acting_as("ada"):
        limits.parts_most = 12
        limits.save()
        survey = Survey.objects.create(brand=brand, name="After the call")
        question = survey.questions.create(position=1, words={"en": "Was it easy?"})
        question.delete()
    limits.delete()

    (changed,) = _entries("notices_answerlimits", "update")
    assert (changed.who, changed.row) == ("ada", str(brand.pk))
    assert (changed.before, changed.after) == ({"parts_most": 3}, {"parts_most": 12})
    assert _entries("notices_answerlimits", "delete")[0].before["paid_days"] == 7
    (made,) = _entries("notices_survey", "insert")
    assert made.after["name"] == "After the call"
    (gone,) = _entries("notices_surveyquestion", "delete")
    assert gone.before["words"] == {"en": "Was it easy?"}


def test_every_watched_table_has_a_name_and_is_told_who_is_at_work() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
            "WHERE tgname LIKE '%\\_audit\\_%'"
        )
        found = {table for (table,) in cursor.fetchall()}

    assert found == set(WATCHED) == set(TABLES)


def test_what_is_published_before_anybody_agrees_is_watched() -> None:
    draft_set(key="north", terms_url="https://north.example/terms", now=NOW)

    Disclosure.objects.filter(language="en").update(terms_url="https://x.example/")

    (changed,) = _entries("consent_disclosure", "update")
    assert changed.before == {"terms_url": "https://north.example/terms"}
    assert "blocks" not in _entries("consent_disclosure", "insert")[0].after


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET who = 'x'",
        "DELETE FROM {}",
        "TRUNCATE {}",
    ],
)
@pytest.mark.parametrize("model", [AccessEntry, AuditEntry, Erasure])
def test_the_logs_are_only_ever_added_to(statement: str, model: type) -> None:
    make_customer()
    note_access(who="ada", what=What.MESSAGE, whose=1, which="ABC")
    Erasure.objects.create(number_print=b"x" * 32, whose=1, at=NOW, asked_by="ada")
    table = model._meta.db_table  # type: ignore[attr-defined]
    column = "asked_by" if model is Erasure else "who"

    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.replace("who", column).format(table))


def test_a_read_is_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        note_access(who="ada", what=What.MESSAGE, whose=7, which="ABC")

    entry = AccessEntry.objects.get()
    assert (entry.who, entry.whose, entry.which) == ("ada", 7, "ABC")
    assert entry.at is not None


def test_contact_points_are_somebodys() -> None:
    alice = make_customer(email="alice@example.com")

    ContactPoint.objects.filter(customer=alice).update(state="dead")

    (entry,) = _entries("customers_contactpoint", "update")
    assert entry.whose == alice.pk
    assert entry.after == {"state": "dead"}
