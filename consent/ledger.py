"""The one way into the history of consents: chained, committed to, projected.

Every writer comes through here, one event at a time (``record``) or by the hundred
thousand (``record_many``). The customer's row is locked, so that two clerks at once
get one order; the database refuses what does not follow.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from consent import chain
from consent.details import commitments_of, keep_details, salts_of
from consent.fingerprints import fingerprint_of
from consent.models import (
    Category,
    ConsentEvent,
    Subject,
)
from consent.projection import project_customers
from consent.told import Told
from customers.models import Customer

# What channel a consent is for, by its subject.
CHANNELS = {Subject.E_DELIVERY: "email", Subject.SMS: "sms", Subject.CALL: "call"}
_CHUNK = 5000
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LONGEST_REFERENCE = 200


def record(
    *,
    customer: Customer,
    subject: str,
    state: str,
    method: str,
    effective_on: dt.date,
    effective_at: dt.datetime | None = None,
    valid_until: dt.date | None = None,
    basis: str = "",
    jurisdiction: str = "",
    language: str = "",
    categories: Sequence[str] = (),
    disclosure_ref: str = "",
    rendered_sha256: bytes | None = None,
    hwsw_version: int | None = None,
    ui_version: str = "",
    actor: str = "",
    evidence: Mapping[str, Any] | None = None,
    address: str = "",
    ip: str = "",
    user_agent: str = "",
    url: str = "",
    words: str = "",
    more: Mapping[str, Any] | None = None,
) -> ConsentEvent:
    """Add what happened to a consent to the history, and let the state follow.

    See :class:`Told` for what each fact means. An event dated before the newest one is
    kept in the history but does not change where the consent stands.

    :raises ValueError: a category nobody knows, or evidence that is no reference.
    """
    told = Told(
        customer_id=customer.pk,
        subject=subject,
        state=state,
        method=method,
        effective_on=effective_on,
        effective_at=effective_at,
        valid_until=valid_until,
        basis=basis,
        jurisdiction=jurisdiction,
        language=language,
        categories=categories,
        disclosure_ref=disclosure_ref,
        rendered_sha256=rendered_sha256,
        hwsw_version=hwsw_version,
        ui_version=ui_version,
        actor=actor,
        evidence=evidence or {},
        address=address,
        ip=ip,
        user_agent=user_agent,
        url=url,
        words=words,
        more=more or {},
    )
    with transaction.atomic():
        (columns,) = _chained([told])
        event = ConsentEvent(**columns)
        event.save(force_insert=True)
        keep_details([(told, event.record_id)])
        project_customers([customer.pk])
    return event


def record_many(told: Iterable[Told]) -> int:
    """Record any number of events in their order; return how many.

    In the order of customers, so that two of these cannot lock each other out. Memory
    does not grow with their number, nor do the statements: a few for thousands.

    :raises ValueError: as :func:`record` does; nothing of it is recorded.
    """
    recorded = 0
    rest = iter(told)
    with transaction.atomic():
        while batch := list(islice(rest, _CHUNK)):
            columns = _chained(batch)
            _copy_in(columns)
            keep_details(
                [
                    (one, row["record_id"])
                    for one, row in zip(batch, columns, strict=True)
                ]
            )
            project_customers(sorted({one.customer_id for one in batch}))
            recorded += len(batch)
    return recorded


# The chain -------------------------------------------------------------------


def _chained(batch: Sequence[Told]) -> list[dict[str, Any]]:
    """Return the columns of each event, in its place behind the last of its customer.

    Locks the customers: one row of theirs orders the events of two clerks at once.
    """
    customers = sorted({one.customer_id for one in batch})
    heads = _heads(customers)
    salts = salts_of({one.customer_id for one in batch if one.is_personal})
    now = timezone.now()
    made = []
    for one in batch:
        seq, previous = heads.get(one.customer_id, (0, chain.GENESIS))
        columns = _columns(one, salts.get(one.customer_id), now)
        columns |= {"seq": seq + 1, "prev_hash": previous}
        columns["hash"] = hash_of(columns, previous)
        heads[one.customer_id] = (seq + 1, columns["hash"])
        made.append(columns)
    return made


def hash_of(columns: Mapping[str, Any], previous: bytes) -> bytes:
    """Return what the columns of an event hash to behind ``previous``."""
    return chain.event_hash({**columns, "customer": columns["customer_id"]}, previous)


def lock_customers(customers: Sequence[int]) -> None:
    """Let nobody else record anything of these customers until the transaction ends.

    In the order of their ids, so that two who lock several cannot lock each other out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM customers_customer WHERE id = ANY(%s) "
            "ORDER BY id FOR NO KEY UPDATE",
            [list(customers)],
        )


def _heads(customers: list[int]) -> dict[int, tuple[int, bytes]]:
    # Locked by a statement of its own: one that waited for the locks itself would see
    # the heads as they were before the wait.
    lock_customers(customers)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (customer_id) customer_id, seq, hash
            FROM consent_consentevent WHERE customer_id = ANY(%s)
            ORDER BY customer_id, seq DESC
            """,
            [customers],
        )
        return {one: (seq, bytes(head)) for one, seq, head in cursor.fetchall()}


def _columns(
    told: Told, salt: tuple[uuid.UUID, bytes] | None, now: dt.datetime
) -> dict[str, Any]:
    record_id = uuid7(now)
    commitments: dict[str, str] = {}
    if salt is not None:
        commitments = commitments_of(told.details, record_id, salt[1])
    return {
        "customer_id": told.customer_id,
        "record_id": record_id,
        "schema_version": chain.SCHEMA_VERSION,
        "subject": str(told.subject),
        "state": str(told.state),
        "method": str(told.method),
        "basis": str(told.basis),
        "jurisdiction": told.jurisdiction,
        "language": told.language,
        "categories": _categories(told.categories),
        "channel": CHANNELS[Subject(told.subject)],
        "address_print": fingerprint_of(told.address) if told.address else None,
        "effective_on": told.effective_on,
        "effective_at": told.effective_at,
        "valid_until": told.valid_until,
        "disclosure_ref": told.disclosure_ref,
        "rendered_sha256": told.rendered_sha256,
        "hwsw_version": told.hwsw_version,
        "ui_version": told.ui_version,
        "recorded_at": now,
        "actor": told.actor,
        "evidence": _references(told.evidence),
        "commitments": commitments,
        "salt_ref": salt[0] if commitments and salt else None,
    }


def _categories(codes: Sequence[str]) -> list[str]:
    """Return category codes in one order, each once.

    :raises ValueError: a code nobody knows.
    """
    return sorted({str(Category(code)) for code in codes})


def _references(evidence: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in evidence.items():
        is_short = isinstance(value, str) and len(value) <= _LONGEST_REFERENCE
        if not is_short and not isinstance(value, int):
            raise ValueError(
                f"The evidence “{name}” is no reference: give a number or at most "
                f"{_LONGEST_REFERENCE} characters, and the rest as a detail (more)."
            )
    return dict(evidence)


def uuid7(now: dt.datetime) -> uuid.UUID:
    """Return a new UUID that sorts by its time (RFC 9562, version 7)."""
    milliseconds = int(now.timestamp() * 1000)
    number = milliseconds << 80 | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


# In bulk ---------------------------------------------------------------------


def _copy_in(rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY consent_consentevent ({', '.join(names)}) FROM STDIN"
        ) as copy,
    ):
        for row in rows:
            copy.write_row(
                [_JSON(one) if type(one) is dict else one for one in row.values()]
            )
