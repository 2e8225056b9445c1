"""Whether anything may leave the house, and who is at work in it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

ONLY_ROW = 1


class Outbound(models.Model):
    """The one switch for all that leaves: a single row, asked in every claim.

    Staff stop everything with it, and so does the guard against restored copies:
    ``installation`` is the fingerprint of the house that may send from this database,
    and a house with another one stops it (notices.outbound).
    """

    class Cause(models.TextChoices):
        STAFF = "staff", "Stopped by staff"
        COPY = "copy", "Another installation opened this database"

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.CharField(max_length=150, default="", blank=True)
    cause = models.CharField(max_length=8, choices=Cause, default="", blank=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    installation = models.CharField(
        max_length=64,
        default="",
        blank=True,
        help_text="Fingerprint of the installation that may send; empty for none yet.",
    )

    class Meta:
        verbose_name_plural = "outbound"
        default_permissions = ("view",)
        permissions = [("stop_everything", "Can stop all sending, and release it")]
        constraints = [
            models.CheckConstraint(name="outbound_one_row", condition=Q(id=ONLY_ROW)),
            models.CheckConstraint(
                name="outbound_stop_says_why",
                condition=Q(stopped_at__isnull=True, cause="")
                | Q(stopped_at__isnull=False, cause__in=["staff", "copy"]),
            ),
        ]

    def __str__(self) -> str:
        return "stopped" if self.stopped_at else "open"


class OutboundEvent(models.Model):
    """Who switched all sending off or on, when and why; only ever added to."""

    class Verb(models.TextChoices):
        STOPPED = "stopped", "Stopped"
        RELEASED = "released", "Released"
        ADOPTED = "adopted", "Named this the real installation"
        TRIED = "tried", "Tried a provider again"

    verb = models.CharField(max_length=8, choices=Verb)
    by = models.CharField(max_length=150, default="", blank=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.verb} at {self.at}"


class Heartbeat(models.Model):
    """When something that must be at work was last seen, and last did its work."""

    class Kind(models.TextChoices):
        BEAT = "beat", "The clock that rings for each pass"
        PASS = "pass", "A pass of the scheduler"
        WORKER = "worker", "A worker"
        CHANNEL = "channel", "The last claim of messages of a channel"
        SWEEP = "sweep", "A sweep that need not run in each pass"

    name = models.CharField(max_length=160, primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind)
    seen_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True, blank=True)
    queues = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    hears_broker = models.BooleanField(
        default=True, help_text="Redis answered this worker when it was last seen."
    )

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
