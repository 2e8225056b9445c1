"""What the firm says, to whom, by which channel, and the proof of it.

A Notice is one intended contact. Its states and their allowed moves are the table
in notices.states; the CHECK constraints here hold the rest of the promise. This
room knows of no ladder and no campaign: a Stream is all it sees of them.
"""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from consent.models import ContactPolicy
from customers.models import Customer, Invoice
from notices.querysets import NoticeQuerySet
from notices.states import State

# Without I, L, O and U: a reference is read aloud on the telephone.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 12


def new_reference() -> str:
    """Return a fresh public reference: 60 random bits in Crockford's base 32."""
    return "".join(
        [
            REFERENCE_ALPHABET[byte & 31]
            for byte in secrets.token_bytes(REFERENCE_LENGTH)
        ]
    )


class Channel(models.TextChoices):
    """The ways a notice can go."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "Text message"
    CALL = "call", "Phone call"
    LETTER = "letter", "Letter"


class Brand(models.Model):
    """The firm as its customers know it: letterhead, senders, bank details."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Europe/London")
    country = models.CharField(max_length=2, default="GB")
    colour = models.CharField(max_length=7, default="#0B5A68")
    address_line1 = models.CharField(max_length=120)
    address_line2 = models.CharField(max_length=120, default="", blank=True)
    city = models.CharField(max_length=120)
    postcode = models.CharField(max_length=20)
    email_from = models.EmailField()
    reply_to = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40)
    website = models.URLField()
    office_hours = models.CharField(max_length=120, default="", blank=True)
    signatory = models.CharField(max_length=120)
    bank_name = models.CharField(max_length=120, default="", blank=True)
    iban = models.CharField(max_length=40, default="", blank=True)
    bic = models.CharField(max_length=11, default="", blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="brand_colour_hex",
                condition=Q(colour__regex=r"^#[0-9A-Fa-f]{6}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One published wording: Markdown with Liquid fields, for a channel and language.

    A published version is never edited; a new wording is a new version.
    """

    key = models.SlugField(max_length=60)
    channel = models.CharField(max_length=8, choices=Channel)
    language = models.CharField(max_length=12, default="en")
    version = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=200, default="", blank=True)
    body = models.TextField()
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key", "channel", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="template_version_once",
                fields=["key", "channel", "language", "version"],
            ),
            models.CheckConstraint(
                name="template_version_channel_known",
                condition=Q(channel__in=["email", "sms", "call", "letter"]),
            ),
            models.CheckConstraint(
                name="template_version_email_has_subject",
                condition=~Q(channel__in=["email", "letter"]) | ~Q(subject=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.channel}, {self.language}) v{self.version}"


class Stream(models.Model):
    """A source of notices that can be paused as a whole, such as a campaign.

    Workers claim notices stream by stream, so that a paused stream costs the others
    nothing, and ask again inside the claim whether it still runs.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"

    label = models.CharField(max_length=200)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="streams")
    policy = models.ForeignKey(
        ContactPolicy, on_delete=models.PROTECT, related_name="streams"
    )
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    weight = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stream_state_known",
                condition=Q(state__in=["running", "paused", "stopped"]),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Notice(models.Model):
    """One intended contact with one customer by one channel."""

    class Lane(models.IntegerChoices):
        ONE_OFF = 0, "One-off"
        REMINDER = 1, "Due reminder"
        BULK = 2, "Bulk"

    reference = models.CharField(
        max_length=REFERENCE_LENGTH, unique=True, default=new_reference
    )
    stream = models.ForeignKey(
        Stream, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    template = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, related_name="notices"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=20, default="reminder")
    legal = models.CharField(max_length=12, default="none")
    dunning = models.BooleanField(default=True)
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.REMINDER)
    planned_on = models.DateField()
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.SCHEDULED)
    reason = models.CharField(max_length=40, default="", blank=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True, blank=True)
    claim_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="notice_state_known", condition=Q(state__in=State.values)
            ),
            models.CheckConstraint(
                name="notice_channel_known",
                condition=Q(channel__in=["email", "sms", "call", "letter"]),
            ),
            models.CheckConstraint(
                name="notice_claim_whole",
                condition=(
                    Q(
                        state__in=["claimed", "handing_off"],
                        claim_token__isnull=False,
                        lease_until__isnull=False,
                    )
                    | (
                        ~Q(state__in=["claimed", "handing_off"])
                        & Q(claim_token__isnull=True, lease_until__isnull=True)
                    )
                ),
            ),
            models.CheckConstraint(
                name="notice_sent_says_when",
                condition=(
                    ~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="notice_silence_has_reason",
                condition=(
                    ~Q(state__in=["suppressed", "failed", "held", "cancelled"])
                    | ~Q(reason="")
                ),
            ),
        ]
        indexes = [
            # The claim of a worker: what of this stream is due, in order.
            models.Index(
                fields=["stream", "channel", "lane", "not_before", "id"],
                name="notice_to_claim",
                condition=Q(state="scheduled"),
            ),
            # The sweeper: claims whose worker died.
            models.Index(
                fields=["lease_until"],
                name="notice_leases",
                condition=Q(state__in=["claimed", "handing_off"]),
            ),
            # The progress and ledger of a campaign.
            models.Index(fields=["stream", "state"], name="notice_stream_states"),
            # What needs a person: held, unknown and failed.
            models.Index(
                fields=["state", "id"],
                name="notice_for_staff",
                condition=Q(state__in=["held", "unknown", "failed"]),
            ),
            # What was sent today and this week.
            models.Index(
                fields=["sent_at"],
                name="notice_sent_lately",
                condition=Q(sent_at__isnull=False),
            ),
            # The customer's timeline.
            models.Index(fields=["customer", "-id"], name="notice_timeline"),
            # Contact caps: what went to these customers in the last week.
            models.Index(
                fields=["customer", "sent_at"],
                name="notice_contact_caps",
                condition=Q(sent_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class NoticeItem(models.Model):
    """One invoice a notice speaks of."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="items")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="notice_items"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="notice_item_once", fields=["notice", "invoice"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.invoice_id}"


class Attempt(models.Model):
    """One hand-over to a provider, written before the wire is touched."""

    class Result(models.TextChoices):
        UNKNOWN = "unknown", "Not known"
        ACCEPTED = "accepted", "Handed over"
        REFUSED = "refused", "Refused for good"
        TRY_LATER = "try_later", "Refused for now"

    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=20)
    destination = models.CharField(max_length=400)
    idempotency_key = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=12, choices=Result, default=Result.UNKNOWN)
    provider_reference = models.CharField(max_length=200, default="", blank=True)
    error = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="attempt_once", fields=["notice", "number"]),
            models.CheckConstraint(
                name="attempt_finished_has_result",
                condition=Q(finished_at__isnull=True) | ~Q(result="unknown"),
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class SentCopy(models.Model):
    """The exact bytes of one notice as handed over, compressed, with their SHA-256."""

    notice = models.OneToOneField(
        Notice, on_delete=models.PROTECT, related_name="sent_copy", primary_key=True
    )
    media_type = models.CharField(max_length=80)
    body = models.BinaryField(help_text="zstd")
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

    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="delivery_events"
    )
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    raw = models.JSONField(default=dict)

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
    destination = models.CharField(max_length=400)
    media_type = models.CharField(max_length=80)
    sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # What reached the sandbox of one notice.
            models.Index(fields=["reference"], name="sandbox_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.destination}"
