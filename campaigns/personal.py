"""What this room holds of a person (customers.holdings): ladders and decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator

from campaigns.models import Decision, Enrolment
from customers.holdings import CHUNK, File, Holding, Room
from customers.models import Customer


def _files(customer: Customer) -> Iterator[File]:
    yield "decisions_with_reasons.json", _reasons(customer)


def _reasons(customer: Customer) -> Iterator[bytes]:
    """Yield each decision in words, as one list of JSON."""
    decisions = (
        Decision.objects.filter(enrolment__customer=customer)
        .select_related("enrolment__campaign", "enrolment__invoice", "step", "notice")
        .order_by("pk")
    )
    between = b"["
    for one in decisions.iterator(chunk_size=CHUNK):
        told = {
            "day": one.decided_on.isoformat(),
            "campaign": one.enrolment.campaign.name,
            "invoice": one.enrolment.invoice.number,
            "step": one.step.key,
            "decision": one.get_outcome_display(),
            "channel": one.channel,
            "message": one.notice.reference if one.notice else "",
            "what_became_of_it": one.notice.get_state_display() if one.notice else "",
            "reason": one.notice.reason if one.notice else "",
            "taken_back": one.undone,
        }
        yield between + json.dumps(told, ensure_ascii=False).encode()
        between = b",\n"
    yield b"]" if between != b"[" else b"[]"


ROOM = Room(
    name="campaigns",
    holdings=(
        Holding(
            Enrolment,
            "Ladders",
            "Which invoice stood on which ladder: the figures of a campaign.",
            whose="customer",
        ),
        Holding(
            Decision,
            "Decisions",
            "Why a step sent a message or did not.",
            whose="enrolment__customer",
        ),
    ),
    files=_files,
)
