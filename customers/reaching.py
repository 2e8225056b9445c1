"""The one address by which a customer is reached on a channel: since when, and changed.

Whoever holds a link of a customer's may bring a new address to be theirs. What is for
nobody else goes only where we have written for a while (``Reached.settled``), so that
whoever was told of the change at the old address has had time to speak.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from customers.models import ContactPoint, Customer

# Since when an address is used before it is trusted with what is for nobody else.
SETTLES = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reached:
    """The usable primary addresses of a customer by kind (ContactPoint.Kind)."""

    points: Mapping[str, ContactPoint]
    now: dt.datetime

    def settled(self, *kinds: str) -> str:
        """Return the first address of these kinds that is trusted, empty for none."""
        for kind in kinds:
            point = self.points.get(kind)
            if point is not None and self.new_until(kind) is None:
                return str(point.value)
        return ""

    def new_until(self, kind: str) -> dt.datetime | None:
        """Return until when an address is too new to be trusted; None for one that is
        trusted, and where there is none."""
        point = self.points.get(kind)
        if point is None or point.primary_since is None:
            return None
        until = point.primary_since + SETTLES
        return until if self.now < until else None


def reached(customer: Customer, *, now: dt.datetime) -> Reached:
    """Return how a customer is reached by mail and telephone: one query."""
    points = customer.contact_points.filter(
        is_primary=True, state=ContactPoint.State.OK
    )
    return Reached({one.kind: one for one in points}, now)


@transaction.atomic
def reach_at(*, customer: Customer, kind: str, value: str) -> ContactPoint:
    """Use an address from now on in place of the one before, which is kept as a second.

    ``value`` is in its normal form (customers.contact), and known to be theirs.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    points = list(ContactPoint.objects.filter(customer=customer, kind=kind))
    others = [one for one in points if one.value != value and one.is_primary]
    for one in others:
        one.is_primary = False
        one.save(update_fields=["is_primary"])
    known = next((one for one in points if one.value == value), None)
    if known is None:
        return ContactPoint.objects.create(customer=customer, kind=kind, value=value)
    changed = ["is_primary", "state"]
    if not known.is_primary:
        known.primary_since = Now()
        changed.append("primary_since")
    known.is_primary, known.state = True, ContactPoint.State.OK
    known.save(update_fields=changed)
    return known
