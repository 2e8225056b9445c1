"""Whom the firm may invite to e-mail: not too often, and not soon after a no."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, Q

from consent.ledger import record_many
from consent.models import ConsentEvent, Subject
from consent.told import Told

State = ConsentEvent.State


def invitable(
    customer_ids: Sequence[int], *, now: dt.datetime, most: int = 3, months: int = 12
) -> set[int]:
    """Return who of these may be invited to e-mail: at most ``most`` times in twelve
    months, and not for ``months`` after a no. One query."""
    year = now - dt.timedelta(days=365)
    pause = now - dt.timedelta(days=round(months * 365 / 12))
    tired = (
        ConsentEvent.objects.filter(
            customer__in=customer_ids, subject=Subject.E_DELIVERY
        )
        .order_by()
        .values("customer")
        .annotate(
            invited=Count("pk", filter=Q(state=State.OFFERED, recorded_at__gt=year)),
            refused=Count("pk", filter=Q(state=State.REFUSED, recorded_at__gt=pause)),
        )
        .filter(Q(invited__gte=most) | Q(refused__gt=0))
        .values_list("customer", flat=True)
    )
    return set(customer_ids) - set(tired)


def note_invited(customer_ids: Sequence[int], *, method: str, now: dt.datetime) -> int:
    """Record that these were invited to e-mail, once each; return how many."""
    today = now.astimezone(dt.UTC).date()
    return record_many(
        Told(
            customer_id=pk,
            subject=Subject.E_DELIVERY,
            state=State.OFFERED,
            method=method,
            effective_on=today,
            effective_at=now,
        )
        for pk in customer_ids
    )
