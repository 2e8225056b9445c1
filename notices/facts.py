"""Gathers what each notice may say, for a whole batch in a handful of queries.

The invoices are those of notices.owed, which the gate asks too, so that what is sent
and what is printed rest on the same debts. Decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from customers.models import ContactPoint, Customer, PostalAddress
from notices.models import Brand, Channel, Notice
from notices.owed import NOTHING, Owed, owed_by_notice
from notices.render import (
    BrandFacts,
    CustomerFacts,
    Destination,
    Facts,
    InvoiceFacts,
    MailDestination,
    PhoneDestination,
    PostalDestination,
)

Points = Mapping[str, str]


def load_facts(
    notices: Sequence[int] | Mapping[int, Owed], now: dt.datetime
) -> dict[int, Facts]:
    """Return the facts of each notice as of ``now``, an aware instant.

    ``notices`` are ids, or ids with what the gate found still owed, so that what is
    sent rests on the very debts that allowed it. ``obligations`` stay empty: they come
    with the decision that allows the notice. A customer who cannot be reached by the
    channel gets an empty destination, and a notice with nothing left to pay no
    invoices; rendering refuses both.
    """
    found = list(
        Notice.objects.filter(pk__in=list(notices)).select_related(
            "customer__postal_address", "stream__brand"
        )
    )
    points = _points({notice.customer_id for notice in found})
    owed = notices if isinstance(notices, Mapping) else _owed(found, now)
    return {
        notice.pk: _facts(
            notice, points[notice.customer_id], owed.get(notice.pk, NOTHING), now
        )
        for notice in found
    }


def _owed(notices: Sequence[Notice], now: dt.datetime) -> dict[int, Owed]:
    """Return the debts of each notice on its firm's own day: one query a day."""
    by_day: dict[dt.date, list[int]] = defaultdict(list)
    for notice in notices:
        by_day[_today(notice.stream.brand, now)].append(notice.pk)
    owed: dict[int, Owed] = {}
    for day, ids in by_day.items():
        owed.update(owed_by_notice(ids, day))
    return owed


def _points(customer_ids: Iterable[int]) -> Mapping[int, Points]:
    """Return the usable addresses of each customer by kind: one query."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    usable = ContactPoint.objects.filter(
        customer__in=list(customer_ids), is_primary=True
    ).exclude(state=ContactPoint.State.DEAD)
    for customer, kind, value in usable.values_list("customer_id", "kind", "value"):
        found[customer][kind] = value
    return found


def _today(brand: Brand, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(brand.time_zone)).date()


def _facts(notice: Notice, points: Points, owed: Owed, now: dt.datetime) -> Facts:
    brand, customer = notice.stream.brand, notice.customer
    address = getattr(customer, "postal_address", None)
    return Facts(
        reference=notice.reference,
        channel=notice.channel,
        planned_on=notice.planned_on,
        today=_today(brand, now),
        now=now,
        brand=brand_facts(brand),
        customer=CustomerFacts(
            number=customer.number,
            name=customer.name,
            kind=customer.kind,
            language=customer.language,
            country=customer.country or (address.country if address else ""),
            time_zone=customer.time_zone,
        ),
        destination=_destination(
            notice.channel, customer, address, points, brand.country
        ),
        invoices=tuple(
            InvoiceFacts(
                number=line.number,
                issued_on=line.issued_on,
                due_on=line.due_on,
                currency=line.currency,
                amount=line.amount,
                open_amount=line.open_amount,
                days_late=line.days_late,
                purpose=line.purpose,
                order_number=line.order_number,
            )
            for line in owed.lines
        ),
        total=owed.total,
        currency=owed.lines[0].currency if owed.lines else "",
    )


def destination_of(customer: Customer, channel: str, country: str) -> Destination:
    """Return where one customer would be reached by a channel, empty if nowhere.

    ``country`` is the firm's, for an address that names none.
    """
    address = getattr(customer, "postal_address", None)
    points = _points([customer.pk])[customer.pk]
    return _destination(channel, customer, address, points, country)


def _destination(
    channel: str,
    customer: Customer,
    address: PostalAddress | None,
    points: Points,
    home: str,
) -> Destination:
    if channel == Channel.EMAIL:
        return MailDestination(points.get(ContactPoint.Kind.EMAIL, ""))
    if channel == Channel.SMS:
        return PhoneDestination(points.get(ContactPoint.Kind.MOBILE, ""))
    if channel == Channel.CALL:
        landline = points.get(ContactPoint.Kind.LANDLINE, "")
        return PhoneDestination(points.get(ContactPoint.Kind.MOBILE, landline))
    if address is None or address.state != PostalAddress.State.OK:
        return PostalDestination("", "", "", "", "")
    return PostalDestination(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        postcode=address.postcode,
        country=address.country or customer.country or home,
    )


def brand_facts(brand: Brand) -> BrandFacts:
    """Return the firm as its customers know it; equal rows give the same object."""
    return _brand_facts(*[_column(brand, name) for name in _BRAND_COLUMNS])


_BRAND_COLUMNS = tuple(BrandFacts.__dataclass_fields__)


def _column(brand: Brand, name: str) -> object:
    value = getattr(brand, name)
    return bytes(value) if name == "logo" else value


# One object for all notices of a firm makes every cache keyed by it cheap to ask.
@lru_cache(maxsize=64)
def _brand_facts(*columns: Any) -> BrandFacts:
    return BrandFacts(*columns)
