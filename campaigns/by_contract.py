"""Where law takes the contract for enough to send bills by e-mail, place by place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    Case,
    CharField,
    F,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, NullIf

from consent.lawbook import Lawbook
from customers.regions import TOLD_BY_POSTCODE, region_of

_CHUNK = 5000


def place() -> Concat:
    """Return what law goes by: kind, country, region, and the postcode where that
    tells the region (notices.people.Person.place)."""
    country = Coalesce(
        NullIf("country", Value("")), "postal_address__country", Value("")
    )
    by_postcode = Case(
        When(
            Q(region="")
            & (
                Q(country__in=TOLD_BY_POSTCODE)
                | Q(country="", postal_address__country__in=TOLD_BY_POSTCODE)
            ),
            then=Coalesce("postal_address__postcode", Value("")),
        ),
        default=Value(""),
        output_field=CharField(),
    )
    return Concat(
        "kind", Value("|"), country, Value("|"), "region", Value("|"), by_postcode,
        output_field=TextField(),
    )  # fmt: skip


def places_by_contract(billed: QuerySet[Any], day: dt.date, book: Lawbook) -> list[str]:
    """Return the places of customers, each with its ``place``, where bills may go by
    e-mail without a consent: one query, as many rows as there are places."""
    found = (
        billed.order_by()
        .annotate(where=F("place"))
        .values_list("where", flat=True)
        .distinct()
    )
    return [
        place
        for place in found.iterator(chunk_size=_CHUNK)
        if _contract_is_enough(place, day, book)
    ]


def _contract_is_enough(place: str, day: dt.date, book: Lawbook) -> bool:
    kind, country, region, postcode = place.split("|", 3)
    region = region or region_of(country, postcode)
    return book.rules(country, region, kind, day).contract_is_enough
