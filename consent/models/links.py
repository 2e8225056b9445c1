"""The doors to a customer's own pages: only what a token hashes to is kept."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from customers.models import Customer


class AccessLink(models.Model):
    """One link or code that opens some of a customer's pages, without a log-in.

    Whoever reads this table can open nothing: tokens and codes are long, random to
    all but us, and stored as hashes.
    """

    class Purpose(models.TextChoices):
        # In a message: answers, preferences, consent, each for its own time.
        NOTICE = "notice", "In a message"
        # In the mail with the sample: agreeing, once.
        GRANT = "grant", "To agree"
        # In the mail to a new address: confirming it, once.
        CONFIRM = "confirm", "To confirm an address"
        # Asked for on the page of a link that had run out.
        FRESH = "fresh", "A fresh link"
        # In the mail that says that a copy of one's own data is ready.
        OWN_COPY = "own_copy", "To a copy of one's data"

    purpose = models.CharField(max_length=12, choices=Purpose)
    token_hash = models.BinaryField(max_length=32)
    code_hash = models.BinaryField(max_length=32, null=True, blank=True)
    # access_link_of_customer begins with it.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="links", db_index=False
    )
    notice_reference = models.CharField(max_length=32, default="", blank=True)
    # What the address hashes to that the link was sent to (consent.fingerprints).
    address_print = models.BinaryField(max_length=32, null=True, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # To the question who asks (consent.identity), since the last right one.
    wrong_answers = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            # Serves every click.
            models.UniqueConstraint(name="access_link_token", fields=["token_hash"]),
            # Serves every code typed from a letter.
            models.UniqueConstraint(
                name="access_link_code",
                fields=["code_hash"],
                condition=Q(code_hash__isnull=False),
            ),
            models.CheckConstraint(
                name="access_link_purpose_known",
                condition=Q(
                    purpose__in=["notice", "grant", "confirm", "fresh", "own_copy"]
                ),
            ),
        ]
        indexes = [
            # Revoking all of a customer's; links of one customer on their page.
            models.Index(
                fields=["customer", "made_at"], name="access_link_of_customer"
            ),
            # Clearing away what ran out long ago.
            BrinIndex(fields=["expires_at"], name="access_link_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires_at:%Y-%m-%d}"


class Flood(models.Model):
    """How often one network, or everybody, tried something within an hour."""

    what = models.CharField(max_length=16)
    # What the network hashes to; empty for everybody together.
    who = models.BinaryField(max_length=32)
    hour = models.DateTimeField()
    times = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="flood_once", fields=["what", "who", "hour"]),
        ]
        indexes = [
            models.Index(fields=["hour"], name="flood_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.times}"
