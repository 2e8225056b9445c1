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
    # Calls need no leave here; what is kept is that somebody wants none.
    CALL = "call", "Phone calls"


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
                condition=Q(subject__in=["e_delivery", "sms", "call"]),
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
