"""Copies of the papers an invoice came with."""

from __future__ import annotations

from django.db import models

from customers.models.receivables import Invoice
from customers.sealed import SealedBinaryField


class InvoiceCopy(models.Model):
    """The PDF of an invoice as the customer once got it."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.CASCADE, related_name="copy", primary_key=True
    )
    file_name = models.CharField(max_length=120)
    body = SealedBinaryField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.BinaryField(max_length=32)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "invoice copies"

    def __str__(self) -> str:
        return self.file_name
