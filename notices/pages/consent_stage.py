"""Where somebody stands with e-mail and paper, and so which page they see.

Asks the database, changes nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from consent.categories import ASKED_BEFORE, CATEGORIES
from consent.demonstrations import SAMPLE_LASTS
from consent.fingerprints import fingerprint_of
from consent.law import Rules
from consent.lawbook import lawbook
from consent.models import (
    AccessLink,
    ConsentEvent,
    ConsentState,
    Demonstration,
    Disclosure,
)
from consent.publishing import current, key_of
from consent.telling import Posted, known_address, standing_of
from customers.calendars import local_day
from customers.models import Customer
from customers.regions import region_of
from notices.models import Brand
from notices.pages.visit import Visit

State = ConsentEvent.State
Outcome = Demonstration.Outcome
# What can be taken back; who gets paper already has nothing to go back from.
_WITHDRAWABLE = frozenset(
    {State.GRANTED, State.UNPROVEN, State.STALE, State.PENDING, State.EXPIRED}
)
_NOTES = {
    State.UNPROVEN: "note_unproven",
    State.STALE: "note_stale",
    State.REFUSED: "note_refused",
    State.WITHDRAWN: "note_withdrawn",
    State.EXPIRED: "note_expired",
    State.GRANTED: "note_address",
}
_ENDED = {Outcome.LOCKED: "note_locked", Outcome.MOVED: "note_moved"}


class Stage(StrEnum):
    """The states of the page."""

    OFFER = "offer"
    SENT = "sent"
    PROVE = "prove"
    STANDING = "standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one customer's choice; ``note`` says why they are asked.

    ``known`` is the address we use, None where it was not looked up.
    """

    stage: Stage
    state: ConsentState | None
    note: str = ""
    known: str | None = None
    sample: Demonstration | None = None

    @property
    def can_withdraw(self) -> bool:
        """Whether there is anything to go back from."""
        return self.state is not None and self.state.state in _WITHDRAWABLE


def standing(visit: Visit) -> Standing:
    """Return where a visitor stands, by their link and by their consent."""
    customer = visit.customer
    mine = _sample_of(visit.link)
    state = standing_of(customer)
    if mine is not None and _is_open(mine, visit.now):
        return Standing(stage=Stage.PROVE, state=state, sample=mine)
    known = known_address(customer)
    if state is not None and _holds(state, known):
        return Standing(stage=Stage.STANDING, state=state, known=known)
    out = customer.demonstrations.filter(outcome=Outcome.OPEN).first()
    if out is not None and _is_open(out, visit.now):
        return Standing(stage=Stage.SENT, state=state, known=known, sample=out)
    note = _note(mine, state)
    return Standing(stage=Stage.OFFER, state=state, note=note, known=known)


def named(state: ConsentState) -> list[str]:
    """Return the categories a consent covers; one that names none is an older one."""
    covered = state.categories or ASKED_BEFORE
    return [one for one in CATEGORIES if one in covered]


def on_paper(state: ConsentState, disclosure: Disclosure | None) -> list[str]:
    """Return what could be agreed to and comes on paper, as a consent stands."""
    could = ASKED_BEFORE.intersection(disclosure.categories if disclosure else ())
    return [one for one in CATEGORIES if one in could.difference(named(state))]


def _sample_of(link: AccessLink) -> Demonstration | None:
    if link.purpose != AccessLink.Purpose.GRANT:
        return None
    return Demonstration.objects.select_related("disclosure").filter(link=link).first()


def _is_open(sample: Demonstration, now: dt.datetime) -> bool:
    return sample.outcome == Outcome.OPEN and now < sample.asked_at + SAMPLE_LASTS


def _holds(state: ConsentState, address: str) -> bool:
    """Whether a consent stands, and for the address that is used."""
    if state.state != State.GRANTED:
        return False
    bound = state.address_print
    return bound is None or (bool(address) and bytes(bound) == fingerprint_of(address))


def _note(mine: Demonstration | None, state: ConsentState | None) -> str:
    if mine is not None and mine.outcome not in {Outcome.GRANTED, Outcome.ENDED}:
        return _ENDED.get(Outcome(mine.outcome), "note_ended")
    return _NOTES.get(State(state.state), "") if state is not None else ""


def offered(visit: Visit) -> Disclosure | None:
    """Return what the firm tells before somebody agrees, None where it tells nothing
    yet."""
    return current(key_of(visit.brand.key), visit.words.language)


def rules_of(customer: Customer, brand: Brand, now: dt.datetime) -> Rules:
    """Return the rules of law that hold for a customer today."""
    address = getattr(customer, "postal_address", None)
    country = customer.country or (address.country if address else "") or brand.country
    postcode = address.postcode if address else ""
    region = customer.region or region_of(country, postcode or "")
    day = local_day(now, brand.time_zone)
    return lawbook().rules(country, region, customer.kind, day)


def place_of(rules: Rules) -> str:
    """Return a jurisdiction as it is kept with a consent: ``US-PA``."""
    return f"{rules.country}-{rules.region}" if rules.region else rules.country


def local(visit: Visit, moment: dt.datetime) -> str:
    """Return an instant in the firm's zone as the reader writes it."""
    zone = ZoneInfo(visit.brand.time_zone)
    return visit.words.formats().moment(moment.astimezone(zone))


def needs_sample(visit: Visit, disclosure: Disclosure) -> bool:
    """Whether a yes has to be proven by opening a sample: the firm or law wants it."""
    if is_firm(visit.customer):
        return False
    rules = rules_of(visit.customer, visit.brand, visit.now)
    return disclosure.needs_demonstration or rules.needs_demonstration


def is_firm(customer: Customer) -> bool:
    """Whether a customer agrees as a firm does, by contract."""
    return customer.kind == Customer.Kind.BUSINESS


def how(request: HttpRequest, visit: Visit, form: uuid.UUID) -> Posted:
    """Return how a form came, without the token: it opens the page to any reader."""
    return Posted(
        form=form,
        now=visit.now,
        language=visit.words.language,
        ip=visit.address,
        user_agent=request.headers.get("User-Agent", ""),
        url=f"{settings.PUBLIC_URL}/c/",
        jurisdiction=place_of(rules_of(visit.customer, visit.brand, visit.now)),
    )
