"""Whom the firm bills, and how to reach them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from customers.blind import BlindIndexField, Indexed
from customers.contact import ContactError, normalise_email, normalise_phone
from customers.querysets import (
    ContactPointQuerySet,
    CustomerQuerySet,
    PostalAddressQuerySet,
)
from customers.sealed import SealedTextField


class Customer(models.Model):
    """A person or firm that gets bills, known by the firm's own customer number."""

    class Kind(models.TextChoices):
        CONSUMER = "consumer", "Person"
        BUSINESS = "business", "Firm"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DECEASED = "deceased", "Has died"
        BANKRUPT = "bankrupt", "Insolvent"
        REPRESENTED = "represented", "Has a lawyer"
        CEASE_CONTACT = "cease_contact", "Asked not to be chased"

    class AccountStatus(models.TextChoices):
        ACTIVE = "active", "Open"
        CLOSED = "closed", "Closed"

    # Unique: its pattern index also serves the search box.
    number = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CONSUMER)
    name = models.CharField(max_length=300)
    language = models.CharField(max_length=12, default="en")
    country = models.CharField(max_length=2, default="", blank=True)
    region = models.CharField(
        max_length=3,
        default="",
        db_default="",
        blank=True,
        help_text="State or province, as ISO 3166-2 has it after the country: PA. "
        "Empty for a US address: told from its ZIP code.",
    )
    time_zone = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    account_status = models.CharField(
        max_length=16, choices=AccountStatus, default=AccountStatus.ACTIVE
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Who is erased stays as a row without a name, for what law keeps of them.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="customer_number_not_blank", condition=~Q(number="")
            ),
            models.CheckConstraint(
                name="customer_kind_known",
                condition=Q(kind__in=["consumer", "business"]),
            ),
            models.CheckConstraint(
                name="customer_status_known",
                condition=Q(
                    status__in=[
                        "active",
                        "deceased",
                        "bankrupt",
                        "represented",
                        "cease_contact",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="customer_account_status_known",
                condition=Q(account_status__in=["active", "closed"]),
            ),
            models.CheckConstraint(
                name="customer_country_iso2",
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"),
            ),
            models.CheckConstraint(
                name="customer_region_iso",
                condition=Q(region="") | Q(region__regex=r"^[A-Z0-9]{1,3}$"),
            ),
        ]
        indexes = [
            # The search box: whole words and their beginnings, in any order.
            GinIndex(SearchVector("name", config="simple"), name="customer_name_words"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def clean(self) -> None:
        """Refuse the number of somebody who was erased.

        :raises ValidationError: it is one.
        """
        # The look-up needs the models.
        from customers.erased import erased_among

        day = erased_among([self.number]).get(self.number)
        if day is not None:
            raise ValidationError(
                {"number": f"This customer was erased on {day}. Take a new number."}
            )


class ContactPoint(Indexed):
    """One electronic or telephone address of a customer, sealed.

    ``value`` is in its normal form (customers.contact): only so is it found.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        MOBILE = "mobile", "Mobile phone"
        LANDLINE = "landline", "Landline"

    class State(models.TextChoices):
        OK = "ok", "Usable"
        UNVERIFIED = "unverified", "Not confirmed"
        DEAD = "dead", "Does not work"

    # contact_point_once begins with it.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="contact_points",
        db_index=False,
    )
    kind = models.CharField(max_length=16, choices=Kind)
    value = SealedTextField(max_length=320)
    value_index = BlindIndexField(of="value")
    # A keyed print of what the last import wrote (customers.blind.lasting_print): the
    # same print needs no new check. Empty where staff brought the address.
    raw_print = models.BinaryField(default=b"")
    state = models.CharField(max_length=16, choices=State, default=State.OK)
    is_primary = models.BooleanField(default=True)
    # By the database's own clock where a file brings it; None from before it was kept.
    primary_since = models.DateTimeField(
        null=True,
        db_default=Now(),
        editable=False,
        help_text="Since when this very address is the one to use.",
    )
    is_vouched = models.BooleanField(
        "vouched for",
        default=True,
        db_default=True,
        help_text="The firm's file or staff say that it is theirs. Not so of what the "
        "holder of a link brought: tick it once you are sure who they are.",
    )
    told_with = models.CharField(
        max_length=32,
        default="",
        db_default="",
        blank=True,
        editable=False,
        help_text="Of what a link brought: the message to the address before.",
    )

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="contact_point_once", fields=["customer", "kind", "value_index"]
            ),
            # Serves the audience and dispatch joins: the one address to use.
            models.UniqueConstraint(
                name="contact_point_one_primary",
                fields=["customer", "kind"],
                condition=Q(is_primary=True),
            ),
            models.CheckConstraint(
                name="contact_point_not_blank", condition=~Q(value_index=b"")
            ),
            models.CheckConstraint(
                name="contact_point_kind_known",
                condition=Q(kind__in=["email", "mobile", "landline"]),
            ),
            models.CheckConstraint(
                name="contact_point_state_known",
                condition=Q(state__in=["ok", "unverified", "dead"]),
            ),
        ]
        indexes = [
            # Whose address is this? The search box, and who wrote to us.
            models.Index(fields=["value_index"], name="contact_point_value_index"),
        ]

    def __str__(self) -> str:
        # Without the value: the log of the admin keeps these words.
        return f"{self.get_kind_display()} of customer {self.customer_id}"

    def clean(self) -> None:
        """Bring the value into its normal form.

        :raises ValidationError: it is no such address or number.
        """
        try:
            if self.kind == ContactPoint.Kind.EMAIL:
                self.value = normalise_email(self.value)
            elif self.value:
                self.value = normalise_phone(self.value, self.customer.country)
        except ContactError as error:
            raise ValidationError({"value": error.sentence}) from error


class PostalAddress(Indexed):
    """Where letters to a customer go; one per customer."""

    class State(models.TextChoices):
        OK = "ok", "Usable"
        RETURNED = "returned", "Mail came back"

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="postal_address"
    )
    # The indexes say whether a file brings another line, and whether there is one.
    line1 = SealedTextField(max_length=200, default="", blank=True)
    line1_index = BlindIndexField(of="line1")
    line2 = SealedTextField(max_length=200, default="", blank=True)
    line2_index = BlindIndexField(of="line2")
    city = models.CharField(max_length=120, default="", blank=True)
    postcode = models.CharField(max_length=20, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.OK)

    objects = PostalAddressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="postal_address_state_known",
                condition=Q(state__in=["ok", "returned"]),
            ),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.postcode, self.city) if part)

    @property
    def is_deliverable(self) -> bool:
        """Whether a letter can be sent: line 1, city and postcode, none returned."""
        return bool(
            self.line1
            and self.city
            and self.postcode
            and self.state == PostalAddress.State.OK
        )
