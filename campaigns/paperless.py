"""Who gets bills by e-mail on a day, who gets paper, and who cannot be reached.

Asks of all customers at once what the gate asks of one before a bill goes
(notices.standing, consent.rules): tests hold the two against each other. Decides
nothing, changes nothing; each message is still asked about by itself.

Addresses are sealed, so SQL cannot tell whether a consent is bound to the one in use,
or whether nothing may go there any more. That is looked at in a stream over those for
whom all else speaks for e-mail, and only who fails is remembered.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from django.conf import settings
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from campaigns.by_contract import place, places_by_contract
from consent.categories import ASKED_BEFORE, BILLS
from consent.facts import EConsent
from consent.fingerprints import fingerprint
from consent.lawbook import Lawbook
from consent.models import Basis, ConsentEvent, Subject, Suppression
from consent.standing import permits_mail
from customers.models import ContactPoint, Customer, PostalAddress
from notices.standing import NO_OBSTACLE

State = ConsentEvent.State
# A consent that is under way or stands, as consent.standing has it.
LIVE = tuple(one for one in get_args(EConsent) if permits_mail(one))
# The last two are to the gate as if nobody had been asked.
_BY_CONTRACT = (*NO_OBSTACLE, "later", State.SUPERSEDED)
SIDES = ("switched", "paper", "unreachable")
# Why somebody gets bills by e-mail.
CONTRACT = "contract"
SWITCHED = (str(State.GRANTED), CONTRACT)
CHANGED, STOPPED = "address_changed", "stopped"
# What only a look at the address tells apart.
_OF_ADDRESS = (*SWITCHED, CHANGED, STOPPED)
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Customers for whom all but the address in use speaks for e-mail.

    ``changed``: their consent is bound to another one; ``stopped``: nothing may go to
    it.
    """

    changed: Sequence[int] = ()
    stopped: Sequence[int] = ()


class Sides:
    """All customers to whom bills go, on one of the firm's days."""

    def __init__(self, day: dt.date, book: Lawbook) -> None:
        """Begin with nothing asked; ``book`` says what law wants where they live."""
        self.day = day
        self._book = book

    def customers(self, *, side: str = "", why: str = "") -> QuerySet[Any]:
        """Return the customers with ``why``, the reason, and ``gets_letters``; those
        of one side (``SIDES``) or reason alone where it is named.

        Two statements and a stream beforehand, the stream only where a reason may be
        one of the address; memory is that of places, stopped addresses and exceptions.
        """
        looked = not why or why in _OF_ADDRESS
        exceptions = self._exceptions if looked else Exceptions()
        found = _told(self.day, self._places, exceptions)
        if why:
            found = found.filter(why=why)
        match side:
            case "switched":
                return found.filter(why__in=SWITCHED)
            case "paper":
                return found.exclude(why__in=SWITCHED).filter(gets_letters=True)
            case "unreachable":
                return found.exclude(why__in=SWITCHED).filter(gets_letters=False)
        return found

    @cached_property
    def _places(self) -> list[str]:
        return places_by_contract(_billed(), self.day, self._book)

    @cached_property
    def _exceptions(self) -> Exceptions:
        return _exceptions(self.day, self._places)

    def counts(self) -> Counter[tuple[str, str]]:
        """Return how many there are by side and reason: one statement."""
        told = self.customers().order_by().values_list("why", "gets_letters")
        sql, parameters = told.query.sql_with_params()
        with connection.cursor() as cursor:
            # OFFSET 0: each reason is found once, not again for each of its mentions.
            cursor.execute(
                f"SELECT why, gets_letters, count(*) FROM ({sql} OFFSET 0) AS told "  # noqa: S608
                "GROUP BY why, gets_letters",
                parameters,
            )
            rows = cursor.fetchall()
        found: Counter[tuple[str, str]] = Counter()
        for why, gets_letters, number in rows:
            found[side_of(why, gets_letters), why] += number
        return found


def side_of(why: str, gets_letters: bool) -> str:
    """Return on which side (``SIDES``) a customer is for a reason."""
    if why in SWITCHED:
        return "switched"
    return "paper" if gets_letters else "unreachable"


# The joins -------------------------------------------------------------------


def _billed() -> QuerySet[Any]:
    """Return who gets bills, each with address, e-mail and consent beside them.

    Closed accounts get none; of who has died a person decides.
    """
    return (
        Customer.objects.filter(erased_at=None)
        .exclude(account_status=Customer.AccountStatus.CLOSED)
        .exclude(status=Customer.Status.DECEASED)
        .annotate(
            email=FilteredRelation(
                "contact_points",
                condition=Q(
                    contact_points__kind=ContactPoint.Kind.EMAIL,
                    contact_points__is_primary=True,
                ),
            ),
            agreed=FilteredRelation(
                "consent_states",
                condition=Q(consent_states__subject=Subject.E_DELIVERY),
            ),
        )
        .alias(place=place())
    )


