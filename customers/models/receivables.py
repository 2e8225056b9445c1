"""What customers owe, what they paid, and which paid for which."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.models.people import Customer
from customers.querysets import InvoiceQuerySet

MONEY_DIGITS = 16
MONEY_PLACES = 3  # enough for every ISO 4217 currency that Duly bills in


def is_played(day: dt.date) -> bool:
    """Whether ``day`` is a past one that is being played again, not today.

    Today differs by time zone, so that yesterday still counts as life.
    """
    return day < timezone.now().date() - dt.timedelta(days=1)


def owed_on(
    day: dt.date, amount: Decimal, open_amount: Decimal, paid_on: dt.date | None
) -> Decimal:
    """Return what of an invoice was still owed at the end of ``day``.

    When a past day is played, a payment dated later has not arrived yet: a paid
    invoice counts as open before the day it was paid. In life, money that is booked is
    here, whatever its value date.
    """
    if paid_on is not None and paid_on > day and is_played(day):
        return amount
    return open_amount


class Invoice(models.Model):
    """One receivable: an instalment, never a bundle of several due dates."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        WRITTEN_OFF = "written_off", "Closed without payment"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invoices"
    )
    number = models.CharField(max_length=64, unique=True)
    issued_on = models.DateField()
    due_on = models.DateField()
    purpose = models.CharField(
        "what it is for", max_length=120, db_default="", blank=True
    )
    order_number = models.CharField(max_length=64, db_default="", blank=True)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES)
    open_amount = models.DecimalField(
        max_digits=MONEY_DIGITS,
        decimal_places=MONEY_PLACES,
        help_text="The amount less all allocations; never the original once part paid.",
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    paid_on = models.DateField(null=True, blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [
            models.CheckConstraint(
                name="invoice_number_not_blank", condition=~Q(number="")
            ),
            models.CheckConstraint(
                name="invoice_due_not_before_issue",
                condition=Q(due_on__gte=F("issued_on")),
            ),
            models.CheckConstraint(
                name="invoice_currency_iso3",
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
            ),
            models.CheckConstraint(
                name="invoice_amount_positive", condition=Q(amount__gt=0)
            ),
            models.CheckConstraint(
                name="invoice_open_within_amount",
                condition=Q(open_amount__gte=0, open_amount__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="invoice_paid_says_when",
                condition=(
                    Q(status="paid", paid_on__isnull=False, open_amount=0)
                    | Q(status="open", paid_on__isnull=True, open_amount__gt=0)
                    | Q(status="written_off", paid_on__isnull=True)
                ),
            ),
        ]
        indexes = [
            # Audience of a reminder campaign and the ageing tiles: what is open,
            # by due date.
            models.Index(
                fields=["due_on", "id"],
                name="invoice_open_by_due",
                condition=Q(status="open"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def open_on(self, day: dt.date) -> Decimal:
        """Return what was still owed at the end of ``day`` (:func:`owed_on`)."""
        return owed_on(day, self.amount, self.open_amount, self.paid_on)

    def days_late(self, day: dt.date) -> int:
        """Return whole days after the due date; due today is 0 and not late."""
        return (day - self.due_on).days


class Payment(models.Model):
    """Money that arrived, known by the bank's or ledger's own reference."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="payments"
    )
    reference = models.CharField(max_length=120, unique=True)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES)
    received_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="payment_reference_not_blank", condition=~Q(reference="")
            ),
            models.CheckConstraint(
                name="payment_amount_positive", condition=Q(amount__gt=0)
            ),
            models.CheckConstraint(
                name="payment_currency_iso3",
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Allocation(models.Model):
    """The part of a payment that settles one invoice."""

    # allocation_once begins with it.
    payment = models.ForeignKey(
        Payment, on_delete=models.CASCADE, related_name="allocations", db_index=False
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="allocations"
    )
    amount = models.DecimalField(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="allocation_once", fields=["payment", "invoice"]
            ),
            models.CheckConstraint(
                name="allocation_amount_positive", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} → {self.invoice_id}"
