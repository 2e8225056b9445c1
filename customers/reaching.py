"""The one address by which a customer is reached on a channel: since when, and changed.

Whoever holds a link of a customer's may bring a new address to be theirs. What is for
nobody else goes only where somebody else stands for the address: the firm's file,
staff, or whoever was told of it at the address before and has had time to speak
(``Reached.settled``). Time alone vouches for nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models.functions import Now

from customers.models import ContactPoint, Customer

# Since when an address is used before it is trusted with what is for nobody else.
SETTLES = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reached:
    """The usable primary addresses of a customer by kind (ContactPoint.Kind).

    ``told`` are the messages to the addresses before that were handed over, by
    reference, and when (``ContactPoint.told_with``).
    """

    points: Mapping[str, ContactPoint]
    now: dt.datetime
    told: Mapping[str, dt.datetime] = field(default_factory=dict)

    def settled(self, *kinds: str) -> str:
        """Return the first address of these kinds that is trusted, empty for none."""
        for kind in kinds:
            point = self.points.get(kind)
            if point is None or not self._is_backed(point):
                continue
            if self.new_until(kind) is None:
                return str(point.value)
        return ""

    def new_until(self, kind: str) -> dt.datetime | None:
        """Return until when an address is too new to be trusted; None for one that is
        trusted or that no time mends, and where there is none."""
        point = self.points.get(kind)
        if point is None or not (point.is_vouched or point.told_with):
            return None
        since = [point.primary_since, self.told.get(point.told_with)]
        until = max((one + SETTLES for one in since if one), default=self.now)
        return until if self.now < until else None

    def is_warned_by(self, kind: str) -> bool:
        """Whether who is told at this address is the customer, not a stranger who
        brought it a moment ago."""
        point = self.points.get(kind)
        return point is not None and (point.is_vouched or bool(self.settled(kind)))

    def warnings(self) -> frozenset[str]:
        """Return the references of the messages that trust in these rests on."""
        brought = (one for one in self.points.values() if not one.is_vouched)
        return frozenset(one.told_with for one in brought if one.told_with)

    def _is_backed(self, point: ContactPoint) -> bool:
        return point.is_vouched or point.told_with in self.told


def reached(customer: Customer, *, now: dt.datetime) -> Reached:
    """Return how a customer is reached by mail and telephone: one query.

    Which warnings were handed over is not known here (notices.warned).
    """
    points = customer.contact_points.filter(
        is_primary=True, state=ContactPoint.State.OK
    )
    return Reached({one.kind: one for one in points}, now)


@transaction.atomic
def reach_at(
    *,
    customer: Customer,
    kind: str,
    value: str,
    told_with: str = "",
    is_vouched: bool = False,
) -> ContactPoint:
    """Use an address from now on in place of the one before, which is kept as a second.

    ``value`` is in its normal form (customers.contact), and whoever brought it reads
    what goes there. ``told_with`` is the message that told the customer of it at the
    address before, empty for none; ``is_vouched`` when staff brought it.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    points = list(ContactPoint.objects.filter(customer=customer, kind=kind))
    others = [one for one in points if one.value != value and one.is_primary]
    for one in others:
        one.is_primary = False
        one.save(update_fields=["is_primary"])
    known = next((one for one in points if one.value == value), None)
    if known is None:
        return ContactPoint.objects.create(
            customer=customer,
            kind=kind,
            value=value,
            is_vouched=is_vouched,
            told_with=told_with,
        )
    changed = ["is_primary", "state", "is_vouched"]
    if not known.is_primary:
        known.primary_since = Now()
        known.is_vouched, known.told_with = is_vouched, told_with
        # Whichever file once brought it: one that brings it again vouches anew.
        known.raw_print = b""
        changed += ["primary_since", "told_with", "raw_print"]
    known.is_vouched = known.is_vouched or is_vouched
    known.is_primary, known.state = True, ContactPoint.State.OK
    known.save(update_fields=changed)
    return known
