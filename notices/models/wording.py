"""The firm as its customers know it, and the words it uses."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist, before it stops a campaign."""
    if name not in available_timezones():
        raise ValidationError(
            f"There is no time zone {name!r}. Write its name, such as Europe/Berlin."
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
    time_zone = models.CharField(
        max_length=64, default="Europe/London", validators=[validate_time_zone]
    )
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
