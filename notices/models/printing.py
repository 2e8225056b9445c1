"""The print room: runs of letters, the files they were printed from, what came back.

The file of a run is the archive of its letters: it is stored in the transaction that
says they are printed, and never written again. A letter stands in one live run only.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from customers.sealed import SealedBinaryField, SealedTextField
from notices.models.brand import Brand
from notices.models.notices import Notice
from notices.models.wording import Channel


class PrintRun(models.Model):
    """A batch of letters of one firm: made, closed onto paper, and posted."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSING = "closing", "Being printed to files"
        CLOSED = "closed", "Ready to print and post"
        POSTED = "posted", "Posted"
        CANCELLED = "cancelled", "Cancelled"

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.LETTER)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    duplex = models.BooleanField(help_text="Printed on both sides.")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150, default="", blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    posted_on = models.DateField(null=True, blank=True)
    letters = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    sheets = models.PositiveIntegerField(default=0)
    pulled = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("run_print", "Can make, close and post print runs"),
            ("export_print", "Can download letters and address lists"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="print_run_number_once", fields=["brand", "number"]
            ),
            models.CheckConstraint(
                name="print_run_state_known",
                condition=Q(
                    state__in=["open", "closing", "closed", "posted", "cancelled"]
                ),
            ),
            models.CheckConstraint(
                name="print_run_posted_says_when",
                condition=~Q(state="posted") | Q(posted_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return what the run is called in file names: ``northwind-run0012``."""
        return f"{self.brand.key}-run{self.number:04}"

    @property
    def sheets_saved(self) -> int:
        """Return how many sheets printing on both sides saved."""
        return max(self.pages - self.sheets, 0)

    @property
    def blanks(self) -> int:
        """Return how many sides of its sheets are empty."""
        return max(self.sheets * 2 - self.pages, 0) if self.duplex else 0


class PrintFile(models.Model):
    """One PDF of a run: letters of one weight class, in the order of their posting."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveIntegerField(help_text="Counted through the run.")
    part = models.CharField(max_length=8, help_text="The weight class.")
    name = models.CharField(max_length=120)
    body = SealedBinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    letters = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    sheets = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="print_file_number_once", fields=["run", "number"]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PrintItem(models.Model):
    """One letter of a run, and where it stands in which file."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PRINTED = "printed", "Printed"
        PULLED = "pulled", "Taken out"
        RELEASED = "released", "Back in line"

    run = models.ForeignKey(
        PrintRun, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="print_items"
    )
    # Sign by sign: a database that sorts as people of a language do passes over the
    # space that puts letters at home before those abroad.
    place = models.CharField(
        max_length=300,
        db_collation="C",
        help_text="What letters are put in order by: the post code.",
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=40, default="", blank=True)
    file = models.ForeignKey(
        PrintFile,
        on_delete=models.PROTECT,
        related_name="items",
        null=True,
        blank=True,
    )
    sequence = models.PositiveIntegerField(null=True, blank=True)
    first_page = models.PositiveIntegerField(
        null=True, blank=True, help_text="In its file, counted from 1."
    )
    pages = models.PositiveSmallIntegerField(
        default=0, help_text="In its file, the empty ones among them included."
    )
    blanks = models.PositiveSmallIntegerField(
        db_default=0,
        default=0,
        help_text="Empty ones among its pages: the back of a page is torn.",
    )
    sheets = models.PositiveSmallIntegerField(default=0)
    sha256 = models.BinaryField(
        max_length=32, default=bytes, help_text="Of the letter's own pages."
    )
    address = SealedTextField(
        default="", blank=True, help_text="As printed, a line each."
    )
    country = models.CharField(
        max_length=2,
        db_default="",
        default="",
        blank=True,
        help_text="Of the address, as printed.",
    )
    returned_on = models.DateField(null=True, blank=True)
    return_reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        ordering = ["sequence", "id"]
        constraints = [
            models.UniqueConstraint(
                name="print_item_in_one_live_run",
                fields=["notice"],
                condition=Q(state__in=["waiting", "printed"]),
            ),
            models.UniqueConstraint(
                name="print_item_sequence_once", fields=["run", "sequence"]
            ),
            models.CheckConstraint(
                name="print_item_printed_stands_in_a_file",
                condition=~Q(state="printed")
                | Q(
                    file__isnull=False,
                    sequence__isnull=False,
                    first_page__isnull=False,
                    pages__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="print_item_pulled_has_reason",
                condition=~Q(state="pulled") | ~Q(reason=""),
            ),
        ]
        indexes = [
            # The next letters of a run to be printed, in post-code order.
            models.Index(
                fields=["run", "place", "id"],
                name="print_item_next",
                condition=Q(state="waiting"),
            ),
            # What was taken out of a run, and its letters by state.
            models.Index(fields=["run", "state"], name="print_item_states"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.notice_id}"


class PrintEvent(models.Model):
    """Who did what to a run, and when; never changed."""

    class Verb(models.TextChoices):
        OPENED = "opened", "Made"
        CLOSING = "closing", "Closing begun"
        CLOSED = "closed", "Closed"
        WRITTEN = "written", "Written to a folder"
        POSTED = "posted", "Marked as posted"
        UNPOSTED = "unposted", "Not posted after all"
        CANCELLED = "cancelled", "Cancelled"
        REPRINTED = "reprinted", "Printed again"
        RETURNED = "returned", "Came back"

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=10, choices=Verb)
    by = models.CharField(max_length=150, default="", blank=True)
    at = models.DateTimeField()
    what = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.verb}"
