"""Who the firm bills: people and firms, how to reach them, what they owe.

The database refuses nonsense by CHECK, UNIQUE and partial index; each index
names the query it serves. This room knows of no notice and no campaign.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from customers.querysets import (
    CustomerQuerySet,
    HoldQuerySet,
    InvoiceQuerySet,
)

MONEY_DIGITS = 16
MONEY_PLACES = 3  # enough for every ISO 4217 currency that Duly bills in


class Customer(models.Model):
    """A person or firm that gets bills, known by the firm's own customer number."""

    class Kind(models.TextChoices):
        CONSUMER = "consumer", "Person"
        BUSINESS = "business", "Firm"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DECEASED = "deceased", "Has died"
        BANKRUPT = "bankrupt", "Insolvent"
        REPRESENTED = "represented", "Has a lawyer"
        CEASE_CONTACT = "cease_contact", "Asked not to be chased"

    class AccountStatus(models.TextChoices):
        ACTIVE = "active", "Open"
        CLOSED = "closed", "Closed"

    # Unique: its pattern index also serves the search box.
    number = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CONSUMER)
    name = models.CharField(max_length=300)
    language = models.CharField(max_length=12, default="en")
    country = models.CharField(max_length=2, default="", blank=True)
    time_zone = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    account_status = models.CharField(
        max_length=16, choices=AccountStatus, default=AccountStatus.ACTIVE
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="customer_number_not_blank", condition=~Q(number="")
            ),
            models.CheckConstraint(
                name="customer_kind_known",
                condition=Q(kind__in=["consumer", "business"]),
            ),
            models.CheckConstraint(
                name="customer_status_known",
                condition=Q(
                    status__in=[
                        "active",
                        "deceased",
                        "bankrupt",
                        "represented",
                        "cease_contact",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="customer_account_status_known",
                condition=Q(account_status__in=["active", "closed"]),
            ),
            models.CheckConstraint(
                name="customer_country_iso2",
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"),
            ),
        ]
        indexes = [
            # The search box: whole words and their beginnings, in any order.
            GinIndex(SearchVector("name", config="simple"), name="customer_name_words"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class ContactPoint(models.Model):
    """One electronic or telephone address of a customer."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        MOBILE = "mobile", "Mobile phone"
        LANDLINE = "landline", "Landline"

    class State(models.TextChoices):
        OK = "ok", "Usable"
        UNVERIFIED = "unverified", "Not confirmed"
        DEAD = "dead", "Does not work"

    # contact_point_once begins with it.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="contact_points",
        db_index=False,
    )
    kind = models.CharField(max_length=16, choices=Kind)
    value = models.CharField(max_length=320)
    raw = models.CharField(
        max_length=320,
        default="",
        blank=True,
        help_text="As the last import wrote it: unchanged raw needs no new check.",
    )
    state = models.CharField(max_length=16, choices=State, default=State.OK)
    is_primary = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="contact_point_once", fields=["customer", "kind", "value"]
            ),
            # Serves the audience and dispatch joins: the one address to use.
            models.UniqueConstraint(
                name="contact_point_one_primary",
                fields=["customer", "kind"],
                condition=Q(is_primary=True),
            ),
            models.CheckConstraint(
                name="contact_point_not_blank", condition=~Q(value="")
            ),
            models.CheckConstraint(
                name="contact_point_kind_known",
                condition=Q(kind__in=["email", "mobile", "landline"]),
            ),
            models.CheckConstraint(
                name="contact_point_state_known",
                condition=Q(state__in=["ok", "unverified", "dead"]),
            ),
        ]
        indexes = [
            # The search box: the beginning of an address or phone number.
            models.Index(
                fields=["value"],
                name="contact_point_value_prefix",
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class PostalAddress(models.Model):
    """Where letters to a customer go; one per customer."""

    class State(models.TextChoices):
        OK = "ok", "Usable"
        RETURNED = "returned", "Mail came back"

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="postal_address"
    )
    line1 = models.CharField(max_length=200, default="", blank=True)
    line2 = models.CharField(max_length=200, default="", blank=True)
    city = models.CharField(max_length=120, default="", blank=True)
    postcode = models.CharField(max_length=20, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.OK)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="postal_address_state_known",
                condition=Q(state__in=["ok", "returned"]),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(
            part for part in (self.line1, self.line2, self.postcode, self.city) if part
        )

    @property
    def is_deliverable(self) -> bool:
        """Whether a letter can be sent: line 1, city and postcode, none returned."""
        return bool(
            self.line1
            and self.city
            and self.postcode
            and self.state == PostalAddress.State.OK
        )


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
        """Return what was still owed at the end of ``day``, as far as one row tells.

        A payment dated later than ``day`` has not arrived yet on that day, which
        matters when a ledger is replayed: a paid invoice counts as open before
        the day it was paid.
        """
        if self.paid_on is not None and self.paid_on > day:
            return self.amount
        return self.open_amount

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


class Hold(models.Model):
    """Why we wait: with an invoice, or with all of a customer's when none is named."""

    class Reason(models.TextChoices):
        DISPUTE = "dispute", "Questioned by customer"
        PROMISE = "promise", "Promised"
        PLAN = "plan", "Paying in parts"
        HARDSHIP = "hardship", "Needs care"
        MORATORIUM = "moratorium", "Moratorium"
        MANUAL = "manual", "Paused by staff"

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
    note = models.CharField(max_length=500, default="", blank=True)
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


class ImportProfile(models.Model):
    """How one source's files are read: column map, date and number form, values."""

    name = models.CharField(max_length=120, unique=True)
    definition = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DataImport(models.Model):
    """One file brought in: what it was, and what became of its rows."""

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", "Customers"
        INVOICES = "invoices", "Invoices"
        PAYMENTS = "payments", "Payments"

    kind = models.CharField(max_length=16, choices=Kind)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    profile = models.ForeignKey(
        ImportProfile, on_delete=models.SET_NULL, null=True, blank=True
    )
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="data_import_kind_known",
                condition=Q(kind__in=["customers", "invoices", "payments"]),
            ),
            models.CheckConstraint(
                name="data_import_counts_sum",
                condition=Q(
                    rows=F("new") + F("changed") + F("unchanged") + F("rejected")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.kind})"


class RejectedRow(models.Model):
    """One cell of an import that could not be taken, kept until it is put right."""

    data_import = models.ForeignKey(
        DataImport, on_delete=models.CASCADE, related_name="rejected_rows"
    )
    row_number = models.PositiveIntegerField()
    column = models.CharField(max_length=120, default="", blank=True)
    code = models.CharField(max_length=64)
    sentence = models.CharField(max_length=500)
    cells = models.JSONField(help_text="The whole row as it stood in the file.")

    class Meta:
        ordering = ["row_number", "id"]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.code}"
