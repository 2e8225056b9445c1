"""What this room holds of a person (customers.holdings).

Erasing somebody takes the salt and the details of their history; the chain of events
stays, verifies, and says nothing about them any more (consent.models.details).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import QuerySet

from consent.fingerprints import fingerprint_of
from consent.models import (
    AccessLink,
    ConsentDetail,
    ConsentEvent,
    ConsentState,
    ConsentSubject,
    ContactChange,
    ContactWish,
    Demonstration,
    LinkRequest,
    Preference,
    PreferenceChange,
    Suppression,
    TopicStop,
)
from consent.verify import faults_of
from customers.holdings import CHUNK, File, Holding, Room, known_by
from customers.models import Customer


def _files(customer: Customer) -> Iterator[File]:
    faults = [str(fault) for fault in faults_of(customer)]
    result = {
        "verified": not faults,
        "events": ConsentEvent.objects.filter(customer=customer).count(),
        "faults": faults,
        "method": "SHA-256 over canonical JSON (RFC 8785), each event over the last",
    }
    yield "consent_verification.json", [json.dumps(result, indent=1).encode()]


def _suppressions(customer: Customer) -> QuerySet[Suppression]:
    """Return what stops the addresses somebody is or was known by."""
    prints = [fingerprint_of(word) for word in known_by(customer)]
    return Suppression.objects.filter(fingerprint__in=prints)


def _link_requests(customer: Customer) -> QuerySet[LinkRequest]:
    """Return the questions for a fresh link that no worker has answered yet."""
    words = known_by(customer)
    # Read one by one: both columns are sealed. A worker empties the table each minute.
    found = [
        asked.pk
        for asked in LinkRequest.objects.iterator(chunk_size=CHUNK)
        # A number says whose it is; without one the address does.
        if (asked.customer_number or asked.email).casefold() in words
    ]
    return LinkRequest.objects.filter(pk__in=found)


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
            Preference,
            "Preferences",
            "What comes by which channel.",
            whose="customer",
            is_deleted=True,
        ),
        Holding(
            ContactWish,
            "Contact wishes",
            "Which way to write first, at what time, and the day money comes in.",
            whose="customer",
            is_deleted=True,
        ),
        Holding(
            PreferenceChange,
            "Preference changes",
            "Which switches were turned and when: that we did as we were told. It "
            "holds no address and no words.",
            whose="customer",
            leaves_out=frozenset({"form_id"}),
        ),
        Holding(
            ContactChange,
            "Contact changes",
            "New addresses and numbers, confirmed or not.",
            whose="customer",
            is_deleted=True,
            leaves_out=frozenset({"address_print", "form_id"}),
        ),
        # Before the links, which would take them along uncounted.
        Holding(
            Demonstration,
            "Samples",
            "Samples sent to an address, to show that e-bills can be opened there.",
            whose="customer",
            is_deleted=True,
            leaves_out=frozenset(
                {"address_print", "known_print", "code_hash", "form", "link"}
            ),
        ),
        Holding(
            LinkRequest,
            "Requests for a link",
            "That somebody asked for a fresh link, until it is looked up.",
            found=_link_requests,
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
