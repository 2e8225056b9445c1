"""What was handed over, in which bytes, and what providers said of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from customers.sealed import SealedBinaryField, SealedJSONField, SealedTextField
from notices.models.notices import REFERENCE_LENGTH, Notice
from notices.models.wording import Channel, TemplateVersion


class Attempt(models.Model):
    """One hand-over to a provider, written before the wire is touched."""

    class Result(models.TextChoices):
        UNKNOWN = "unknown", "Not known"
        ACCEPTED = "accepted", "Handed over"
        REFUSED = "refused", "Refused for good"
        TRY_LATER = "try_later", "Refused for now"

    # attempt_once begins with it. Every message writes an attempt twice: an index less
    # is felt.
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=20)
    destination = SealedTextField(max_length=400)
    idempotency_key = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=12, choices=Result, default=Result.UNKNOWN)
    provider_reference = models.CharField(max_length=200, default="", blank=True)
    error = models.CharField(max_length=300, default="", blank=True)
    # What a text was billed as; the price where the provider has said it.
    segments = models.PositiveSmallIntegerField(null=True, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=5, null=True, blank=True)
    currency = models.CharField(max_length=3, default="", db_default="", blank=True)
    # When its provider was last asked about it, where its fate was unknown.
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="attempt_once", fields=["notice", "number"]),
            # A constraint, not a unique column: that would bring a pattern index along.
            models.UniqueConstraint(
                name="attempt_key_once", fields=["idempotency_key"]
            ),
            models.CheckConstraint(
                name="attempt_finished_has_result",
                condition=Q(finished_at__isnull=True) | ~Q(result="unknown"),
            ),
        ]
        indexes = [
            # Serves the provider's bill, and the look-up of a text in doubt.
            models.Index(
                fields=["provider_reference"],
                name="attempt_text_reference",
                condition=Q(provider="twilio"),
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class CopyDictionary(models.Model):
    """What the copies of one text have in common, kept once for all of them.

    A copy packed with it is a few hundred bytes. It is made from the text itself and
    never changes: without it the copies cannot be read.
    """

    template = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, related_name="dictionaries"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    body = models.BinaryField()
    sha256 = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "copy dictionaries"

    def __str__(self) -> str:
        return f"{self.template} ({self.channel})"


class SentCopy(models.Model):
    """The exact bytes of one notice as handed over, compressed, with their SHA-256."""

    notice = models.OneToOneField(
        Notice, on_delete=models.PROTECT, related_name="sent_copy", primary_key=True
    )
    media_type = models.CharField(max_length=80)
    body = SealedBinaryField(help_text="zstd")
    dictionary = models.ForeignKey(
        CopyDictionary,
        on_delete=models.PROTECT,
        related_name="copies",
        null=True,
        blank=True,
        db_index=False,
    )
    size = models.PositiveIntegerField(help_text="Bytes before compression.")
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "sent copies"

    def __str__(self) -> str:
        return f"{self.media_type}, {self.size} bytes"


class DeliveryEvent(models.Model):
    """What a provider told us about a notice, kept as it was told."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        HARD_BOUNCE = "hard_bounce", "Address does not exist"
        SOFT_BOUNCE = "soft_bounce", "Could not deliver"
        COMPLAINT = "complaint", "Marked as spam"
        RETURNED = "returned", "Came back"
        REFUSED = "refused", "Not taken on by the provider"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="delivery_events"
    )
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    raw = SealedJSONField(default=dict)

    class Meta:
        ordering = ["occurred_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="delivery_event_once", fields=["provider", "event_id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at}"


class SandboxMessage(models.Model):
    """What the sandbox provider received: the far side of the wire, kept apart.

    It has no uniqueness on purpose: had a notice been sent twice, it would show.
    """

    channel = models.CharField(max_length=8, choices=Channel)
    reference = models.CharField(max_length=REFERENCE_LENGTH)
    destination = SealedTextField(max_length=400)
    media_type = models.CharField(max_length=80)
    sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # What reached the sandbox of one notice.
            models.Index(fields=["reference"], name="sandbox_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reference}"
