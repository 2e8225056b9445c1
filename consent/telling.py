"""One event of a consent to e-mail told to the history, and what is known before it.

What the page, the telephone and the firm's contract have in common: which form it came
from, the customer's address, and where the consent stands. Writes one event at a time.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Max

from consent.actions import record_consent
from consent.fingerprints import fingerprint_of
from consent.models import Basis, ConsentEvent, ConsentState, Disclosure, Subject
from customers.models import ContactPoint, Customer

State = ConsentEvent.State
Method = ConsentEvent.Method

# Of the pages, kept with each event; raised when what they ask is asked otherwise.
UI_VERSION = "consent-1"


class Refusal(StrEnum):
    """Why a choice cannot be made now."""

    TOO_MANY_SAMPLES = "too_many_samples"
    NO_ADDRESS = "no_address"


class CeremonyError(Exception):
    """A choice that cannot be made now; ``why`` says what hinders it."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How an answer came: its form, where from, in which language, by whom.

    ``url`` never holds a token. ``jurisdiction`` is a country or region (ISO 3166).
    """

    form: uuid.UUID
    now: dt.datetime
    language: str = ""
    method: str = Method.WEB
    ip: str = ""
    user_agent: str = ""
    url: str = ""
    jurisdiction: str = ""
    actor: str = ""


def serve_within(
    customer: Customer, disclosure: Disclosure, posted: Posted
) -> ConsentEvent:
    """Tell that a disclosure was shown, once a form; the caller holds the customer."""
    known = of_form(customer, posted, State.SERVED)
    return known or tell(customer, State.SERVED, posted, disclosure=disclosure)


def of_form(
    customer: Customer, posted: Posted, state: ConsentEvent.State
) -> ConsentEvent | None:
    """Return what a form was recorded as already; the caller holds the customer."""
    return ConsentEvent.objects.filter(
        customer=customer, state=state, evidence__form=str(posted.form)
    ).first()


def tell(
    customer: Customer,
    state: ConsentEvent.State,
    posted: Posted,
    *,
    disclosure: Disclosure | None = None,
    categories: Sequence[str] = (),
    address: str = "",
    basis: str = Basis.ESIGN_CONSENT,
    evidence: Mapping[str, Any] | None = None,
    words: str = "",
    more: Mapping[str, Any] | None = None,
) -> ConsentEvent:
    """Add one event to the history, in force from now on; the caller holds the
    customer."""
    today = posted.now.astimezone(dt.UTC).date()
    latest = ConsentEvent.objects.filter(
        customer=customer, subject=Subject.E_DELIVERY
    ).aggregate(latest=Max("effective_on"))["latest"]
    return record_consent(
        customer=customer,
        subject=Subject.E_DELIVERY,
        state=state,
        method=posted.method,
        # In force at once: never dated before another event of the same consent.
        effective_on=max(today, latest) if latest else today,
        effective_at=posted.now,
        basis=basis,
        jurisdiction=posted.jurisdiction,
        language=disclosure.language if disclosure else posted.language,
        categories=categories,
        disclosure_ref=disclosure.ref if disclosure else "",
        rendered_sha256=bytes(disclosure.sha256 or b"") or None if disclosure else None,
        hwsw_version=disclosure.hwsw_version if disclosure else None,
        ui_version=UI_VERSION,
        actor=posted.actor,
        evidence={"form": str(posted.form), **(evidence or {})},
        address=address,
        ip=posted.ip,
        user_agent=posted.user_agent[:300],
        url=posted.url,
        words=words,
        more=more,
    )


def standing_of(customer: Customer) -> ConsentState | None:
    """Return where the customer's consent to e-mail stands, with its event."""
    return (
        ConsentState.objects.select_related("event")
        .filter(customer=customer, subject=Subject.E_DELIVERY)
        .first()
    )


def known_address(customer: Customer) -> str:
    """Return the e-mail address we use for a customer, empty for none."""
    point = customer.contact_points.filter(
        kind=ContactPoint.Kind.EMAIL, is_primary=True
    ).first()
    return "" if point is None else str(point.value)


def known_print(customer: Customer) -> bytes | None:
    """Return what that address hashes to."""
    address = known_address(customer)
    return fingerprint_of(address) if address else None
