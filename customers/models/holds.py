"""Why we wait with an invoice, or with all of a customer's."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from customers.models.people import Customer
from customers.models.receivables import Invoice
from customers.querysets import HoldQuerySet
from customers.sealed import SealedTextField


class Hold(models.Model):
    """Why we wait: with an invoice, or with all of a customer's when none is named."""

    class Reason(models.TextChoices):
        DISPUTE = "dispute", "Questioned by customer"
        PROMISE = "promise", "Promised"
        PLAN = "plan", "Paying in parts"
        HARDSHIP = "hardship", "Needs care"
        MORATORIUM = "moratorium", "Moratorium"
        MANUAL = "manual", "Paused by staff"
        REPLY = "reply", "Customer answered"

    # hold_by_customer begins with it.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="holds", db_index=False
    )
    invoice = models.ForeignKey(
        Invoice,
        on_delete=models.CASCADE,
        related_name="holds",
        null=True,
        blank=True,
    )
    reason = models.CharField(max_length=16, choices=Reason)
    starts_on = models.DateField()
    ends_on = models.DateField(
        null=True, blank=True, help_text="Last day of the hold; empty while it lasts."
    )
    note = SealedTextField(max_length=500, default="", blank=True)
    created_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.CharField(max_length=150, db_default="", blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="hold_reason_known",
                condition=Q(
                    reason__in=[
                        "dispute",
                        "promise",
                        "plan",
                        "hardship",
                        "moratorium",
                        "manual",
                        "reply",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="hold_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            # An import of the same disputed invoice twice makes one hold.
            models.UniqueConstraint(
                name="hold_once_per_invoice_reason_start",
                fields=["invoice", "reason", "starts_on"],
                condition=Q(invoice__isnull=False),
            ),
        ]
        indexes = [
            # Every gate asks: is anything of this customer on hold today?
            models.Index(fields=["customer", "starts_on"], name="hold_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} from {self.starts_on}"
