"""The words a firm uses, by kind of message, form and language."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from notices.kinds import KINDS, TITLED, Form, NoticeKind
from notices.querysets import TemplateVersionQuerySet


class Channel(models.TextChoices):
    """The ways a notice can go."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "Text message"
    CALL = "call", "Phone call"
    LETTER = "letter", "Letter"
    POSTCARD = "postcard", "Postcard"


ON_PAPER = frozenset({Channel.LETTER, Channel.POSTCARD})


def form_choices() -> list[tuple[str, str]]:
    """Return what a text can be written for, in words."""
    return [
        (Form.WRITTEN, "E-mail and letter"),
        (Form.EMAIL, "E-mail only"),
        (Form.LETTER, "Letter only"),
        (Form.SMS, "Text message"),
        (Form.CALL, "Call script"),
        (Form.POSTCARD, "Postcard"),
        (Form.INSERT, "Bill insert"),
        (Form.PUBLIC, "Public announcement"),
    ]


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of notices in words."""
    return [(kind.key, kind.label) for kind in KINDS.values()]


class TemplateVersion(models.Model):
    """One wording: Markdown with Liquid fields, for a form and a language.

    Its words never change once it was approved: a new wording is a new version, and
    the database refuses anything else.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        RETIRED = "retired", "Retired"

    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=30, choices=kind_choices, default="reminder")
    channel = models.CharField("for", max_length=8, choices=form_choices)
    language = models.CharField(max_length=12, default="en")
    version = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=500, default="", blank=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    note = models.CharField(
        "why", max_length=300, default="", blank=True, help_text="Why it was changed."
    )
    translated_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="translations",
        null=True,
        blank=True,
    )
    waivers = models.JSONField(
        default=dict,
        blank=True,
        help_text="Reasons given for findings that were passed over, by their code.",
    )
    created_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    approved_by = models.CharField(max_length=150, default="", blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateVersionQuerySet.as_manager()

    class Meta:
        ordering = ["key", "channel", "language", "-version"]
        verbose_name = "text"
        permissions = [
            ("approve_templateversion", "Can approve and retire wordings"),
            (
                "bind_templateversion",
                "Can approve wordings that bind the firm, and carrying on as a yes",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="template_version_once",
                fields=["key", "channel", "language", "version"],
            ),
            models.CheckConstraint(
                name="template_version_channel_known",
                condition=Q(channel__in=[form.value for form in Form]),
            ),
            models.CheckConstraint(
                name="template_version_kind_known", condition=Q(kind__in=list(KINDS))
            ),
            models.CheckConstraint(
                name="template_version_state_known",
                condition=Q(state__in=["draft", "in_review", "approved", "retired"]),
            ),
            models.CheckConstraint(
                name="template_version_published_when_approved",
                condition=~Q(state__in=["approved", "retired"])
                | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="template_version_email_has_subject",
                condition=~Q(channel__in=[form.value for form in TITLED])
                | ~Q(subject=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.channel}, {self.language}) v{self.version}"

    @property
    def is_fixed(self) -> bool:
        """Whether its words can no longer change."""
        return self.state in {self.State.APPROVED, self.State.RETIRED}

    @property
    def notice_kind(self) -> NoticeKind:
        """What sort of notice it is a text for."""
        return KINDS[self.kind]
