"""Questions about consents that read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from consent.models import ConsentEvent, ConsentState  # noqa: F401


class ConsentEventQuerySet(models.QuerySet["ConsentEvent"]):
    """Questions about the history of consents."""

    def newest_per_subject(self) -> ConsentEventQuerySet:
        """Return the last event of each customer and subject, by its day and then
        by the order of recording."""
        return self.order_by("customer_id", "subject", "-effective_on", "-id").distinct(
            "customer_id", "subject"
        )


class ConsentStateQuerySet(models.QuerySet["ConsentState"]):
    """Questions about the projection."""

    def standing(self) -> ConsentStateQuerySet:
        """Return consents that were given and not withdrawn."""
        return self.exclude(state="withdrawn")
