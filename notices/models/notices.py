"""One intended contact, where it comes from and what it is about."""

from __future__ import annotations

import datetime as dt
import secrets
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from consent.models import ContactPolicy
from customers.calendars import bank_days
from customers.models import Customer, Invoice
from notices.models.brand import Brand
from notices.models.documents import Document
from notices.models.wording import Channel, TemplateVersion
from notices.querysets import NoticeQuerySet
from notices.states import State

# Without I, L, O and U: a reference is read aloud on the telephone.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 12


_LETTER_OF_BYTE = REFERENCE_ALPHABET.encode() * 8


def new_reference() -> str:
    """Return a fresh public reference: 60 random bits in Crockford's base 32."""
    return new_references(1)[0]


def new_references(count: int) -> list[str]:
    """Return that many fresh public references."""
    drawn = secrets.token_bytes(REFERENCE_LENGTH * count)
    letters = drawn.translate(_LETTER_OF_BYTE).decode()
    return [
        letters[at : at + REFERENCE_LENGTH]
        for at in range(0, len(letters), REFERENCE_LENGTH)
    ]


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
    bank_days = models.CharField(
        max_length=8,
        default="none",
        help_text="Days on which something may go out: none (every day), weekends "
        "(Monday to Friday) or a country's ISO code.",
    )
    opens_at = models.TimeField(
        default=dt.time(0), help_text="Nothing goes out earlier in the firm's day."
    )
    documents = models.ManyToManyField(
        Document,
        related_name="streams",
        blank=True,
        help_text="Papers that go with every notice, such as new terms.",
    )
    attaches_invoices = models.BooleanField(
        db_default=True,
        default=True,
        help_text="E-mails bring the copies of the invoices they speak of.",
    )
    late_after_hours = models.PositiveSmallIntegerField(
        db_default=24,
        default=24,
        help_text="When nothing could go out for this long, counted on days that are "
        "open, what was planned before then waits for staff instead of going late.",
    )
    running_since = models.DateTimeField(
        null=True, blank=True, help_text="When staff last set it to run."
    )
    safety_reason = models.CharField(
        max_length=200,
        db_default="",
        default="",
        blank=True,
        help_text="Why a guard paused it; empty when none did.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stream_state_known",
                condition=Q(state__in=["running", "paused", "stopped"]),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def is_open(self, now: dt.datetime) -> bool:
        """Whether something may go out now, by the firm's own days and hours.

        What is left over from a Friday night waits for Monday's opening.
        """
        local = now.astimezone(ZoneInfo(self.brand.time_zone))
        on_bank_day = bank_days(self.bank_days)(local.date())
        return on_bank_day and local.time() >= self.opens_at


class Notice(models.Model):
    """One intended contact with one customer by one channel."""

    class Lane(models.IntegerChoices):
        ONE_OFF = 0, "One-off"
        REMINDER = 1, "Due reminder"
        BULK = 2, "Bulk"

    reference = models.CharField(max_length=REFERENCE_LENGTH, default=new_reference)
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
    about = models.JSONField(
        default=dict,
        # For the statement that composes a campaign's notices.
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="Facts of its own, by field: a change, a promise, a visit.",
    )
    legal = models.CharField(max_length=12, default="none")
    dunning = models.BooleanField(default=True)
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.REMINDER)
    planned_on = models.DateField()
    dedupe_key = models.CharField(max_length=120)
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
            # As constraints: a unique field would bring a second index for LIKE, which
            # nobody asks and every change of state would have to write.
            models.UniqueConstraint(name="notice_reference_once", fields=["reference"]),
            models.UniqueConstraint(name="notice_once", fields=["dedupe_key"]),
            models.CheckConstraint(
                name="notice_state_known", condition=Q(state__in=State.values)
            ),
            models.CheckConstraint(
                name="notice_channel_known",
                condition=Q(channel__in=Channel.values),
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
            # What lies on the call desk.
            models.Index(
                fields=["stream"], name="notice_calling", condition=Q(state="calling")
            ),
            # The progress and ledger of a campaign.
            models.Index(fields=["stream", "state"], name="notice_stream_states"),
            # What needs a person: held, unknown and failed.
            models.Index(
                fields=["state", "id"],
                name="notice_for_staff",
                condition=Q(state__in=["held", "unknown", "failed"]),
            ),
            # Customers to be asked for a mobile number.
            models.Index(
                fields=["customer", "planned_on"],
                name="notice_landline",
                condition=Q(state="failed", reason="landline"),
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

    # notice_item_once begins with it.
    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, related_name="items", db_index=False
    )
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
