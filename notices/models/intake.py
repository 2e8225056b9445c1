"""What providers tell us, as it came in, and what customers answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from customers.models import Customer, Hold
from customers.sealed import SealedBinaryField, SealedTextField
from notices.models.notices import Notice


class ProviderCall(models.Model):
    """One verified request of a provider, kept byte for byte until it is worked on."""

    class Kind(models.TextChoices):
        TRACKING = "tracking", "What became of an e-mail"
        INBOUND = "inbound", "An e-mail of a customer"
        SMS_STATUS = "sms_status", "What became of a text message"
        SMS_INBOUND = "sms_inbound", "A text message of a customer"

    class State(models.TextChoices):
        NEW = "new", "Not read yet"
        DONE = "done", "Done"
        IGNORED = "ignored", "Nothing to do"
        FAILED = "failed", "Could not be read"

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind)
    dedupe_key = models.CharField(max_length=64, unique=True)
    content_type = models.CharField(max_length=200, default="", blank=True)
    reference = models.CharField(
        max_length=40,
        default="",
        blank=True,
        help_text="The notice that the address named, if it did.",
    )
    body = SealedBinaryField(null=True, help_text="Emptied once it is read.")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    reason = models.CharField(max_length=200, default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="provider_call_state_known",
                condition=Q(state__in=["new", "done", "ignored", "failed"]),
            ),
        ]
        indexes = [
            # The claim of a worker: what waits to be read, in order.
            models.Index(
                fields=["not_before", "id"],
                name="provider_call_to_read",
                condition=Q(state="new"),
            ),
            # Old calls are forgotten.
            models.Index(fields=["received_at"], name="provider_call_by_age"),
            # What needs a person.
            models.Index(
                fields=["id"],
                name="provider_call_failed",
                condition=Q(state="failed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.pk}"

    @property
    def content(self) -> bytes:
        """What came in; nothing once it is read."""
        return self.body or b""


class Reply(models.Model):
    """What a customer wrote back; while it is open, their reminders wait."""

    class Kind(models.TextChoices):
        STOP = "stop", "Asks us to stop"
        MAYBE_STOP = "maybe_stop", "Seems to ask us to stop"
        START = "start", "Allows messages again"
        HELP = "help", "Asks for help"
        OTHER = "other", "Writes to us"

    class State(models.TextChoices):
        OPEN = "open", "Waits for an answer"
        DONE = "done", "Answered"

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="replies",
        null=True,
        blank=True,
        help_text="Empty while nobody knows whose address it came from.",
    )
    notice = models.ForeignKey(
        Notice,
        on_delete=models.PROTECT,
        related_name="replies",
        null=True,
        blank=True,
        help_text="What it answers, where that is known.",
    )
    hold = models.ForeignKey(
        Hold,
        on_delete=models.SET_NULL,
        related_name="replies",
        null=True,
        blank=True,
    )
    channel = models.CharField(
        max_length=8, choices=[("email", "E-mail"), ("sms", "Text message")]
    )
    provider = models.CharField(max_length=20)
    provider_reference = models.CharField(max_length=64)
    sender = SealedTextField(max_length=320)
    subject = SealedTextField(max_length=300, default="", blank=True)
    text = SealedTextField(default="", blank=True)
    attachments = models.PositiveSmallIntegerField(default=0)
    classified = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    handled_by = models.CharField(max_length=150, default="", blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(
                name="reply_once", fields=["provider", "provider_reference"]
            ),
            models.CheckConstraint(
                name="reply_state_known", condition=Q(state__in=["open", "done"])
            ),
            models.CheckConstraint(
                name="reply_kind_known",
                condition=Q(
                    classified__in=["stop", "maybe_stop", "start", "help", "other"]
                ),
            ),
            models.CheckConstraint(
                name="reply_done_says_when",
                condition=Q(state="open") | Q(handled_at__isnull=False),
            ),
        ]
        indexes = [
            # The list of staff: what waits, oldest first.
            models.Index(
                fields=["received_at", "id"],
                name="reply_open",
                condition=Q(state="open"),
            ),
            # The customer's timeline.
            models.Index(fields=["customer", "-received_at"], name="reply_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.get_classified_display()} ({self.channel})"
