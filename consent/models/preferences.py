"""What a customer chose: what comes how, in which order, when; and who changed it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from consent.models.history import Category
from customers.models import Customer
from customers.sealed import SealedTextField


class Preference(models.Model):
    """One switch that a customer has turned: a category of messages on one channel.

    Without a row a category is on, but for offers, which come only by choice. What law
    requires has no switch (consent.wishes): there e-mail or paper is a consent.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "Text message"
        CALL = "call", "Phone call"
        LETTER = "letter", "Letter"

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="preferences", db_index=False
    )
    category = models.CharField(max_length=20, choices=Category)
    channel = models.CharField(max_length=8, choices=Channel)
    is_on = models.BooleanField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            # Serves the look-up of a batch of customers.
            models.UniqueConstraint(
                name="preference_once", fields=["customer", "category", "channel"]
            ),
            models.CheckConstraint(
                name="preference_can_be_switched",
                condition=Q(category__in=["reminders", "service_news", "offers"]),
            ),
            models.CheckConstraint(
                name="preference_channel_known",
                condition=Q(channel__in=["email", "sms", "call", "letter"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}:{self.channel} {'on' if self.is_on else 'off'}"


class ContactWish(models.Model):
    """How a customer would like to be reached, where there is a choice."""

    class BestTime(models.TextChoices):
        MORNING = "morning", "In the morning"
        AFTERNOON = "afternoon", "In the afternoon"
        EVENING = "evening", "In the evening"

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="wish"
    )
    channel_order = ArrayField(
        models.CharField(max_length=8, choices=Preference.Channel),
        default=list,
        blank=True,
        help_text="Tried in this order, before the other channels of a step.",
    )
    best_time = models.CharField(
        max_length=12, choices=BestTime, default="", blank=True
    )
    pay_day = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="Day of the month on which money comes in: a hint for staff.",
    )
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_wish_channels_known",
                condition=Q(
                    channel_order__contained_by=["email", "sms", "call", "letter"]
                ),
            ),
            models.CheckConstraint(
                name="contact_wish_time_known",
                condition=Q(best_time__in=["", "morning", "afternoon", "evening"]),
            ),
            models.CheckConstraint(
                name="contact_wish_pay_day_in_a_month",
                condition=Q(pay_day__isnull=True) | Q(pay_day__range=(1, 31)),
            ),
        ]

    def __str__(self) -> str:
        return f"wishes of {self.customer_id}"


class PreferenceChange(models.Model):
    """What one form, click or word of a customer changed; never edited, never deleted.

    ``changes`` are pairs of before and after by name: ``reminders:email``,
    ``channel_order``, ``language``. Nothing personal stands in it.
    """

    class Method(models.TextChoices):
        WEB = "web", "Preference page"
        STOP_PAGE = "stop_page", "Stop page"
        ONE_CLICK = "one_click", "Unsubscribe button of a mailbox"

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="preference_changes",
        db_index=False,
    )
    method = models.CharField(max_length=12, choices=Method)
    # Of the form that was posted: the same one again changes nothing more.
    form_id = models.UUIDField(null=True, blank=True)
    notice_reference = models.CharField(max_length=32, default="", blank=True)
    changes = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The customer's timeline.
            models.Index(fields=["customer", "-id"], name="preference_change_history"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="preference_change_once",
                fields=["customer", "form_id"],
                condition=Q(form_id__isnull=False),
            ),
            models.CheckConstraint(
                name="preference_change_method_known",
                condition=Q(method__in=["web", "stop_page", "one_click"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.at:%Y-%m-%d}: {', '.join(self.changes)}"

    @property
    def number(self) -> str:
        """The number on the receipt."""
        return f"P{self.pk:07d}"


class ContactChange(models.Model):
    """An address that a customer gave us, and that is theirs once they confirm it."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        MOBILE = "mobile", "Mobile phone"

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="contact_changes",
        db_index=False,
    )
    kind = models.CharField(max_length=8, choices=Kind)
    value = SealedTextField(max_length=320)
    # The one it is to replace: who is told of it there is told there, whatever becomes
    # of it meanwhile. None where there is none that could be told.
    old = SealedTextField(max_length=320, null=True, blank=True)
    told_with = models.CharField(
        max_length=32,
        default="",
        db_default="",
        blank=True,
        help_text="The message to the old address, if trust may rest on it.",
    )
    # What the new address hashes to; the link that confirms it is bound to the same.
    address_print = models.BinaryField(max_length=32)
    form_id = models.UUIDField()
    # Of the message that carries the link.
    notice_reference = models.CharField(max_length=32, unique=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="contact_change_once", fields=["customer", "form_id"]
            ),
            models.CheckConstraint(
                name="contact_change_kind_known",
                condition=Q(kind__in=["email", "mobile"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} asked {self.asked_at:%Y-%m-%d}"


class LinkRequest(models.Model):
    """Somebody asked for a fresh link; kept until it is looked at, known or not."""

    email = SealedTextField(max_length=320)
    customer_number = SealedTextField(max_length=64, default="", blank=True)
    language = models.CharField(max_length=12, default="en")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"link asked for at {self.asked_at:%Y-%m-%d %H:%M}"
