"""What changes a consent or stops an address; the history is only ever added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from consent.fingerprints import fingerprint_of
from consent.models import ConsentEvent, Suppression
from consent.projection import project_states
from customers.models import Customer


@transaction.atomic
def record_consent(
    *,
    customer: Customer,
    subject: str,
    state: str,
    method: str,
    effective_on: dt.date,
    actor: str = "",
    evidence: Mapping[str, Any] | None = None,
) -> ConsentEvent:
    """Add what happened to a consent to the history, and let the state follow.

    An event dated before the newest one is kept in the history but does not change
    where the consent stands.
    """
    # One row of the customer orders the events of two clerks at once.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    event = ConsentEvent.objects.create(
        customer=customer,
        subject=subject,
        state=state,
        method=method,
        effective_on=effective_on,
        actor=actor,
        evidence=dict(evidence or {}),
    )
    rebuild_states([customer.pk])
    return event


@transaction.atomic
def rebuild_states(customer_ids: Sequence[int] | None = None) -> None:
    """Bring the projection in line with the history, of all customers by default."""
    if customer_ids is None:
        project_states()
    else:
        project_states("customer_id = ANY(%s)", [list(customer_ids)])


def suppress(
    *, channel: str, address: str, reason: str, source: str, now: dt.datetime
) -> bool:
    """Let nothing more go to an address; return whether that is new.

    The first reason stands: a later one neither replaces it nor moves its time.
    """
    _, created = Suppression.objects.get_or_create(
        channel=channel,
        fingerprint=fingerprint_of(address),
        defaults={"reason": reason, "source": source[:120], "since": now},
    )
    return created
