"""A ladder set to work on a firm's late invoices, and who did what to it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from campaigns.models.enrolments import Enrolment
from campaigns.models.ladders import Ladder
from campaigns.querysets import CampaignQuerySet
from customers.models import Invoice
from customers.querysets import InvoiceQuerySet
from notices.models import Brand, Stream


class Campaign(models.Model):
    """A ladder set to work on a firm's late invoices."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"

    name = models.CharField(max_length=120, unique=True)
    ladder = models.ForeignKey(
        Ladder, on_delete=models.PROTECT, related_name="campaigns"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="campaigns")
    stream = models.OneToOneField(
        Stream, on_delete=models.PROTECT, related_name="campaign"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    due_from = models.DateField(
        help_text="Invoices due before this day stay out: no flood from old debts."
    )
    currency = models.CharField(
        max_length=3, default="", blank=True, help_text="Empty for every currency."
    )
    created_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    planned_for = models.DateTimeField(
        null=True, blank=True, help_text="When it is to start by itself."
    )
    paused_by = models.CharField(max_length=150, default="", blank=True)
    send_from = models.TimeField(
        default=dt.time(9), help_text="Nothing goes out earlier in the firm's day."
    )
    ticked_on = models.DateField(
        null=True, blank=True, help_text="The firm's own day of the last full pass."
    )
    enrolled_through = models.BigIntegerField(
        default=0, help_text="The newest invoice the last pass looked at."
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="campaign_state_known",
                condition=Q(
                    state__in=["draft", "planned", "running", "paused", "stopped"]
                ),
            ),
            models.CheckConstraint(
                name="campaign_planned_says_when",
                condition=~Q(state="planned") | Q(planned_for__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audience(self, day: dt.date) -> InvoiceQuerySet:
        """Return the invoices the campaign is about on ``day``, enrolled or not.

        What another campaign has on its ladder stays there.
        """
        invoices = Invoice.objects.owed_on(day).filter(due_on__gte=self.due_from)
        if self.currency:
            invoices = invoices.filter(currency=self.currency)
        elsewhere = Enrolment.objects.filter(
            invoice=models.OuterRef("pk"), state=Enrolment.State.ACTIVE
        ).exclude(campaign=self)
        return invoices.filter(~models.Exists(elsewhere))


class CampaignEvent(models.Model):
    """Who did what to a campaign, and when; only ever added to."""

    class Verb(models.TextChoices):
        PLANNED = "planned", "Start planned"
        DROPPED = "dropped", "Planned start cancelled"
        STARTED = "started", "Started"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="events"
    )
    verb = models.CharField(max_length=8, choices=Verb)
    by = models.CharField(max_length=150, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.verb}"
