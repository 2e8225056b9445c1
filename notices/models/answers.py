"""What customers tell us on their own page, and what they may choose there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from customers.models import Customer, Hold, Invoice, Plan
from customers.sealed import SealedBinaryField, SealedJSONField, SealedTextField
from notices.models.brand import Brand
from notices.models.notices import REFERENCE_LENGTH, Notice, new_reference

LONGEST_TEXT = 2000


class AnswerLimits(models.Model):
    """What a firm's customers may choose by themselves; all else waits for staff."""

    brand = models.OneToOneField(
        Brand,
        on_delete=models.CASCADE,
        related_name="answer_limits",
        primary_key=True,
    )
    paid_days = models.PositiveSmallIntegerField(
        "wait after “I have paid”",
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Bank days until reminders go on, if the money has not come.",
    )
    promise_days = models.PositiveSmallIntegerField(
        "longest promise",
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(180)],
        help_text="Days ahead that a customer may promise to pay on.",
    )
    parts_most = models.PositiveSmallIntegerField(
        "most parts",
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(12)],
    )
    parts_smallest = models.DecimalField(
        "smallest part",
        max_digits=12,
        decimal_places=2,
        default=Decimal("20.00"),
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text="In the currency of the bill.",
    )
    parts_days = models.PositiveSmallIntegerField(
        "longest plan",
        default=92,
        validators=[MinValueValidator(14), MaxValueValidator(730)],
        help_text="Days until the last part is paid.",
    )
    parts_at_once = models.BooleanField(
        "parts are agreed at once",
        default=True,
        help_text="Without it staff say yes or no to each plan.",
    )
    calls_from = models.TimeField("we call from", default=dt.time(9))
    calls_until = models.TimeField("we call until", default=dt.time(17))
    help_name = models.CharField(
        "who helps with debts",
        max_length=120,
        default="",
        blank=True,
        help_text="Shown to who is having difficulty, such as a free advice service.",
    )
    help_url = models.URLField("their address", default="", blank=True)

    class Meta:
        verbose_name = "what customers may choose"
        verbose_name_plural = "what customers may choose"
        constraints = [
            models.CheckConstraint(
                name="answer_limits_calls_in_order",
                condition=Q(calls_from__lt=F("calls_until")),
                violation_error_message="“Until” must come after “from”.",
            ),
        ]

    def __str__(self) -> str:
        return f"Choices of {self.brand}'s customers"


class Answer(models.Model):
    """One thing a customer told us, mostly on their page; one form makes one."""

    class Kind(models.TextChoices):
        PAID = "paid", "Says it is paid"
        PROMISE = "promise", "Will pay on a day"
        PARTS = "parts", "Pays in parts"
        CALL = "call", "Wants to be called"
        DETAILS = "details", "Has other details"
        DISPUTE = "dispute", "Something is wrong with the bill"
        HARDSHIP = "hardship", "Needs care"
        NOT_ME = "not_me", "Is not the customer"
        READ = "read", "Has read the notice"
        QUESTION = "question", "Has a question"

    class State(models.TextChoices):
        OPEN = "open", "Waits for staff"
        DONE = "done", "Dealt with"
        REPLACED = "replaced", "Replaced by a later answer"

    class Way(models.TextChoices):
        PAGE = "page", "on their page"
        SMS = "sms", "by text message"
        SLIP = "slip", "by a slip or letter sent back"
        PHONE = "phone", "on the phone"

    reference = models.CharField(max_length=REFERENCE_LENGTH, default=new_reference)
    form_id = models.UUIDField()
    # answer_timeline begins with it.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="answers", db_index=False
    )
    notice = models.ForeignKey(
        Notice,
        on_delete=models.PROTECT,
        related_name="answers",
        null=True,
        blank=True,
        help_text="What it answers; empty where the link came with no message.",
    )
    kind = models.CharField(max_length=8, choices=Kind)
    way = models.CharField(
        max_length=8,
        choices=Way,
        default="",
        db_default="",
        blank=True,
        help_text="By which way it came; empty where nobody knows any more.",
    )
    invoices = models.ManyToManyField(Invoice, related_name="answers", blank=True)
    facts = SealedJSONField()
    text = SealedTextField(default="", blank=True, max_length=LONGEST_TEXT)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    handled_by = models.CharField(max_length=150, default="", blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    holds = models.ManyToManyField(Hold, related_name="answers", blank=True)
    call = models.ForeignKey(
        Notice,
        on_delete=models.SET_NULL,
        related_name="asked_in",
        null=True,
        blank=True,
        help_text="The call that was asked for, where it lies on the desk.",
    )
    plan = models.ForeignKey(
        Plan, on_delete=models.SET_NULL, related_name="answers", null=True, blank=True
    )

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="answer_reference_once", fields=["reference"]),
            # A form that is sent twice makes one record.
            models.UniqueConstraint(name="answer_form_once", fields=["form_id"]),
            models.CheckConstraint(
                name="answer_kind_known",
                condition=Q(
                    kind__in=[
                        "paid",
                        "promise",
                        "parts",
                        "call",
                        "details",
                        "dispute",
                        "hardship",
                        "not_me",
                        "read",
                        "question",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="answer_state_known",
                condition=Q(state__in=["open", "done", "replaced"]),
            ),
            models.CheckConstraint(
                name="answer_way_known",
                condition=Q(way__in=["", "page", "sms", "slip", "phone"]),
            ),
            models.CheckConstraint(
                name="answer_done_says_when",
                condition=Q(state="open") | Q(handled_at__isnull=False),
            ),
        ]
        indexes = [
            # What waits for staff, the longest first.
            models.Index(
                fields=["received_at", "id"],
                name="answer_open",
                condition=Q(state="open"),
            ),
            # The customer's page and timeline.
            models.Index(fields=["customer", "-received_at"], name="answer_timeline"),
            # Replies by reason.
            models.Index(fields=["received_at", "kind"], name="answer_by_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_kind_display()}"


class AnswerFile(models.Model):
    """A picture or PDF that came with an answer, checked before it was kept."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="files")
    name = SealedTextField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes.")
    body = SealedBinaryField()

    def __str__(self) -> str:
        return f"File {self.pk} of {self.answer_id}"
