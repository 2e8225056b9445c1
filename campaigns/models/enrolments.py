"""The invoices on a ladder, and why each step of each did or did not send.

Which step comes next is decided in campaigns.ladder (pure); here stand the question
and the answer.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from campaigns.models.ladders import Step
from campaigns.querysets import EnrolmentQuerySet
from customers.models import Customer, Invoice
from notices.models import Channel, Notice


class Enrolment(models.Model):
    """One invoice on one campaign's ladder."""

    class State(models.TextChoices):
        ACTIVE = "active", "On the ladder"
        SETTLED = "settled", "Paid"
        FINISHED = "finished", "Ladder finished"

    # By name: a campaign asks which invoices are on another's ladder.
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.CASCADE,
        related_name="enrolments",
        db_index=False,
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="enrolments"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="enrolments"
    )
    closed_steps = models.BigIntegerField(
        default=0, help_text="Bitmap of the positions that are behind this invoice."
    )
    last_contact_on = models.DateField(null=True, blank=True)
    next_on = models.DateField(
        null=True, blank=True, help_text="The next day on which anything can change."
    )
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    due_on = models.DateField(
        help_text="The invoice's due date as the ladder last knew it."
    )
    reopened = models.PositiveSmallIntegerField(
        default=0, help_text="How often a step was reopened: its message never went."
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="enrolment_once", fields=["campaign", "invoice"]
            ),
            # No invoice climbs two ladders at once, or its customer hears all twice.
            models.UniqueConstraint(
                name="enrolment_one_ladder_at_a_time",
                fields=["invoice"],
                condition=Q(state="active"),
            ),
            models.CheckConstraint(
                name="enrolment_state_known",
                condition=Q(state__in=["active", "settled", "finished"]),
            ),
        ]
        indexes = [
            # The tick: whose next day has come, one customer's invoices together.
            models.Index(
                fields=["campaign", "next_on", "customer"],
                name="enrolment_due",
                condition=Q(state="active"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.invoice_id}"


class Decision(models.Model):
    """Why one step of one invoice sent a notice, or did not."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        EXPIRED = "expired", "Missed its useful days"
        SUPERSEDED = "superseded", "The next step had come"
        NO_CHANNEL = "no_channel", "No way to reach"

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="decisions", db_index=False
    )
    step = models.ForeignKey(
        Step, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    outcome = models.CharField(max_length=12, choices=Outcome)
    channel = models.CharField(max_length=8, choices=Channel, default="", blank=True)
    decided_on = models.DateField()
    notice = models.ForeignKey(
        Notice,
        on_delete=models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
    )
    undone = models.BooleanField(
        default=False, help_text="Its message never went, so the step was reopened."
    )

    class Meta:
        constraints = [
            # No re-run, no second worker and no restart can decide a step twice.
            models.UniqueConstraint(
                name="decision_once",
                fields=["enrolment", "step"],
                condition=Q(undone=False),
            ),
            models.CheckConstraint(
                name="decision_sent_has_channel",
                condition=(
                    Q(outcome="sent") & ~Q(channel="")
                    | ~Q(outcome="sent") & Q(channel="")
                ),
            ),
        ]
        indexes = [
            # Today: customers that a step found no way to reach.
            models.Index(
                fields=["decided_on"],
                name="decision_no_way_to_reach",
                condition=Q(outcome="no_channel"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.outcome}"
