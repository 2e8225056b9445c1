"""Receipts as data: the names of the standard, whole and without an address."""

from __future__ import annotations

import datetime as dt

from consent.receipts import Controller, ReceiptFacts, as_json

FACTS = ReceiptFacts(
    number="0192",
    principal="C-1",
    state="granted",
    previous="pending",
    method="web",
    basis="esign_consent",
    language="en",
    jurisdiction="US-PA",
    occurred_at=dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC),
    valid_until=None,
    categories=[("bills", "Bills"), ("reminders", "Reminders")],
    address="a•••@e•••.com",
    notice="paperless-nw/en/1",
    notice_sha256="ab" * 32,
    notice_url="https://northwind.example/terms",
    requirements_version=1,
    evidence={"code_id": "7QK"},
    record_hash="cd" * 32,
    controller=Controller(
        name="Northwind",
        address="5 Mill Lane, Leeds",
        country="GB",
        email="care@northwind.example",
        phone="+44 113 496 0000",
        url="https://northwind.example",
    ),
    withdrawal_url="",
)
# What ISO/IEC TS 27560 wants of a record (consent.md 4).
HEADER = {"record_id", "schema_version", "pii_principal_id", "receipt_id"}
PROCESSING = {"privacy_notice", "purposes"}
PURPOSE = {
    "purpose",
    "purpose_type",
    "lawful_basis",
    "pii_information",
    "pii_controllers",
    "collection_method",
    "processing_method",
    "storage_locations",
    "retention_period",
    "processing_locations",
    "jurisdiction",
    "recipient_third_parties",
    "withdrawal_method",
    "privacy_rights",
}
EVENT = {
    "event_time",
    "validity_duration",
    "entity_id",
    "event_type",
    "event_state",
}
PARTY = {"party_name", "party_address", "party_contact", "party_type", "party_role"}


def test_a_receipt_has_every_name_the_standard_asks_for():
    receipt = as_json(FACTS)
    assert receipt.keys() >= HEADER
    assert receipt["pii_processing"].keys() >= PROCESSING
    assert all(one.keys() >= PURPOSE for one in receipt["pii_processing"]["purposes"])
    assert receipt["event"][0].keys() >= EVENT
    assert receipt["party_identification"][0].keys() >= PARTY
    assert receipt["event"][0]["event_time"] == "2026-11-22T12:00:00Z"


def test_each_category_is_a_purpose_of_its_own():
    purposes = as_json(FACTS)["pii_processing"]["purposes"]
    assert [one["purpose_type"] for one in purposes] == ["bills", "reminders"]
