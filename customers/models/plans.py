"""What a customer pays in parts, and on which days."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from customers.models.people import Customer
from customers.models.receivables import MONEY_DIGITS, MONEY_PLACES, Invoice


class Plan(models.Model):
    """Bills of one currency that are paid in parts."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for a yes or no"
        AGREED = "agreed", "Agreed"
        REFUSED = "refused", "Refused"
        MISSED = "missed", "A part was missed"
        ENDED = "ended", "Ended"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="plans"
    )
    invoices = models.ManyToManyField(Invoice, related_name="plans")
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES)
    state = models.CharField(max_length=8, choices=State)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    missed_on = models.DateField(
        null=True, blank=True, help_text="When a missed part ended it."
    )
    handled_by = models.CharField(
        max_length=150,
        default="",
        db_default="",
        blank=True,
        help_text="Who looked after the missed part.",
    )
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="plan_state_known",
                condition=Q(
                    state__in=["asked", "agreed", "refused", "missed", "ended"]
                ),
            ),
            models.CheckConstraint(
                name="plan_total_positive", condition=Q(total__gt=0)
            ),
        ]
        indexes = [
            # Every day: which plans are behind.
            models.Index(
                fields=["id"], name="plan_running", condition=Q(state="agreed")
            ),
            # Today: missed parts that nobody has looked after.
            models.Index(
                fields=["customer"],
                name="plan_missed",
                condition=Q(state="missed", handled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total.normalize():f} {self.currency} in parts"


class Instalment(models.Model):
    """One part of a plan."""

    # instalment_once begins with it.
    plan = models.ForeignKey(
        Plan, on_delete=models.CASCADE, related_name="instalments", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="instalment_once", fields=["plan", "number"]),
            models.CheckConstraint(
                name="instalment_amount_positive", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.plan_id}"
