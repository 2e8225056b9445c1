"""Calls that people make: who has which in hand, and what came of each."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from customers.models import MONEY_DIGITS, MONEY_PLACES
from customers.sealed import SealedTextField
from notices.models.notices import Notice


class CallTask(models.Model):
    """One call to be made, as it lies on the desk.

    The state of its notice says whether it does: only what is "calling" is offered.
    """

    notice = models.OneToOneField(
        Notice, on_delete=models.PROTECT, related_name="call_task", primary_key=True
    )
    laid_out_at = models.DateTimeField(help_text="When it first came on the desk.")
    callable_until = models.DateTimeField(
        help_text="When quiet hours begin in the first zone the phone may ring in."
    )
    due_by = models.DateTimeField(
        help_text="From then on it is too late, and the ladder goes on without it."
    )
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the customer asked to be called."
    )
    tries = models.PositiveSmallIntegerField(
        default=0, help_text="Calls that reached nobody."
    )
    locked_by = models.CharField(max_length=150, default="", blank=True)
    locked_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last taken in hand."
    )
    phone = SealedTextField(max_length=320, default="", blank=True)
    script = SealedTextField(
        default="", blank=True, help_text="As it stood before who has it in hand."
    )

    class Meta:
        permissions = [("make_calls", "Can make calls and note what came of them")]
        constraints = [
            models.CheckConstraint(
                name="call_task_lock_whole",
                condition=(
                    Q(locked_by="", locked_until__isnull=True)
                    | (~Q(locked_by="") & Q(locked_until__isnull=False))
                ),
            ),
        ]
        indexes = [
            # The call somebody has in hand.
            models.Index(
                fields=["locked_by"],
                name="call_task_in_hand",
                condition=~Q(locked_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Call about {self.notice_id}"

    def is_in_hand(self, now: dt.datetime) -> bool:
        """Whether somebody has it, so that nobody else may."""
        return self.locked_until is not None and self.locked_until > now


class CallRecord(models.Model):
    """One call that was made and what came of it; it is never edited.

    One that was taken back stays, with the moment in ``undone_at``.
    """

    class Outcome(models.TextChoices):
        SPOKE = "spoke", "Spoke, nothing agreed"
        PROMISED = "promised", "Will pay on a day"
        PAID = "paid", "Says it is paid"
        COPY = "copy", "Wants a copy of the bill"
        PARTS = "parts", "Wants to pay in parts"
        DISPUTE = "dispute", "Something is wrong with the bill"
        HARDSHIP = "hardship", "Is in difficulty"
        CALL_BACK = "call_back", "Asked to be called at another time"
        NO_ANSWER = "no_answer", "No answer"
        BUSY = "busy", "Busy"
        MESSAGE = "message", "Left a message"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        NO_CALLS = "no_calls", "Wants no more calls"

    class FollowUp(models.TextChoices):
        CHECK_PAYMENT = "check_payment", "Check whether it was paid"
        SEND_COPY = "send_copy", "Send a copy of the bill"
        WRITE_PLAN = "write_plan", "Agree the parts in writing"
        CHECK_BILL = "check_bill", "Check what is wrong with the bill"
        DECIDE = "decide", "Decide how to help"
        FIND_NUMBER = "find_number", "Find the right number"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="calls")
    number = models.PositiveSmallIntegerField(help_text="Counted through the notice.")
    outcome = models.CharField(max_length=12, choices=Outcome)
    phone = SealedTextField(max_length=320)
    by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    at = models.DateTimeField()
    note = SealedTextField(max_length=500, default="", blank=True)
    promised_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(
        max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES, null=True, blank=True
    )
    currency = models.CharField(max_length=3, default="", blank=True)
    call_back_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    follow_up = models.CharField(
        max_length=16, choices=FollowUp, default="", blank=True
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # A form that is sent twice makes one record.
            models.UniqueConstraint(
                name="call_record_once", fields=["notice", "number"]
            ),
            models.CheckConstraint(
                name="call_record_outcome_known",
                condition=Q(
                    outcome__in=[
                        "spoke",
                        "promised",
                        "paid",
                        "copy",
                        "parts",
                        "dispute",
                        "hardship",
                        "call_back",
                        "no_answer",
                        "busy",
                        "message",
                        "wrong_number",
                        "no_calls",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="call_record_promise_whole",
                condition=(
                    ~Q(outcome="promised")
                    | Q(promised_on__isnull=False, amount__gt=0) & ~Q(currency="")
                ),
            ),
            models.CheckConstraint(
                name="call_record_call_back_says_when",
                condition=~Q(outcome="call_back") | Q(call_back_at__isnull=False),
            ),
            models.CheckConstraint(
                name="call_record_ends_after_start",
                condition=Q(at__gte=F("started_at")),
            ),
        ]
        indexes = [
            # What is left to be done after calls.
            models.Index(
                fields=["id"],
                name="call_follow_ups",
                condition=~Q(follow_up="") & Q(done_at__isnull=True),
            ),
            # The last call of somebody, which may be taken back.
            models.Index(fields=["by", "-at"], name="call_record_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.outcome}"
