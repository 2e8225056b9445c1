"""What is recorded: chained, committed to, and erasable; and who may not."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as explored
from hypothesis import strategies as st

from consent import chain
from consent.actions import opt_out, rebuild_states, record_consent
from consent.fingerprints import fingerprint_of
from consent.ledger import record_many, uuid7
from consent.models import (
    ConsentDetail,
    ConsentEvent,
    ConsentState,
    ConsentSubject,
)
from consent.networks import STORED, network_of
from consent.told import Told
from consent.verify import Walked, faults
from customers.models import Customer
from customers.vault import new_key

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)


def make_customer() -> Customer:
    """Return somebody nobody has asked for anything yet."""
    number = f"L{Customer.objects.count()}"
    return Customer.objects.create(number=number, name="Alice")


def record(customer: Customer, state: str = "granted", **facts: Any) -> ConsentEvent:
    told = {
        "subject": "e_delivery",
        "state": state,
        "method": "web",
        "effective_on": DAY,
    }
    return record_consent(customer=customer, **{**told, **facts})


PERSONAL = {
    "address": "alice@example.com",
    "ip": "203.0.113.77",
    "user_agent": "Lynx/2.9",
    "url": "https://bills.example.com/c/…",
    "words": "Yes, please.",
    "more": {"code": "KESTREL"},
}


def test_an_event_follows_the_last_of_its_customer() -> None:
    alice, bob = make_customer(), make_customer()

    first, other, second = record(alice), record(bob), record(alice, "withdrawn")

    assert (first.seq, first.prev_hash) == (1, chain.GENESIS)
    assert (other.seq, other.prev_hash) == (1, chain.GENESIS)
    assert (second.seq, second.prev_hash) == (2, first.hash)


def test_all_that_was_told_is_kept_and_stands() -> None:
    event = record(
        make_customer(),
        categories=["reminders", "bills", "bills"],
        address="Alice@Example.com",
        valid_until=dt.date(2027, 1, 1),
        basis="esign_consent",
        jurisdiction="US-PA",
        language="en",
        disclosure_ref="e-bills/en/3",
        rendered_sha256=b"\7" * 32,
        hwsw_version=2,
        ui_version="2026-11",
        effective_at=NOW,
        evidence={"code": 12},
    )

    event.refresh_from_db()
    state = ConsentState.objects.get()
    assert event.categories == state.categories == ["bills", "reminders"]
    assert bytes(event.address_print) == fingerprint_of("alice@example.com")
    assert bytes(state.address_print) == bytes(event.address_print)
    assert (state.valid_until, state.hwsw_version, state.effective_at) == (
        dt.date(2027, 1, 1),
        2,
        NOW,
    )
    assert (event.channel, event.basis, event.jurisdiction, event.disclosure_ref) == (
        "email",
        "esign_consent",
        "US-PA",
        "e-bills/en/3",
    )
    assert list(faults(Walked())) == []


def test_what_is_personal_stands_apart_and_the_address_of_a_machine_is_cut() -> None:
    event = record(make_customer(), **PERSONAL)

    detail = ConsentDetail.objects.get(event=event)
    assert (detail.address, detail.ip) == ("alice@example.com", "203.0.113.0/24")
    assert (detail.words, detail.more) == ("Yes, please.", {"code": "KESTREL"})
    assert set(event.commitments) == set(PERSONAL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text FROM consent_consentevent AS t UNION ALL "
            "SELECT t::text FROM consent_consentdetail AS t UNION ALL "
            "SELECT t::text FROM consent_consentstate AS t"
        )
        stored = "".join(row for (row,) in cursor.fetchall())
    for value in ("alice", "203.0", "Lynx", "please", "KESTREL"):
        assert value not in stored
        assert value.encode().hex() not in stored


@pytest.mark.parametrize(
    ("ip", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_no_more_of_an_ip_address_is_kept_than_its_network(ip: str, kept: str) -> None:
    assert network_of(ip, STORED) == kept


def test_an_erased_person_leaves_a_chain_that_verifies() -> None:
    alice = make_customer()
    record(alice, **PERSONAL)
    record(alice, "withdrawn")

    ConsentDetail.objects.filter(event__customer=alice).delete()
    ConsentSubject.objects.filter(customer=alice).delete()
    # They come back, and get another salt.
    record(alice, **PERSONAL)

    walked = Walked()
    assert list(faults(walked)) == []
    assert (walked.events, walked.erased) == (3, 1)


def test_events_of_the_erased_that_told_nothing_personal_are_counted_too() -> None:
    alice = make_customer()
    record(alice, "granted")
    alice.erased_at = timezone.now()
    alice.save()

    walked = Walked()
    assert list(faults(walked)) == []
    assert walked.erased == walked.events


def test_the_chain_holds_when_the_keys_of_what_is_personal_change(
    settings: Any,
) -> None:
    record(make_customer(), **PERSONAL)
    record(make_customer(), **PERSONAL)
    newest = f"k9:{new_key()}"
    settings.FIELD_KEYS = f"{newest},{settings.FIELD_KEYS}"

    call_command("rotate_keys", stdout=StringIO())

    settings.FIELD_KEYS = newest
    assert list(faults(Walked())) == []


def test_evidence_holds_references_only() -> None:
    with pytest.raises(ValueError, match="“said” is no reference"):
        record(make_customer(), evidence={"said": "y" * 201})
    with pytest.raises(ValueError, match="“when” is no reference"):
        record(make_customer(), evidence={"when": {"a": 1}})

    assert not ConsentEvent.objects.exists()


def test_a_category_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="gossip"):
        record(make_customer(), categories=["gossip"])


COLUMNS = """
    INSERT INTO consent_consentevent (customer_id, record_id, seq, schema_version,
        subject, state, method, basis, jurisdiction, language, categories, channel,
        effective_on, disclosure_ref, ui_version, recorded_at, actor, evidence,
        commitments, prev_hash, hash)
    SELECT customer_id, gen_random_uuid(), {seq}, 1, subject, 'granted', method, basis,
        jurisdiction, language, categories, channel, effective_on, disclosure_ref,
        ui_version, recorded_at, actor, evidence, commitments, {prev}, {hash}
    FROM consent_consentevent ORDER BY seq DESC LIMIT 1
