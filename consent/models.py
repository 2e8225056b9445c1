"""What each customer agreed to, since when, and how we know.

The history (ConsentEvent) is append-only: the database itself refuses UPDATE,
DELETE and TRUNCATE. ConsentState is its projection, rebuilt from it at will. This
room sends nothing and knows of no notice.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from consent.querysets import ConsentEventQuerySet, ConsentStateQuerySet
from customers.models import Customer


class Subject(models.TextChoices):
    """What a consent is about."""

    E_DELIVERY = "e_delivery", "Bills and notices by e-mail"
    SMS = "sms", "Text messages"


class ConsentEvent(models.Model):
    """One thing that happened to one consent; never edited, never deleted."""

    class State(models.TextChoices):
        GRANTED = "granted", "Agreed"
        UNPROVEN = "unproven", "Agreed, by an imported note without proof"
        WITHDRAWN = "withdrawn", "Withdrew"

    class Method(models.TextChoices):
        IMPORT = "import", "Import"
        AGENT = "agent", "Told to staff"
        SMS_KEYWORD = "sms_keyword", "Text message"
        REPLY = "reply", "Reply to an e-mail"
        PROVIDER = "provider", "Told by the provider"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="consent_events"
    )
    subject = models.CharField(max_length=16, choices=Subject)
    state = models.CharField(max_length=16, choices=State)
    method = models.CharField(max_length=16, choices=Method)
    effective_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150, default="", blank=True)
    evidence = models.JSONField(default=dict, blank=True)

    objects = ConsentEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="consent_event_subject_known",
                condition=Q(subject__in=["e_delivery", "sms"]),
            ),
            models.CheckConstraint(
                name="consent_event_state_known",
                condition=Q(state__in=["granted", "unproven", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="consent_event_method_known",
                condition=Q(
                    method__in=["import", "agent", "sms_keyword", "reply", "provider"]
                ),
            ),
        ]
        indexes = [
            # Rebuilding one customer's state, and the customer's timeline.
            models.Index(
                fields=["customer", "subject", "id"], name="consent_event_history"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.state} from {self.effective_on}"


class ConsentState(models.Model):
    """Where the history of one customer and subject stands now."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="consent_states"
    )
    subject = models.CharField(max_length=16, choices=Subject)
    state = models.CharField(max_length=16, choices=ConsentEvent.State)
    since = models.DateField()
    event = models.ForeignKey(
        ConsentEvent, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ConsentStateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="consent_state_once", fields=["customer", "subject"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.state} since {self.since}"

    def allows_from(self) -> dt.date | None:
        """Return the first day this consent covers, or None once withdrawn."""
        return None if self.state == ConsentEvent.State.WITHDRAWN else self.since


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
