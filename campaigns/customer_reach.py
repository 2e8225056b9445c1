"""How one customer can be reached, and what they agreed to, as staff see it.

Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale

from campaigns import reasons, words
from campaigns.words import Words
from consent.fingerprints import fingerprint_of
from consent.models import ConsentEvent, ConsentState, Subject, Suppression, TopicStop
from consent.telling import known_address
from customers.models import (
    ContactPoint,
    Customer,
    PostalAddress,
)
from customers.regions import region_of
from notices.render.places import address_lines


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a customer and whether it works."""

    kind: str
    value: str
    status: Words
    is_primary: bool = True


def ways(customer: Customer) -> list[Way]:
    """Return how a customer can be reached: three queries."""
    points = list(customer.contact_points.order_by("kind", "-is_primary", "pk"))
    stopped = _suppressed(points)
    found = [
        Way(
            point.get_kind_display(),
            point.value,
            _point_words(point, stopped),
            point.is_primary,
        )
        for point in points
    ]
    address = getattr(customer, "postal_address", None)
    if address is not None:
        state = "returned" if address.state == PostalAddress.State.RETURNED else "ok"
        if state == "ok" and not address.is_deliverable:
            state = "incomplete"
        found.append(
            Way("Post", _written(address, customer), words.CONTACT_POINT[state])
        )
    return found


def _written(address: PostalAddress, customer: Customer) -> str:
    """Return an address on one line, in the order of its country."""
    return ", ".join(
        address_lines(
            address.country or customer.country,
            name="",
            street=[address.line1, address.line2],
            city=address.city,
            postcode=address.postcode,
        )
    )


def _suppressed(points: Sequence[ContactPoint]) -> dict[bytes, Suppression]:
    listed = Suppression.objects.filter(
        fingerprint__in=[fingerprint_of(point.value) for point in points]
    )
    return {bytes(one.fingerprint): one for one in listed}


def _point_words(point: ContactPoint, stopped: dict[bytes, Suppression]) -> Words:
    suppression = stopped.get(fingerprint_of(point.value))
    if suppression is None:
        return words.CONTACT_POINT[point.state]
    known = words.CONTACT_POINT["suppressed"]
    return Words(
        f"{known.word}: {reasons.reason(f'SUPP_{suppression.reason}')}",
        "",
        known.tint,
        known.shape,
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a customer agreed to on one subject, since when and how we know."""

    subject: str
    status: Words
    since: dt.date | None = None
    known_by: str = ""


def agreements(customer: Customer) -> list[Agreement]:
    """Return a customer's consents, one line a subject, asked or not, and one a topic
    they want no texts of: two queries."""
    states = {
        state.subject: state
        for state in ConsentState.objects.filter(customer=customer).select_related(
            "event"
        )
    }
    found = []
    for subject in Subject:
        state = states.get(subject)
        if state is None and subject == Subject.CALL:
            continue  # nobody is asked for it
        found.append(
            Agreement(subject.label, words.CONSENT["none"])
            if state is None
            else Agreement(
                subject.label,
                _status_of(customer, state),
                state.since,
                ConsentEvent.Method(state.event.method).label,
            )
        )
    return found + [
        Agreement(
            f"{Subject.SMS.label}: {stop.get_topic_display()}",
            words.CONSENT["withdrawn"],
            stop.since.date(),
            ConsentEvent.Method.SMS_KEYWORD.label,
        )
        for stop in TopicStop.objects.filter(customer=customer).order_by("since")
    ]


def _status_of(customer: Customer, state: ConsentState) -> Words:
    """Return where a consent stands, for the address that is used now."""
    if state.state == ConsentEvent.State.GRANTED and state.address_print is not None:
        known = known_address(customer)
        if not known or fingerprint_of(known) != bytes(state.address_print):
            return words.CONSENT["address_changed"]
    return words.CONSENT[state.state]


def status_of(customer: Customer) -> Words | None:
    """Return why a customer is not reminded at all; None for most of them."""
    if customer.status == Customer.Status.ACTIVE:
        return None
    return words.CUSTOMER[customer.status]


def place_of(customer: Customer) -> str:
    """Return the state and country whose rules of law count, empty where neither is
    known: "PA, United States"."""
    postal = getattr(customer, "postal_address", None)
    country = customer.country or (postal.country if postal else "")
    region = customer.region or (region_of(country, postal.postcode) if postal else "")
    name = Locale("en").territories.get(country, country)
    return ", ".join(part for part in (region, str(name)) if part)
