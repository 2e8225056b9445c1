"""What this room holds of a person (customers.holdings).

Erasing somebody takes the salt and the details of their history; the chain of events
stays, verifies, and says nothing about them any more (consent.models.details).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import QuerySet

from consent.chain import GENESIS
from consent.fingerprints import fingerprint_of
from consent.ledger import hash_of
from consent.models import (
    AccessLink,
    ConsentDetail,
    ConsentEvent,
    ConsentState,
    ConsentSubject,
    Suppression,
    TopicStop,
)
from customers.holdings import CHUNK, File, Holding, Room, known_by
from customers.models import Customer

_CHAINED = frozenset(
    field.name for field in ConsentEvent._meta.concrete_fields if field.name != "id"
)


def first_break(customer: Customer) -> str:
    """Return where a customer's chain of consents breaks; empty when it verifies."""
    seq, previous = 0, GENESIS
    events = ConsentEvent.objects.filter(customer=customer).order_by("seq")
    for event in events.iterator(chunk_size=CHUNK):
        columns = {
            field.attname: field.value_from_object(event)
            for field in ConsentEvent._meta.concrete_fields
        }
        follows = event.seq == seq + 1 and bytes(event.prev_hash) == previous
        if not follows or hash_of(columns, previous) != bytes(event.hash):
            return f"event {event.pk}, number {event.seq} of its chain"
        seq, previous = event.seq, bytes(event.hash)
    return ""


def _files(customer: Customer) -> Iterator[File]:
    broken = first_break(customer)
    result = {
        "verified": not broken,
        "events": ConsentEvent.objects.filter(customer=customer).count(),
        "first_broken_link": broken or None,
        "method": "SHA-256 over canonical JSON (RFC 8785), each event over the last",
    }
    yield "consent_verification.json", [json.dumps(result, indent=1).encode()]


def _suppressions(customer: Customer) -> QuerySet[Suppression]:
    """Return what stops the addresses somebody is or was known by."""
    prints = [fingerprint_of(word) for word in known_by(customer)]
    return Suppression.objects.filter(fingerprint__in=prints)


def _tells(customer: Customer) -> Iterator[str]:
    details = ConsentDetail.objects.filter(event__customer=customer)
    for detail in details.only("address").iterator(chunk_size=CHUNK):
        yield detail.address or ""


ROOM = Room(
    name="consent",
    holdings=(
        Holding(
            ConsentEvent,
            "Consents",
            "What was agreed to and when, as a chain that can be checked; without the "
            "details nobody is named in it.",
            whose="customer",
            leaves_out=frozenset({"salt_ref", "actor"}),
        ),
        Holding(
            ConsentState,
            "Consents now",
            "Where that history stands.",
            whose="customer",
        ),
        Holding(
            ConsentDetail,
            "Consent details",
            "Addresses, networks and words of each consent.",
            whose="event__customer",
            is_deleted=True,
        ),
        Holding(
            ConsentSubject,
            "Consent salts",
            "The key to what the history only hints at.",
            whose="customer",
            is_deleted=True,
            is_exported=False,
        ),
        Holding(
            TopicStop,
            "Topics stopped",
            "Topics no text may be about.",
            whose="customer",
            is_deleted=True,
        ),
        Holding(
            AccessLink,
            "Links",
            "Links that opened pages of their own.",
            whose="customer",
            is_deleted=True,
            leaves_out=frozenset({"token_hash", "code_hash"}),
        ),
        Holding(
            Suppression,
            "Stopped addresses",
            "Where nothing may go any more, known by a fingerprint alone: or somebody "
            "who asked us to stop would hear from us again.",
            found=_suppressions,
        ),
    ),
    files=_files,
    tells=_tells,
)
