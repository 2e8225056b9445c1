"""What of an event can be erased: its details, kept apart from the chain.

The chain holds commitments to them, salted by customer: they prove what was told, and
tell nothing once the salt is gone.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from consent import chain
from consent.models import (
    ConsentDetail,
    ConsentEvent,
    ConsentSubject,
)
from consent.told import Told

# The columns of ConsentDetail.
DETAILS = ("address", "ip", "user_agent", "url", "words", "more")
_SALT_BYTES = 32


def commitments_of(
    details: Mapping[str, Any], record_id: uuid.UUID, salt: bytes
) -> dict[str, str]:
    """Return the commitment to each detail of an event, in hexadecimal digits.

    Each binds the event and the name too: a detail cannot be moved to another place.
    """
    return {
        name: chain.commitment(salt, [str(record_id), name, value]).hex()
        for name, value in details.items()
    }


def salts_of(customers: set[int]) -> dict[int, tuple[uuid.UUID, bytes]]:
    """Return the salt of each customer, made where there is none; they are locked."""
    if not customers:
        return {}
    kept = ConsentSubject.objects.in_bulk(list(customers), field_name="customer_id")
    new = [
        ConsentSubject(customer_id=one, salt=os.urandom(_SALT_BYTES))
        for one in sorted(customers - kept.keys())
    ]
    ConsentSubject.objects.bulk_create(new)
    return {
        one.customer_id: (one.ref, bytes(one.salt)) for one in [*kept.values(), *new]
    }


def keep_details(batch: Sequence[tuple[Told, uuid.UUID]]) -> None:
    """Keep what is personal of events just recorded, by their record ids."""
    told = {
        record_id: details
        for one, record_id in batch
        if one.is_personal and (details := one.details)
    }
    if not told:
        return
    events = ConsentEvent.objects.filter(record_id__in=told).values_list(
        "pk", "record_id"
    )
    ConsentDetail.objects.bulk_create(
        ConsentDetail(event_id=pk, **told[record_id]) for pk, record_id in events
    )