"""
REAL = {"seq": "seq + 1", "prev": "hash", "hash": "sha256('x')"}


@pytest.mark.parametrize(
    "forged",
    [
        {"seq": "seq + 2"},
        {"seq": "seq"},
        {"seq": "1", "prev": "decode(repeat('00', 32), 'hex')"},
        {"prev": "sha256('other')"},
        {"prev": "prev_hash"},
        {"hash": "'short'::bytea"},
    ],
)
def test_the_database_refuses_an_event_that_does_not_follow(
    forged: dict[str, str],
) -> None:
    alice = make_customer()
    record(alice)
    record(alice, "withdrawn")

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(COLUMNS.format(**{**REAL, **forged}))
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS.format(**REAL))

    assert ConsentEvent.objects.count() == 3


def told(customer: int, state: str = "granted", day: int = 5, **facts: Any) -> Told:
    return Told(
        customer_id=customer,
        subject="e_delivery",
        state=state,
        method="import",
        effective_on=dt.date(2026, 1, day),
        **facts,
    )


def test_many_are_recorded_by_a_few_statements(django_assert_max_num_queries) -> None:
    people = [make_customer().pk for _ in range(40)]
    many = [
        told(one, state, more={"row": one}, evidence={"file": 'a "b".csv\t\\'})
        for one in people
        for state in ("granted", "withdrawn")
    ]

    with django_assert_max_num_queries(12):
        assert record_many(many) == 80

    assert ConsentState.objects.filter(state="withdrawn").count() == 40
    assert ConsentEvent.objects.filter(evidence__file='a "b".csv\t\\').count() == 80
    assert list(faults(Walked())) == []


def test_one_that_cannot_be_recorded_leaves_nothing_of_many() -> None:
    alice = make_customer()

    with pytest.raises(ValueError, match="gossip"):
        record_many([told(alice.pk), told(alice.pk, categories=["gossip"])])

    assert not ConsentEvent.objects.exists()


def test_ids_sort_by_their_time() -> None:
    ids = [uuid7(NOW + dt.timedelta(milliseconds=one)) for one in range(50)]

    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}


# Where a consent stands ------------------------------------------------------


def stands(*history: str) -> str | None:
    alice = make_customer()
    for day, state in enumerate(history, start=1):
        record(alice, state, effective_on=dt.date(2026, 1, day))
    state = ConsentState.objects.filter(customer=alice).first()
    return state and state.state


@pytest.mark.parametrize(
    ("history", "state"),
    [
        (["offered", "served"], None),
        (["granted", "offered", "served"], "granted"),
        (["granted", "pending"], "granted"),
        (["granted", "refused"], "granted"),
        (["granted", "pending", "refused"], "granted"),
        (["granted", "withdrawn", "pending"], "pending"),
        (["granted", "withdrawn", "refused"], "refused"),
        (["pending", "refused"], "refused"),
        (["refused", "pending"], "pending"),
        (["refused", "granted"], "granted"),
        (["unproven", "pending"], "pending"),
        (["unproven", "refused"], "refused"),
        (["granted", "stale", "pending"], "pending"),
        (["granted", "stale"], "stale"),
        (["withdrawn", "granted", "refused"], "granted"),
        (["granted", "expired", "offered"], "expired"),
    ],
)
def test_only_what_says_so_moves_a_consent(
    history: list[str], state: str | None
) -> None:
    assert stands(*history) == state


def folded(history: list[tuple[str, int]]) -> str | None:
    """Return where a history stands, told one by one instead of by the database."""
    state = None
    for one, _ in sorted(history, key=lambda event: event[1]):
        if one in {"offered", "served"}:
            continue
        if one in {"pending", "refused"} and state == "granted":
            continue
        state = one
    return state


histories = st.lists(
    st.tuples(st.sampled_from([*ConsentEvent.State.values]), st.integers(1, 6)),
    max_size=7,
)


@explored(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(histories, min_size=1, max_size=4))
def test_the_projection_kept_is_the_projection_rebuilt(
    told_of: list[list[tuple[str, int]]],
) -> None:
    people = [make_customer() for _ in told_of]
    for customer, history in zip(people, told_of, strict=True):
        for state, day in history:
            record(customer, state, effective_on=dt.date(2026, 1, day))
    kept = list(ConsentState.objects.order_by("customer_id").values())
    found = {row["customer_id"]: row["state"] for row in kept}

    for customer, history in zip(people, told_of, strict=True):
        assert found.get(customer.pk) == folded(history)
    ConsentState.objects.update(state="granted", categories=["offers"])
    rebuild_states()
    assert list(ConsentState.objects.order_by("customer_id").values()) == kept


def test_a_stop_after_an_invitation_is_still_a_stop() -> None:
    alice = make_customer()
    record(alice, effective_on=DAY)
    record(alice, "served", effective_on=dt.date(2026, 1, 9))

    opt_out(
        channel="email",
        address="alice@example.com",
        customers=[alice],
        reason="unsub_all",
        method="reply",
        source="reply:1",
        evidence={"reply": 1},
        more={"message": "<a@b>"},
        now=NOW,
    )

    state = ConsentState.objects.get()
    assert (state.state, state.since) == ("withdrawn", dt.date(2026, 1, 9))
    assert state.event.effective_at == NOW


def test_two_clerks_at_once_get_one_order() -> None:
    """The lock of the customer is asked for before the last event is looked up."""
    alice = make_customer()
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        record(alice)

    locks = [n for n, sql in enumerate(asked) if "FOR NO KEY UPDATE" in sql]
    heads = [n for n, sql in enumerate(asked) if "ORDER BY customer_id, seq" in sql]
    assert locks and heads and locks[0] < heads[0]
