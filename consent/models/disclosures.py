"""What a customer is told before agreeing to e-mail, and each try to show access to it.

A published disclosure is evidence: the database refuses to change its words, its bytes
or whose they are. A demonstration keeps no code, only what the code hashes to.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from consent.models.history import Category
from consent.models.links import AccessLink
from customers.models import Customer
from customers.sealed import SealedTextField


class Disclosure(models.Model):
    """One wording of what e-bills mean, in one language; ``key`` and ``version`` make a
    set that is published together."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    key = models.SlugField(max_length=48)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=12)
    # By name (consent.disclosures.BLOCKS): each a title and a text.
    blocks = models.JSONField(default=dict)
    categories = ArrayField(models.CharField(max_length=20, choices=Category))
    terms_url = models.URLField(max_length=300)
    paper_fee = models.DecimalField(
        max_digits=8, decimal_places=2, default=0, help_text="Of one paper bill."
    )
    currency = models.CharField(max_length=3, default="", blank=True)
    hwsw_version = models.PositiveSmallIntegerField(
        "version of what one needs",
        default=1,
        help_text="Raise it when customers need something new to open or keep e-bills.",
    )
    needs_demonstration = models.BooleanField(
        default=True,
        help_text="Customers show that they can open a sample before they have agreed.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    written_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    # The very bytes that are shown, and their SHA-256.
    rendered = models.BinaryField(default=bytes, blank=True)
    sha256 = models.BinaryField(max_length=32, null=True, blank=True)

    class Meta:
        ordering = ["key", "-version", "language"]
        permissions = [("publish_disclosure", "Can publish and retire disclosures")]
        constraints = [
            models.UniqueConstraint(
                name="disclosure_once", fields=["key", "version", "language"]
            ),
            # Serves every consent page.
            models.UniqueConstraint(
                name="disclosure_one_current",
                fields=["key", "language"],
                condition=Q(state="published"),
            ),
            models.CheckConstraint(
                name="disclosure_state_known",
                condition=Q(state__in=["draft", "published", "retired"]),
            ),
            models.CheckConstraint(
                name="disclosure_four_eyes",
                condition=Q(state="draft")
                | (~Q(approved_by="") & ~Q(approved_by=F("written_by"))),
            ),
            models.CheckConstraint(
                name="disclosure_published_whole",
                condition=Q(state="draft")
                | Q(published_at__isnull=False, sha256__isnull=False),
            ),
            models.CheckConstraint(
                name="disclosure_fee_has_currency",
                condition=Q(paper_fee=0) | (Q(paper_fee__gt=0) & ~Q(currency="")),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How a consent names what was shown: key, language and version."""
        return f"{self.key}/{self.language}/{self.version}"


class Demonstration(models.Model):
    """One try of a customer to show that they can open what goes to an address.

    The code stands in the sample alone; here is what it hashes to. Only an open one
    can become a consent, and a customer has one open at most.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "Open"
        GRANTED = "granted", "Agreed"
        REPLACED = "replaced", "Replaced by a newer sample"
        LOCKED = "locked", "Too many wrong codes"
        MOVED = "moved", "The address was changed meanwhile"
        ENDED = "ended", "The customer chose paper"

    # demonstration_one_open begins with it.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="demonstrations"
    )
    link = models.OneToOneField(
        AccessLink, on_delete=models.CASCADE, related_name="demonstration"
    )
    disclosure = models.ForeignKey(
        Disclosure, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # The message with the sample.
    notice_reference = models.CharField(max_length=32, unique=True)
    address = SealedTextField()
    address_print = models.BinaryField(max_length=32)
    # Of the address we knew when the sample was asked for; none: we knew none.
    known_print = models.BinaryField(max_length=32, null=True, blank=True)
    categories = ArrayField(models.CharField(max_length=20, choices=Category))
    language = models.CharField(max_length=12)
    method = models.CharField(max_length=16)
    code_hash = models.BinaryField(max_length=32)
    wrong = models.PositiveSmallIntegerField(default=0)
    # Of the form that asked for it: a second post asks for nothing more.
    form = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, choices=Outcome, default=Outcome.OPEN, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="demonstration_one_open",
                fields=["customer"],
                condition=Q(outcome=""),
            ),
            models.CheckConstraint(
                name="demonstration_outcome_known",
                condition=Q(
                    outcome__in=[
                        "",
                        "granted",
                        "replaced",
                        "locked",
                        "moved",
                        "ended",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="demonstration_ends_once",
                condition=Q(outcome="", ended_at__isnull=True)
                | (~Q(outcome="") & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_reference}: {self.get_outcome_display()}"