# The reasons -----------------------------------------------------------------


def _standing(day: dt.date) -> Case:
    """Return how the consent stands, as consent.standing.e_consent says for bills, but
    for the address; what is none to the gate keeps its own word."""
    in_categories = Q(agreed__categories__contains=[BILLS])
    if BILLS in ASKED_BEFORE:
        in_categories |= Q(agreed__categories=[])
    return Case(
        When(agreed__state=None, then=Value("none")),
        When(agreed__since__gt=day, then=Value("later")),
        When(~Q(agreed__state__in=LIVE), then=F("agreed__state")),
        When(agreed__valid_until__lt=day, then=Value("expired")),
        When(~in_categories, then=Value("wrong_scope")),
        default=F("agreed__state"),
        output_field=CharField(),
    )


# An invitation never moves a consent, so no state tells of it (consent.projection).
_ASKED = ConsentEvent.objects.filter(
    customer=OuterRef("pk"),
    subject=Subject.E_DELIVERY,
    state__in=[State.OFFERED, State.SERVED],
)
# A refusal holds whatever the contract says, from whichever day it counts.
_NOT_REFUSED = Q(agreed__state=None) | ~Q(agreed__state=State.REFUSED)
_IS_OPEN = Q(email__state=ContactPoint.State.OK)
# A firm agrees by a clause of its contract.
_AGREED = Q(standing=State.GRANTED) & (
    ~Q(kind=Customer.Kind.BUSINESS) | Q(agreed__event__basis=Basis.CONTRACT)
)
_GETS_LETTERS = (
    Q(postal_address__state=PostalAddress.State.OK)
    & ~Q(postal_address__line1_index=b"")
    & ~Q(postal_address__city="")
    & ~Q(postal_address__postcode="")
)


def _by_contract(places: Sequence[str]) -> Q:
    return Q(place__among=places, standing__in=_BY_CONTRACT) & _NOT_REFUSED


def _standing_of_all(day: dt.date) -> QuerySet[Any]:
    found: QuerySet[Any] = _billed().alias(standing=_standing(day))
    return found


def _told(day: dt.date, places: Sequence[str], exceptions: Exceptions) -> QuerySet[Any]:
    by_contract = _by_contract(places)
    found: QuerySet[Any] = _standing_of_all(day).annotate(
        why=Case(
            When(pk__among=exceptions.changed, then=Value(CHANGED)),
            When(pk__among=exceptions.stopped, then=Value(STOPPED)),
            When(_IS_OPEN & _AGREED, then=Value(State.GRANTED)),
            When(_IS_OPEN & by_contract, then=Value(CONTRACT)),
            When(_AGREED | by_contract, then=Value("no_address")),
            When(standing=State.GRANTED, then=Value("no_clause")),
            # Asked once and late: of everybody it costs a pass of the history.
            When(Q(standing="none") & Exists(_ASKED), then=Value(State.OFFERED)),
            default=F("standing"),
            output_field=CharField(),
        ),
        gets_letters=Case(
            When(_GETS_LETTERS, then=True),
            default=False,
            output_field=BooleanField(),
        ),
    )
    return found


# The addresses ---------------------------------------------------------------


def _exceptions(day: dt.date, places: Sequence[str]) -> Exceptions:
    """Return who would get e-mail but for the very address; one stream."""
    stopped = {
        bytes(one)
        for one in Suppression.objects.filter(channel="email")
        .values_list("fingerprint", flat=True)
        .iterator(chunk_size=_CHUNK)
    }
    changed, closed = [], []
    for pk, address_print, bound_to in _to_look_at(day, places):
        if bound_to is not None and bytes(bound_to) != address_print:
            changed.append(pk)
        elif address_print in stopped:
            closed.append(pk)
    return Exceptions(changed, closed)


def _to_look_at(
    day: dt.date, places: Sequence[str]
) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Yield customer, fingerprint of the address in use, and that of the address a
    consent that counts is bound to."""
    key = settings.SUPPRESSION_KEY
    found = (
        _standing_of_all(day)
        .filter(_IS_OPEN & (_AGREED | _by_contract(places)))
        .order_by()
        .annotate(
            bound_to=Case(When(standing__in=LIVE, then=F("agreed__address_print")))
        )
        .values_list("pk", "email__value", "bound_to")
    )
    for pk, address, bound_to in found.iterator(chunk_size=_CHUNK):
        # As fingerprint_of has it, without asking for the key a million times.
        yield pk, fingerprint(address.strip().lower(), key), bound_to
