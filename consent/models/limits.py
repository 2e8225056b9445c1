"""Where nothing more may go, and how often and when anything may."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q


class Suppression(models.Model):
    """An address nothing more may go to, and why.

    Keyed by a fingerprint, not by the address: the list outlives the erasure of
    the person it protects (see consent.fingerprints).
    """

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", "Address does not exist"
        SOFT_LIMIT = "soft_limit", "Could not deliver, several times"
        COMPLAINT = "complaint", "Marked as spam"
        STOP = "stop", "Customer asked us to stop"
        UNSUB_ALL = "unsub_all", "Customer stopped all messages"
        INVALID = "invalid", "Address is not valid"
        MANUAL = "manual", "Stopped by staff"

    channel = models.CharField(
        max_length=8, choices=[("email", "E-mail"), ("sms", "Text")]
    )
    fingerprint = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=16, choices=Reason)
    since = models.DateTimeField()
    source = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [
            # Serves the look-up of a whole batch of addresses at once.
            models.UniqueConstraint(
                name="suppression_once", fields=["channel", "fingerprint"]
            ),
            models.CheckConstraint(
                name="suppression_channel_known",
                condition=Q(channel__in=["email", "sms"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.reason}"


class StopScope(models.TextChoices):
    """What a STOP by text message ends."""

    ALL = "all", "All texts of the firm"
    TOPIC = "topic", "Texts of that sort"


class ContactPolicy(models.Model):
    """A firm's own limits on contact: quiet hours, caps, letters.

    The hours are the customer's local time, from ``quiet_start`` (messages may go
    from then on) to ``quiet_end`` (none from then on). Both empty: no quiet hours.
    """

    name = models.CharField(max_length=120, unique=True)
    quiet_start = models.TimeField(null=True, blank=True, default=dt.time(8))
    quiet_end = models.TimeField(null=True, blank=True, default=dt.time(20))
    email_quiet = models.BooleanField(default=False)
    sms_number_provided_ok = models.BooleanField(default=True)
    optional_paper_ok = models.BooleanField(
        default=False, help_text="Letters may carry what no law demands on paper."
    )
    sms_24h = models.PositiveSmallIntegerField(null=True, blank=True, default=1)
    sms_7d = models.PositiveSmallIntegerField(null=True, blank=True, default=2)
    dunning_7d = models.PositiveSmallIntegerField(null=True, blank=True, default=3)
    stop_scope = models.CharField(
        max_length=8,
        choices=StopScope,
        default=StopScope.ALL,
        db_default=StopScope.ALL,
        verbose_name="STOP ends",
        help_text="Where a rule of law wants more, more is ended.",
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "contact policies"
        constraints = [
            models.CheckConstraint(
                name="contact_policy_window_whole",
                condition=(
                    Q(quiet_start__isnull=True, quiet_end__isnull=True)
                    | Q(quiet_start__lt=models.F("quiet_end"))
                ),
            ),
            models.CheckConstraint(
                name="contact_policy_stop_scope_known",
                condition=Q(stop_scope__in=["all", "topic"]),
            ),
            # A cap of none at all would defer for ever; to stop a channel, leave it
            # off the ladder.
            models.CheckConstraint(
                name="contact_policy_caps_let_something_through",
                condition=(
                    (Q(sms_24h__isnull=True) | Q(sms_24h__gte=1))
                    & (Q(sms_7d__isnull=True) | Q(sms_7d__gte=1))
                    & (Q(dunning_7d__isnull=True) | Q(dunning_7d__gte=1))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
