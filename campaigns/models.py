"""Ladders, campaigns, who is on them, and why each step did or did not send.

Which step comes next is decided in campaigns.ladder (pure); this room stores the
question and the answer.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from campaigns.querysets import CampaignQuerySet, EnrolmentQuerySet
from customers.models import Customer, Invoice
from customers.querysets import InvoiceQuerySet
from notices.models import Brand, Channel, Notice, Stream


class Ladder(models.Model):
    """An order of steps by which a customer is reminded."""

    class Group(models.TextChoices):
        INVOICE = "invoice", "One message per invoice"
        CUSTOMER = "customer", "One message per customer"

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    bank_days = models.CharField(max_length=8, default="weekends")
    min_gap_days = models.PositiveSmallIntegerField(default=3)
    group = models.CharField(max_length=8, choices=Group, default=Group.INVOICE)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="ladder_group_known",
                condition=Q(group__in=["invoice", "customer"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One rung: when it comes, how firm it is, and by which channels it may go."""

    class Kind(models.TextChoices):
        SOFT = "soft", "Soft: may be skipped"
        FORMAL = "formal", "Formal: never skipped"

    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=60)
    offset_days = models.SmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    expires_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel))
    template_key = models.SlugField(max_length=60)

    class Meta:
        ordering = ["ladder", "position"]
        constraints = [
            models.UniqueConstraint(
                name="step_one_per_position", fields=["ladder", "position"]
            ),
            models.UniqueConstraint(name="step_key_once", fields=["ladder", "key"]),
            models.CheckConstraint(
                name="step_kind_known", condition=Q(kind__in=["soft", "formal"])
            ),
            models.CheckConstraint(
                name="step_position_fits_the_bitmap", condition=Q(position__lt=63)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder_id}/{self.key}"


class Campaign(models.Model):
    """A ladder set to work on a firm's late invoices."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"

    name = models.CharField(max_length=120, unique=True)
    ladder = models.ForeignKey(
        Ladder, on_delete=models.PROTECT, related_name="campaigns"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="campaigns")
    stream = models.OneToOneField(
        Stream, on_delete=models.PROTECT, related_name="campaign"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    due_from = models.DateField(
        help_text="Invoices due before this day stay out: no flood from old debts."
    )
    currency = models.CharField(
        max_length=3, default="", blank=True, help_text="Empty for every currency."
    )
    created_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    planned_for = models.DateTimeField(
        null=True, blank=True, help_text="When it is to start by itself."
    )
    paused_by = models.CharField(max_length=150, default="", blank=True)
    send_from = models.TimeField(
        default=dt.time(9), help_text="Nothing goes out earlier in the firm's day."
    )
    ticked_on = models.DateField(
        null=True, blank=True, help_text="The firm's own day of the last full pass."
    )
    enrolled_through = models.BigIntegerField(
        default=0, help_text="The newest invoice the last pass looked at."
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="campaign_state_known",
                condition=Q(
                    state__in=["draft", "planned", "running", "paused", "stopped"]
                ),
            ),
            models.CheckConstraint(
                name="campaign_planned_says_when",
                condition=~Q(state="planned") | Q(planned_for__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audience(self, day: dt.date) -> InvoiceQuerySet:
        """Return the invoices the campaign is about on ``day``, enrolled or not.

        What another campaign has on its ladder stays there.
        """
        invoices = Invoice.objects.owed_on(day).filter(due_on__gte=self.due_from)
        if self.currency:
            invoices = invoices.filter(currency=self.currency)
        elsewhere = Enrolment.objects.filter(
            invoice=models.OuterRef("pk"), state=Enrolment.State.ACTIVE
        ).exclude(campaign=self)
        return invoices.filter(~models.Exists(elsewhere))


class CampaignEvent(models.Model):
    """Who did what to a campaign, and when; only ever added to."""

    class Verb(models.TextChoices):
        PLANNED = "planned", "Start planned"
        DROPPED = "dropped", "Planned start cancelled"
        STARTED = "started", "Started"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="events"
    )
    verb = models.CharField(max_length=8, choices=Verb)
    by = models.CharField(max_length=150, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.verb}"


class Enrolment(models.Model):
    """One invoice on one campaign's ladder."""

    class State(models.TextChoices):
        ACTIVE = "active", "On the ladder"
        SETTLED = "settled", "Paid"
        FINISHED = "finished", "Ladder finished"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="enrolments", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="enrolments"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="enrolments"
    )
    closed_steps = models.BigIntegerField(
        default=0, help_text="Bitmap of the positions that are behind this invoice."
    )
    last_contact_on = models.DateField(null=True, blank=True)
    next_on = models.DateField(
        null=True, blank=True, help_text="The next day on which anything can change."
    )
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    due_on = models.DateField(
        help_text="The invoice's due date as the ladder last knew it."
    )
    reopened = models.PositiveSmallIntegerField(
        default=0, help_text="How often a step was reopened: its message never went."
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="enrolment_once", fields=["campaign", "invoice"]
            ),
            # No invoice climbs two ladders at once, or its customer hears all twice.
            models.UniqueConstraint(
                name="enrolment_one_ladder_at_a_time",
                fields=["invoice"],
                condition=Q(state="active"),
            ),
            models.CheckConstraint(
                name="enrolment_state_known",
                condition=Q(state__in=["active", "settled", "finished"]),
            ),
        ]
        indexes = [
            # The tick: whose next day has come, one customer's invoices together.
            models.Index(
                fields=["campaign", "next_on", "customer"],
                name="enrolment_due",
                condition=Q(state="active"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.invoice_id}"


class Decision(models.Model):
    """Why one step of one invoice sent a notice, or did not."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        EXPIRED = "expired", "Missed its useful days"
        SUPERSEDED = "superseded", "The next step had come"
        NO_CHANNEL = "no_channel", "No way to reach"

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="decisions", db_index=False
    )
    step = models.ForeignKey(
        Step, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    outcome = models.CharField(max_length=12, choices=Outcome)
    channel = models.CharField(max_length=8, choices=Channel, default="", blank=True)
    decided_on = models.DateField()
    notice = models.ForeignKey(
        Notice,
        on_delete=models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
    )
    undone = models.BooleanField(
        default=False, help_text="Its message never went, so the step was reopened."
    )

    class Meta:
        constraints = [
            # No re-run, no second worker and no restart can decide a step twice.
            models.UniqueConstraint(
                name="decision_once",
                fields=["enrolment", "step"],
                condition=Q(undone=False),
            ),
            models.CheckConstraint(
                name="decision_sent_has_channel",
                condition=(
                    Q(outcome="sent") & ~Q(channel="")
                    | ~Q(outcome="sent") & Q(channel="")
                ),
            ),
        ]
        indexes = [
            # Today: customers that a step found no way to reach.
            models.Index(
                fields=["decided_on"],
                name="decision_no_way_to_reach",
                condition=Q(outcome="no_channel"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.outcome}"


class Cutover(models.Model):
    """From this day on, the firm said, bills go by e-mail where they may; how many
    customers were on each side when somebody confirmed it.

    Evidence: only ever added to. Customers belong to the house, not to one of its
    brands, so a day has one cutover.
    """

    day = models.DateField(unique=True)
    switched = models.PositiveIntegerField()
    paper = models.PositiveIntegerField()
    unreachable = models.PositiveIntegerField()
    confirmed_by = models.CharField(max_length=150)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        default_permissions = ("add",)
        constraints = [
            models.CheckConstraint(
                name="cutover_says_who", condition=~Q(confirmed_by="")
            ),
        ]

    def __str__(self) -> str:
        return f"cutover of {self.day}"


class AccessReview(models.Model):
    """Somebody looked at who may log in and what they did in a quarter; the numbers are
    what stood on the page then.

    Evidence: only ever added to, once a quarter.
    """

    begins_on = models.DateField(
        unique=True, help_text="The first day of the quarter that was looked at."
    )
    people = models.PositiveIntegerField(help_text="Who could log in.")
    silent = models.PositiveIntegerField(
        help_text="Those of them who have not logged in since the quarter began."
    )
    reads = models.PositiveIntegerField(help_text="Documents of customers read.")
    taken = models.PositiveIntegerField(help_text="Files and lists taken out.")
    confirmed_by = models.CharField(max_length=150)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["-begins_on"]
        default_permissions = ("add",)
        constraints = [
            models.CheckConstraint(
                name="access_review_says_who", condition=~Q(confirmed_by="")
            ),
            models.CheckConstraint(
                name="access_review_of_a_quarter",
                condition=Q(begins_on__day=1, begins_on__month__in=[1, 4, 7, 10]),
            ),
        ]

    def __str__(self) -> str:
        return f"access review of {self.begins_on}"
