"""The history of consents is only added to, and the projection follows it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.actions import rebuild_states, record_consent
from consent.models import ConsentEvent, ConsentState
from customers.models import Customer
from tests.customers.files import counts, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return Customer.objects.create(number="C1", name="Alice")


def record(customer, state, day, subject="e_delivery", method="agent"):
    return record_consent(
        customer=customer,
        subject=subject,
        state=state,
        method=method,
        effective_on=dt.date(2026, 1, day),
        actor="ann",
        evidence={"call": 7},
    )


def states():
    return list(
        ConsentState.objects.order_by("customer", "subject").values_list(
            "customer", "subject", "state", "since", "event"
        )
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentevent SET state = 'granted'",
        "DELETE FROM consent_consentevent",
        "TRUNCATE consent_consentevent CASCADE",
    ],
)
def test_the_database_refuses_to_rewrite_the_history(alice, statement):
    record(alice, "withdrawn", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with (
        pytest.raises(DatabaseError, match=r"append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert ConsentEvent.objects.get().state == "withdrawn"


def test_a_consent_moves_the_state_with_it(alice):
    event = record(alice, "granted", 3)

    state = ConsentState.objects.get()
    assert (state.state, state.since, state.event) == (
        "granted",
        dt.date(2026, 1, 3),
        event,
    )
    assert event.evidence == {"call": 7}


def test_an_event_of_an_earlier_day_is_kept_but_moves_nothing(alice):
    record(alice, "withdrawn", 9)

    record(alice, "granted", 3)

    assert ConsentState.objects.get().state == "withdrawn"
    assert ConsentEvent.objects.count() == 2


def test_of_two_events_of_one_day_the_later_told_counts(alice):
    record(alice, "granted", 3)
    record(alice, "withdrawn", 3)

    assert ConsentState.objects.get().state == "withdrawn"


told = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["e_delivery", "sms"]),
        st.sampled_from(["granted", "unproven", "withdrawn"]),
        st.integers(1, 5),
    ),
    max_size=8,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told)
def test_the_projection_rebuilt_is_the_projection_kept(events):
    ConsentState.objects.all().delete()
    people = [
        Customer.objects.create(number=f"H{Customer.objects.count()}", name="x")
        for _ in range(2)
    ]
    for who, subject, state, day in events:
        record(people[who], state, day, subject)
    kept = states()

    ConsentState.objects.update(state="granted", since=dt.date(2000, 1, 1))
    rebuild_states()
    rebuilt = [row for row in states() if row[0] in {one.pk for one in people}]

    assert rebuilt == kept


HEADING = "number,name,sms_permission_on,e_delivery_consent_on\n"


def bring(folder, sms="", e_delivery=""):
    return counts(take(folder, "customers", f"{HEADING}C1,Alice,{sms},{e_delivery}\n"))


def test_an_imported_flag_is_no_proof(alice, tmp_path):
    bring(tmp_path, "2026-01-02", "2026-01-03")

    found = dict(ConsentState.objects.values_list("subject", "state"))
    assert found == {"sms": "granted", "e_delivery": "unproven"}


def test_a_date_known_already_adds_nothing(alice, tmp_path):
    bring(tmp_path, "2026-01-02")

    assert bring(tmp_path, "2026-01-02") == (0, 0, 1, 0)
    assert bring(tmp_path, "2026-01-05") == (0, 1, 0, 0)
    assert bring(tmp_path, "2026-01-05") == (0, 0, 1, 0)
    assert bring(tmp_path) == (0, 0, 1, 0)
    assert ConsentState.objects.get().since == dt.date(2026, 1, 5)


def test_an_old_file_does_not_bring_a_withdrawn_consent_back(alice, tmp_path):
    record(alice, "withdrawn", 9, "sms")

    bring(tmp_path, "2026-01-02")
    bring(tmp_path, "2026-01-02")

    assert ConsentState.objects.get().state == "withdrawn"
    assert ConsentEvent.objects.count() == 2


def test_an_imported_note_does_not_weaken_a_proven_consent(alice, tmp_path):
    record(alice, "granted", 2)

    assert bring(tmp_path, e_delivery="2026-01-09") == (0, 0, 1, 0)

    assert ConsentState.objects.get().state == "granted"
