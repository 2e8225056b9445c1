"""How fast each provider may be spoken to, and whether it answers."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class ProviderLane(models.Model):
    """One way out of the house: a provider, with its rate and its health.

    Rows, not memory: all workers on all machines share one rate. ``tokens`` may fall
    below nothing when messages turn out larger than was reserved; the lane then waits.
    """

    name = models.CharField(max_length=60, unique=True)
    per_second = models.FloatField(
        "messages a second",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(
                0.001, "Write a number above nothing, or leave it empty for no limit."
            )
        ],
        help_text="For texts, parts a second. Empty: as fast as the provider takes it.",
    )
    tokens = models.FloatField(default=0, editable=False)
    refilled_at = models.DateTimeField(editable=False)
    failures = models.PositiveIntegerField(
        default=0, editable=False, help_text="In a row; the first answer ends them."
    )
    failing_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when nothing was taken; the first answer ends it.",
    )
    closed_until = models.DateTimeField(null=True, blank=True, editable=False)
    probing_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="One message asks whether the provider is back; no other does.",
    )
    probing_by = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The worker that asks."
    )
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.CharField(max_length=200, default="", blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="lane_rate_is_one",
                condition=Q(per_second__isnull=True) | Q(per_second__gt=0),
            ),
            models.CheckConstraint(
                name="lane_stop_has_reason",
                condition=Q(stopped_at__isnull=True) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name
