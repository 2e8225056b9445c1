"""Events of before get their places, ids and hashes; what was personal is sealed."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from itertools import groupby

from django.db import migrations

# The pure mathematics, which a version of the chain never changes (SCHEMA_VERSION):
# what is hashed here must verify as it will then.
from consent import chain

CHUNK = 2000
CHANNELS = {"e_delivery": "email", "sms": "sms", "call": "call"}
# What evidence held that belongs to a person: to be erasable, it becomes a detail.
PERSONAL = ("message",)

COLUMNS = """
    id, customer_id, subject, state, method, effective_on, recorded_at, actor, evidence
"""


def chain_them(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE consent_consentevent DISABLE TRIGGER consent_event_no_rewrite"
        )
        customers = 0
        while batch := next_customers(cursor, customers):
            customers = batch[-1]
            chain_some(apps, cursor, batch)
        cursor.execute(
            "ALTER TABLE consent_consentevent ENABLE TRIGGER consent_event_no_rewrite"
        )


def next_customers(cursor, after):
    cursor.execute(
        """
        SELECT id FROM customers_customer AS customer WHERE id > %s AND EXISTS (
            SELECT FROM consent_consentevent WHERE customer_id = customer.id
        ) ORDER BY id LIMIT %s
        """,
        [after, CHUNK],
    )
    return [one for (one,) in cursor.fetchall()]


def chain_some(apps, cursor, customers):
    cursor.execute(
        f"SELECT {COLUMNS} FROM consent_consentevent "  # noqa: S608
        "WHERE customer_id = ANY(%s) ORDER BY customer_id, id",
        [customers],
    )
    names = [one.strip() for one in COLUMNS.split(",")]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    placed = []
    for customer, events in groupby(rows, key=lambda row: row["customer_id"]):
        placed += chain_one(apps, customer, list(events))
    cursor.execute(
        """
        UPDATE consent_consentevent AS event
        SET seq = new.seq, record_id = new.record_id, channel = new.channel,
            evidence = new.evidence::jsonb, commitments = new.commitments::jsonb,
            salt_ref = new.salt_ref, prev_hash = new.prev_hash, hash = new.hash
        FROM unnest(%s::bigint[], %s::int[], %s::uuid[], %s::text[], %s::text[],
            %s::text[], %s::uuid[], %s::bytea[], %s::bytea[])
            AS new(id, seq, record_id, channel, evidence, commitments, salt_ref,
                prev_hash, hash)
        WHERE event.id = new.id
        """,
        [list(column) for column in zip(*placed, strict=True)],
    )


def chain_one(apps, customer, events):
    """Return what the events of one customer get, in their order."""
    salt = salt_of(apps, customer, events)
    previous = chain.GENESIS
    for seq, event in enumerate(events, start=1):
        evidence = as_dict(event["evidence"])
        record_id = uuid7(event["recorded_at"])
        detail = {name: evidence.pop(name) for name in PERSONAL if name in evidence}
        commitments = {}
        if detail:
            value = [str(record_id), "more", detail]
            commitments = {"more": chain.commitment(salt.salt, value).hex()}
            Detail = apps.get_model("consent", "ConsentDetail")
            Detail.objects.create(event_id=event["id"], more=detail)
        salt_ref = salt.ref if detail else None
        fields = {
            **dict.fromkeys(chain.FIELDS, ""),
            **dict.fromkeys(EMPTY),
            **event,
            "customer": customer,
            "seq": seq,
            "record_id": record_id,
            "schema_version": 1,
            "categories": [],
            "channel": CHANNELS[event["subject"]],
            "evidence": evidence,
            "commitments": commitments,
            "salt_ref": salt_ref,
        }
        own = chain.event_hash(fields, previous)
        yield (
            event["id"],
            seq,
            record_id,
            fields["channel"],
            chain.canonical(evidence).decode(),
            chain.canonical(commitments).decode(),
            salt_ref,
            previous,
            own,
        )
        previous = own


# Columns that hold nothing rather than a blank.
EMPTY = (
    "address_print",
    "effective_at",
    "valid_until",
    "rendered_sha256",
    "hwsw_version",
)


def as_dict(evidence):
    return json.loads(evidence) if isinstance(evidence, str) else dict(evidence)


def salt_of(apps, customer, events):
    if not any(
        name in as_dict(event["evidence"]) for event in events for name in PERSONAL
    ):
        return None
    Subject = apps.get_model("consent", "ConsentSubject")
    return Subject.objects.create(
        ref=uuid.uuid4(), customer_id=customer, salt=os.urandom(32)
    )


def uuid7(moment: dt.datetime) -> uuid.UUID:
    number = int(moment.timestamp() * 1000) << 80 | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_ledger")]

    operations = [migrations.RunPython(chain_them, migrations.RunPython.noop)]
