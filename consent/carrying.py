"""Carries a consent to e-mail on: narrowed, or bound to an address, as it was given.

Nothing is agreed to here; the event that follows stands on the words of the one before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from consent.actions import record_consent
from consent.fingerprints import fingerprint_of
from consent.models import ConsentEvent, ConsentState, Subject
from consent.telling import standing_of
from customers.models import Customer

# Names in the evidence of an event the one whose consent it carries on.
GOES_ON = "goes_on"
_LIVE = (ConsentEvent.State.GRANTED, ConsentEvent.State.UNPROVEN)
_NOBODY = "nobody"


def carry_on(
    state: ConsentState,
    *,
    categories: Iterable[str],
    evidence: Mapping[str, Any],
    address: str = "",
    **told: Any,
) -> ConsentEvent:
    """Record that a consent goes on for ``categories`` (none: for what everybody was
    asked for) on the same words, bound to ``address`` or as before."""
    given = state.event
    return record_consent(
        state=state.state,
        categories=list(categories),
        basis=given.basis,
        jurisdiction=given.jurisdiction,
        language=given.language,
        valid_until=state.valid_until,
        disclosure_ref=given.disclosure_ref,
        rendered_sha256=bytes(given.rendered_sha256) if given.rendered_sha256 else None,
        hwsw_version=given.hwsw_version,
        ui_version=given.ui_version,
        address=address or _bound_to(given),
        evidence={**evidence, GOES_ON: str(given.record_id)},
        **told,
    )


def bind(
    *, customer: Customer, address: str, evidence: Mapping[str, Any], now: dt.datetime
) -> None:
    """Bind a consent that names no address to the one it was used for until now, which
    is about to be replaced: it says nothing about the new one.

    In the caller's transaction, with the customer locked.
    """
    state = standing_of(customer)
    if state is None or state.state not in _LIVE or state.address_print is not None:
        return
    carry_on(
        state,
        categories=state.categories,
        evidence=evidence,
        address=address,
        customer=customer,
        subject=Subject.E_DELIVERY,
        method=ConsentEvent.Method.WEB,
        effective_on=max(now.astimezone(dt.UTC).date(), state.since),
        effective_at=now,
    )


def _bound_to(given: ConsentEvent) -> str:
    """Return the address of theirs that a consent is bound to; empty: to none.

    One that is no longer theirs ended the consent; what goes on of it is bound to no
    address that anybody has.
    """
    if given.address_print is None:
        return ""
    wanted = bytes(given.address_print)
    for point in given.customer.contact_points.filter(kind="email"):
        if fingerprint_of(point.value) == wanted:
            return str(point.value)
    return _NOBODY
