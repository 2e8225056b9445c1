"""The receipt of a consent as data, in the names of ISO/IEC TS 27560:2023. Pure.

What the customer agreed to, with whom, on what ground, having seen which very words;
enough to be checked years later without us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA = "https://www.iso.org/standard/80392.html"
SCHEMA_VERSION = "ISO/IEC TS 27560:2023"
# Longer than the limitation periods we know of (consent/packs/any.toml).
RETENTION_YEARS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """The firm that was agreed with."""

    name: str
    address: str
    country: str
    email: str
    phone: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What a receipt says.

    ``number`` is the receipt's own and the record's; ``address`` is masked.
    ``categories`` are codes with their words in the customer's language.
    ``notice_url`` is empty where there is no public address; ``notice`` is the
    disclosure that was shown, as key/language/version, with the SHA-256 of its bytes.
    """

    number: str
    principal: str
    state: str
    previous: str
    method: str
    basis: str
    language: str
    jurisdiction: str
    occurred_at: dt.datetime
    valid_until: dt.date | None
    categories: Sequence[tuple[str, str]]
    address: str
    notice: str
    notice_sha256: str
    notice_url: str
    requirements_version: int | None
    evidence: Mapping[str, Any]
    record_hash: str
    controller: Controller
    withdrawal_url: str
    retention_years: int = RETENTION_YEARS


def as_json(facts: ReceiptFacts) -> dict[str, Any]:
    """Return a receipt in the structure of the standard: header, processing, events,
    parties. Instants are ISO 8601 in UTC."""
    controller = facts.controller
    return {
        "receipt_id": facts.number,
        "receipt_schema_version": SCHEMA_VERSION,
        "schema_version": SCHEMA_VERSION,
        "schema": SCHEMA,
        "record_id": facts.number,
        "pii_principal_id": facts.principal,
        "pii_processing": {
            "privacy_notice": facts.notice_url,
            "notice_reference": facts.notice,
            "notice_sha256": facts.notice_sha256,
            "notice_language": facts.language,
            "requirements_version": facts.requirements_version,
            "purposes": [
                _purpose(code, words, facts) for code, words in facts.categories
            ],
        },
        "event": [
            {
                "event_time": _instant(facts.occurred_at),
                "validity_duration": (
                    facts.valid_until.isoformat()
                    if facts.valid_until
                    else "until_withdrawn"
                ),
                "entity_id": facts.principal,
                "event_type": facts.basis or "consent",
                "event_state": facts.state,
                "previous_state": facts.previous,
                "collection_method": facts.method,
                "evidence": {
                    name: told for name, told in facts.evidence.items() if told != ""
                },
                "record_hash": facts.record_hash,
            }
        ],
        "party_identification": [
            {
                "party_id": "controller",
                "party_role": "pii_controller",
                "party_type": "organisation",
                "party_name": controller.name,
                "party_address": controller.address,
                "party_country": controller.country,
                "party_email": controller.email,
                "party_phone": controller.phone,
                "party_url": controller.url,
                "party_contact": controller.email or controller.phone,
            }
        ],
    }


def _purpose(code: str, words: str, facts: ReceiptFacts) -> dict[str, Any]:
    return {
        "purpose": words,
        "purpose_type": code,
        "lawful_basis": facts.basis or "consent",
        "pii_information": [
            {
                "pii_type": "electronic_contact",
                "pii_attribute_id": facts.address,
                "pii_optional": True,
                "sensitive_pii_category": False,
            }
        ],
        "pii_controllers": ["controller"],
        "collection_method": facts.method,
        "processing_method": "delivery by e-mail",
        "storage_locations": [facts.controller.country],
        "retention_period": f"P{facts.retention_years}Y",
        "processing_locations": [facts.controller.country],
        "jurisdiction": facts.jurisdiction,
        "recipient_third_parties": ["e-mail delivery provider"],
        "withdrawal_method": facts.withdrawal_url
        or facts.controller.phone
        or facts.controller.email,
        "privacy_rights": ["access", "rectification", "erasure", "withdrawal"],
    }


def _instant(moment: dt.datetime) -> str:
    return (
        moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )
