"""The life of a text before it is sent: who did what to it, and who was asked to read.

An outsider reads by a link whose secret is kept as a hash only. What was asked stands
for ever beside the text, and so does each turn of its life.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from notices.models.wording import TemplateVersion

LONGEST_QUESTION = 2000


class WordingEvent(models.Model):
    """One turn in the life of a text: who, when, what and why."""

    class Verb(models.TextChoices):
        DRAFTED = "drafted", "Written"
        EDITED = "edited", "Edited"
        TRANSLATED = "translated", "Begun as a translation"
        RESTORED = "restored", "Restored from an earlier version"
        SUBMITTED = "submitted", "Sent for review"
        SENT_BACK = "sent_back", "Sent back"
        APPROVED = "approved", "Approved"
        RETIRED = "retired", "Retired"
        WAIVED = "waived", "Finding passed over"

    version = models.ForeignKey(
        TemplateVersion, on_delete=models.CASCADE, related_name="life"
    )
    verb = models.CharField(max_length=10, choices=Verb)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="wording_event_sent_back_says_why",
                condition=~Q(verb__in=["sent_back", "waived"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.verb} by {self.by}"


class ReviewLink(models.Model):
    """One person outside who was asked to read a text, without an account.

    Only the SHA-256 of the secret in the link is kept.
    """

    version = models.ForeignKey(
        TemplateVersion, on_delete=models.CASCADE, related_name="review_links"
    )
    reader = models.CharField("reader's name", max_length=120)
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.reader} reads {self.version}"

    def is_open(self, now: dt.datetime) -> bool:
        """Whether the reader may still come in at ``now``."""
        return self.closed_at is None and now < self.expires_at


class ReviewQuestion(models.Model):
    """What a reader asked about one paragraph, and what was answered.

    ``quote`` is the paragraph as it read then; ``form_id`` names the form it came
    with, so that a form sent twice asks once.
    """

    link = models.ForeignKey(
        ReviewLink, on_delete=models.CASCADE, related_name="questions"
    )
    paragraph = models.PositiveIntegerField()
    quote = models.TextField(default="", blank=True)
    question = models.TextField(max_length=LONGEST_QUESTION)
    form_id = models.UUIDField()
    asked_at = models.DateTimeField(default=timezone.now)
    resolved_by = models.CharField(max_length=150, default="", blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=LONGEST_QUESTION, default="", blank=True)

    class Meta:
        ordering = ["paragraph", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="review_question_once",
                fields=["link", "form_id", "paragraph"],
            ),
            models.CheckConstraint(
                name="review_question_not_blank", condition=~Q(question="")
            ),
            models.CheckConstraint(
                name="review_question_resolved_whole",
                condition=Q(resolved_at__isnull=True, resolved_by="")
                | (Q(resolved_at__isnull=False) & ~Q(resolved_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link.reader} on paragraph {self.paragraph}"
