"""Consents recorded before there was a chain get one that verifies."""

from __future__ import annotations

import json
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from consent.actions import rebuild_states, record_consent
from consent.models import ConsentDetail, ConsentEvent
from consent.verify import Walked, faults
from customers.models import Customer

pytestmark = pytest.mark.django_db
migration = import_module("consent.migrations.0006_ledger_chain")

OLD = """
    INSERT INTO consent_consentevent (customer_id, subject, state, method,
        effective_on, recorded_at, actor, evidence, schema_version, basis,
        jurisdiction, language, categories, channel, disclosure_ref, ui_version,
        commitments)
    VALUES (%s, %s, %s, %s, '2026-01-05', '2026-01-05 10:00:00.123456+00', %s, %s, 1,
        '', '', '', '{}', '', '', '', '{}')
"""
LATER = ("seq", "record_id", "prev_hash", "hash")


def add_old(*events: tuple[object, ...]) -> None:
    """Add events as they stood before 0006, when those columns could be empty."""
    with connection.cursor() as cursor:
        for column in LATER:
            cursor.execute(
                f"ALTER TABLE consent_consentevent ALTER COLUMN {column} DROP NOT NULL"
            )
        cursor.execute(
            "ALTER TABLE consent_consentevent DISABLE TRIGGER consent_event_follows"
        )
        for event in events:
            cursor.execute(OLD, event)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def chain_them() -> None:
    migration.chain_them(apps, SimpleNamespace(connection=connection))
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE consent_consentevent ENABLE TRIGGER consent_event_follows"
        )


def test_events_of_before_get_their_places_and_what_is_personal_is_sealed() -> None:
    alice = Customer.objects.create(number="M1", name="Alice")
    bob = Customer.objects.create(number="M2", name="Bob")
    said = json.dumps({"reply": 7, "message": "<x@mail.example.com>"})
    add_old(
        (alice.pk, "e_delivery", "granted", "agent", "ann", "{}"),
        (bob.pk, "sms", "granted", "import", "", '{"file": "Müller & Söhne.csv"}'),
        (alice.pk, "e_delivery", "withdrawn", "reply", "", said),
    )

    chain_them()
    rebuild_states()

    assert list(faults(Walked())) == []
    first, second = ConsentEvent.objects.of(alice)
    assert (first.seq, second.seq) == (1, 2)
    assert (first.channel, second.evidence) == ("email", {"reply": 7})
    detail = ConsentDetail.objects.get()
    assert (detail.event, detail.more) == (second, {"message": "<x@mail.example.com>"})
    record_consent(
        customer=alice,
        subject="e_delivery",
        state="granted",
        method="web",
        effective_on=second.effective_on,
        words="Yes again.",
    )
    assert list(faults(Walked())) == []


def test_the_history_refuses_to_be_rewritten_afterwards() -> None:
    alice = Customer.objects.create(number="M1", name="Alice")
    add_old((alice.pk, "sms", "granted", "agent", "ann", "{}"))

    chain_them()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE consent_consentevent SET actor = 'eve'")
