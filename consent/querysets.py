"""Questions about consents that read aloud."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from consent.models import ConsentEvent, ConsentState  # noqa: F401
    from customers.models import Customer


class ConsentEventQuerySet(models.QuerySet["ConsentEvent"]):
    """Questions about the history of consents."""

    def of(self, customer: Customer) -> ConsentEventQuerySet:
        """Return one customer's history, in the order it was recorded."""
        return self.filter(customer=customer).order_by("seq")


class ConsentStateQuerySet(models.QuerySet["ConsentState"]):
    """Questions about the projection."""

    def in_force(self, day: dt.date) -> ConsentStateQuerySet:
        """Return consents that were given, by whatever proof, and hold on ``day``."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day),
            state__in=["granted", "unproven"],
            since__lte=day,
        )
