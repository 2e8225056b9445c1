"""The firm as its customers know it: letterhead, senders, bank details."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
)
from django.db import models
from django.db.models import Q

from notices.letterhead import brand_faults

LONGEST_HOURS = 120


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist, before it stops a campaign."""
    if name not in available_timezones():
        raise ValidationError(
            f"There is no time zone {name!r}. Write its name, such as Europe/Berlin."
        )


def validate_pay_url(address: str) -> None:
    """Refuse an address that does not lead to a payment page of one's own."""
    try:
        plain = address.format(reference="R", amount="1", currency="EUR")
    except (KeyError, IndexError, ValueError):
        raise ValidationError(
            "Only {reference}, {amount} and {currency} are filled in."
        ) from None
    URLValidator(schemes=["https"])(plain)


def validate_hours(hours: Any) -> None:
    """Refuse what is no table of short words by language."""
    if not isinstance(hours, dict) or not all(
        isinstance(words, str) and 0 < len(words.strip()) <= LONGEST_HOURS
        for words in hours.values()
    ):
        raise ValidationError(
            f'Write {{"pl": "…"}}, each at most {LONGEST_HOURS} characters.'
        )
    unknown = [one for one in hours if not re.fullmatch("[a-z]{2}", one)]
    if unknown:
        raise ValidationError(
            f"“{unknown[0]}” is no language. Write its two letters, such as “pl”."
        )


class Paper(models.TextChoices):
    """The sheets a firm prints on."""

    A4 = "a4", "A4"
    LETTER = "letter", "US Letter"


class Envelope(models.TextChoices):
    """The window envelopes a firm posts in; notices.paper knows the windows."""

    DIN_B = "din_b", "DIN 5008 form B (DL, C6/5)"
    DIN_A = "din_a", "DIN 5008 form A (DL, C6/5)"
    UK_C5 = "uk_c5", "UK C5"
    UK_DL = "uk_dl", "UK DL"
    US_10 = "us_10", "US No. 10"


class Slip(models.TextChoices):
    """The payment part at the foot of a letter that asks for money."""

    PLAIN = "plain", "Plain slip with the reference"
    EPC = "epc", "SEPA slip with EPC QR code"
    SWISS = "swiss", "Swiss QR-bill"


class AsksFirst(models.TextChoices):
    """What is asked of whoever opens a copy; consent.identity knows the facts."""

    NOTHING = "", "Nothing: the link in a message is enough"
    POSTCODE = "postcode", "Their postcode, or else their phone number"
    PHONE = "phone", "Their phone number, or else their postcode"


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
    # Asked for by every form; firms from before it have none until somebody opens one.
    opt_in_phone = models.CharField(
        "number to agree by phone",
        max_length=40,
        default="",
        db_default="",
        help_text="Where customers say yes or no to e-bills by phone. Texts about "
        "going paperless name it.",
    )
    website = models.URLField()
    office_hours = models.CharField(max_length=120, default="", blank=True)
    office_hours_in = models.JSONField(
        "office hours in other languages",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[validate_hours],
        help_text='By language: {"pl": "od poniedziałku do piątku, 9:00–17:00", …}. '
        "Readers of another language see those above.",
    )
    signatory = models.CharField(max_length=120)
    bank_name = models.CharField(max_length=120, default="", blank=True)
    iban = models.CharField(max_length=40, default="", blank=True)
    bic = models.CharField(max_length=11, default="", blank=True)
    pay_url = models.CharField(
        "pay page",
        max_length=300,
        default="",
        db_default="",
        blank=True,
        validators=[validate_pay_url],
        help_text="Where customers pay online: https://…, with {reference} and "
        "{amount} where the payment page takes them.",
    )
    asks_before_copies = models.CharField(
        max_length=8,
        choices=AsksFirst,
        default=AsksFirst.POSTCODE,
        db_default=AsksFirst.POSTCODE,
        blank=True,
        help_text="Asked on the customer's own page before the copy of an invoice or "
        "of all their data opens; never what the message with the link tells already, "
        "as a letter tells the postcode. Whoever has neither on file is given your "
        "contact. Copies attached to an e-mail are not asked for.",
    )
    reply_days = models.PositiveSmallIntegerField(
        "days to answer a reply",
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="Working days after the one it came in on; later it is overdue.",
    )
    fax = models.CharField(max_length=40, default="", blank=True)
    payments_contact = models.CharField(
        max_length=120,
        default="",
        blank=True,
        help_text="Name and number of the department for payments, if it has its own.",
    )
    paper = models.CharField(max_length=8, choices=Paper, default=Paper.A4)
    envelope = models.CharField(max_length=8, choices=Envelope, default=Envelope.DIN_B)
    slip = models.CharField(max_length=8, choices=Slip, default=Slip.PLAIN)
    duplex = models.BooleanField(default=True, help_text="Print on both sides.")
    recycles = models.BooleanField(
        default=True, help_text="Ask readers of letters to recycle them."
    )
    logo = models.BinaryField(
        default=bytes,
        blank=True,
        editable=False,
        help_text="The letterhead's picture as PNG, checked and redrawn at upload.",
    )
    holds_goods = models.BooleanField(
        default=False,
        help_text="We hold goods until late invoices are paid. Only then may a "
        "text say so.",
    )
    refuses_orders = models.BooleanField(
        default=False, help_text="We take no new orders while invoices are late."
    )
    passes_on_costs = models.BooleanField(
        default=False,
        help_text="The contract lets us pass on the cost of late payment.",
    )
    consequences_basis = models.CharField(
        max_length=200,
        default="",
        blank=True,
        help_text="Where contract or law allow this, such as “Terms, §7”.",
    )

    accepts_in = models.CharField(
        "carrying on is a yes in",
        max_length=200,
        default="",
        blank=True,
        validators=[
            RegexValidator(
                r"\A[A-Z]{2}( [A-Z]{2})*\Z",
                "Write countries by their two capitals, such as “DE FR”.",
            )
        ],
        help_text="Countries in which going on using the service counts as agreeing to "
        "a change. Only Legal fills this in; elsewhere no text says so.",
    )
    accepts_basis = models.CharField(
        "on what that rests",
        max_length=200,
        default="",
        blank=True,
        help_text="Contract and law of each country, such as “Terms, §12; BGB §675g”.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="brand_accepts_with_basis",
                condition=Q(accepts_in="") | ~Q(accepts_basis=""),
                violation_error_message="Say on what contract and law it rests that "
                "carrying on is a yes.",
            ),
            models.CheckConstraint(
                name="brand_asks_a_known_fact",
                condition=Q(asks_before_copies__in=["", "postcode", "phone"]),
            ),
            models.CheckConstraint(
                name="brand_colour_hex",
                condition=Q(colour__regex=r"^#[0-9A-Fa-f]{6}$"),
            ),
            models.CheckConstraint(
                name="brand_consequences_have_basis",
                condition=Q(
                    holds_goods=False, refuses_orders=False, passes_on_costs=False
                )
                | ~Q(consequences_basis=""),
                violation_error_message="Say on what contract or law the consequences "
                "rest.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def answers_to(self) -> str:
        """Where a reply goes."""
        return self.reply_to or self.email_from

    def clean(self) -> None:
        """Refuse paper that does not fit, a slip that could not be paid with, and a
        number to agree by phone that nobody can dial.

        :raises ValidationError: naming the field at fault.
        """
        faults = brand_faults(self)
        if faults:
            raise ValidationError(faults)
