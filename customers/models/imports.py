"""Files that were brought in: how they are read, and what became of their rows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from customers.sealed import SealedJSONField, SealedTextField


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
    sentence = SealedTextField(max_length=500)
    cells = SealedJSONField(help_text="The whole row as it stood in the file.")

    class Meta:
        ordering = ["row_number", "id"]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.code}"
