"""What keeps people's data in order: who looked, who changed what, who was erased.

The three logs (AccessEntry, AuditEntry, Erasure) are append-only: the database itself
refuses UPDATE, DELETE and TRUNCATE. None of them points at a row by a foreign key, so
that each can be cut into parts by month, and none holds an address or a name.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from customers.models.people import Customer
from customers.sealed import SealedBinaryField


class AccessEntry(models.Model):
    """Somebody read a document, or took data out of the house."""

    class What(models.TextChoices):
        MESSAGE = "message", "Read a message"
        SOURCE = "source", "Took a message as a file"
        REPLY = "reply", "Read a reply"
        INVOICE = "invoice", "Read an invoice copy"
        PRINT_FILE = "print_file", "Took a print file"
        ADDRESS_LIST = "address_list", "Took a list of addresses"
        CONSENTS = "consents", "Took a list of consents"
        EVIDENCE = "evidence", "Read consents with their evidence"
        ANSWER = "answer", "Read an answer"
        ANSWER_FILE = "answer_file", "Took a file of an answer"
        ANSWER_LIST = "answer_list", "Took a list of answers"
        BANK = "bank", "Looked at bank details"
        EXPORT_ASKED = "export_asked", "Asked for a person's data"
        EXPORT = "export", "Took a person's data"
        LOG = "log", "Took the access log"

    # The database's own clock: one statement, and nobody can date an entry back.
    at = models.DateTimeField(db_default=Now())
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=16, choices=What)
    # Whose it was: the key of the customer, None where it was many people's.
    whose = models.BigIntegerField(null=True, blank=True)
    which = models.CharField(
        max_length=120, default="", blank=True, help_text="A reference or a number."
    )

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "access entries"
        default_permissions = ("view",)
        indexes = [
            BrinIndex(fields=["at"], name="access_entry_time"),
            # Who looked at one person's data.
            models.Index(fields=["whose", "-id"], name="access_entry_of_person"),
            # What one of us looked at.
            models.Index(fields=["who", "-id"], name="access_entry_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.what} {self.which}"


class AuditEntry(models.Model):
    """Something was changed in a table that is watched; written by its triggers.

    One row of many statements changed: which columns, and their values where they are
    nobody's own. A statement that changed many rows is one entry with their number.
    """

    at = models.DateTimeField(db_default=Now())
    who = models.CharField(max_length=150, default="", blank=True)
    verb = models.CharField(max_length=8)
    what = models.CharField(max_length=64, help_text="The table.")
    row = models.CharField(max_length=64, default="", blank=True)
    whose = models.BigIntegerField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=1)
    columns = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)
        indexes = [
            BrinIndex(fields=["at"], name="audit_entry_time"),
            # What was changed of one person.
            models.Index(
                fields=["whose", "-id"],
                name="audit_entry_of_person",
                condition=Q(whose__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.verb} {self.what} {self.row}"


class Erasure(models.Model):
    """A person was erased. Read again after a restore, which brings them back.

    ``number_print`` is what the customer's number hashes to (customers.erased): an
    import that brings the number again is refused. A copy of each entry stands in a
    file off the database (customers.erasure_file).
    """

    number_print = models.BinaryField(max_length=32)
    whose = models.BigIntegerField(help_text="The key of the customer.")
    at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, default="", blank=True)
    changed = models.JSONField(
        default=dict, help_text="How many rows of which table were changed or deleted."
    )

    class Meta:
        ordering = ["-id"]
        permissions = [("erase_person", "Can ask for and approve a person's erasure")]
        default_permissions = ("view",)
        constraints = [
            # Serves the import, which asks for thousands of numbers at once.
            models.UniqueConstraint(name="erasure_once", fields=["number_print"]),
        ]

    def __str__(self) -> str:
        return f"customer {self.whose} erased on {self.at:%Y-%m-%d}"


class ErasureRequest(models.Model):
    """Somebody asked that a person be erased, and another one decides."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for a second person"
        DONE = "done", "Erased"
        REFUSED = "refused", "Not erased"

    # erasure_request_open begins with it.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="erasure_requests"
    )
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                name="erasure_request_one_open",
                fields=["customer"],
                condition=Q(state="asked"),
            ),
            models.CheckConstraint(
                name="erasure_request_known",
                condition=Q(state__in=["asked", "done", "refused"]),
            ),
            models.CheckConstraint(
                name="erasure_request_four_eyes",
                condition=~Q(state="done") | ~Q(decided_by=models.F("asked_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.state}"


class LegalHold(models.Model):
    """Nothing of a customer may be deleted, such as for a case before a court."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, related_name="legal_hold"
    )
    reason = models.CharField(max_length=200)
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField()

    class Meta:
        permissions = [("keep_evidence", "Can place and lift legal holds")]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.reason}"


class PersonExport(models.Model):
    """A person's data as a file for them, kept for some days (ExportPart)."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="exports"
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    # A worker that dies leaves it to another one after this.
    taken_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    size = models.PositiveBigIntegerField(default=0)
    trouble = models.CharField(max_length=200, default="", blank=True)
    # Of the form on the customer's own page; None where staff asked.
    form_id = models.UUIDField(null=True, blank=True)
    asked_with = models.CharField(
        max_length=32,
        default="",
        db_default="",
        blank=True,
        help_text="The message whose link the customer asked by.",
    )
    # When the customer was written to about it, or staff where nothing could be sent.
    told_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(
        null=True, blank=True, help_text="When telling them failed last."
    )
    taken_at = models.DateTimeField(
        null=True, blank=True, help_text="When the customer took it last."
    )

    class Meta:
        ordering = ["-id"]
        permissions = [("export_person", "Can take a person's data out")]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                name="person_export_once",
                fields=["customer", "form_id"],
                condition=Q(form_id__isnull=False),
            ),
            models.CheckConstraint(
                name="person_export_known",
                condition=Q(state__in=["waiting", "ready", "failed"]),
            ),
        ]
        indexes = [
            # What waits to be made.
            models.Index(
                fields=["id"],
                name="person_export_waiting",
                condition=Q(state="waiting"),
            ),
            # What its customer is still to hear of.
            models.Index(
                fields=["id"],
                name="person_export_untold",
                condition=Q(form_id__isnull=False, told_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"export of customer {self.customer_id}"

    @property
    def is_own(self) -> bool:
        """Whether the customer asked for it on their own page."""
        return self.form_id is not None

    def is_there(self, now: dt.datetime) -> bool:
        """Whether its file can be taken."""
        return self.state == self.State.READY and now < self.expires_at


class ExportPart(models.Model):
    """A piece of an export's file, sealed: memory never holds the whole."""

    # export_part_once begins with it.
    export = models.ForeignKey(
        PersonExport, on_delete=models.CASCADE, related_name="parts", db_index=False
    )
    number = models.PositiveIntegerField()
    body = SealedBinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="export_part_once", fields=["export", "number"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"
