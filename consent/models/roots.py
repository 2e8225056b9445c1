"""Roots over all that was added to the history of consents, day by day.

What a chain alone cannot show, that its newest events are missing, the root of their
day does. A copy of each stands in a file off the database (consent.roots).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ConsentRoot(models.Model):
    """A signed Merkle root over the events after ``after_event`` to ``last_event``.

    Append-only like the history: the database refuses UPDATE, DELETE and TRUNCATE.
    ``previous`` is the SHA-256 of what the root before it signed, ``day`` a day of UTC.
    """

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    after_event = models.BigIntegerField()
    last_event = models.BigIntegerField()
    size = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    public_key = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="consent_root_follows", fields=["previous"]),
            models.CheckConstraint(
                name="consent_root_forward",
                condition=Q(last_event__gte=models.F("after_event")),
            ),
        ]

    def __str__(self) -> str:
        return f"root of {self.day}"


class RootCopy(models.Model):
    """That a root stands in the file off the database too, and since when."""

    root = models.OneToOneField(
        ConsentRoot, on_delete=models.PROTECT, primary_key=True, related_name="copy"
    )
    copied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"copy of {self.root}"
