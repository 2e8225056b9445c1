"""What the firm says to everybody: the draft, its languages, and what was put up.

The site shows only releases, never the draft: whoever may write cannot by that change
what the public reads. Releases are never edited; the newest one rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from notices.kinds import KINDS, NEWS, Form, NoticeKind
from notices.models.brand import Brand
from notices.models.wording import TemplateVersion


def announced_kinds() -> list[tuple[str, str]]:
    """Return the kinds of notices that may be announced to all, in words."""
    found = [
        (kind.key, kind.label) for kind in KINDS.values() if Form.PUBLIC in kind.forms
    ]
    return [*found, (NEWS.key, NEWS.label)]


class Importance(models.TextChoices):
    """How loudly a site should say it."""

    URGENT = "urgent", "Urgent: act at once"
    IMPORTANT = "important", "Important"
    ROUTINE = "routine", "Routine"


class ReleaseQuerySet(models.QuerySet["AnnouncementRelease"]):
    """Questions about what was put up."""

    def ruling(self) -> ReleaseQuerySet:
        """Return the newest release of each announcement."""
        newer = AnnouncementRelease.objects.filter(
            announcement=OuterRef("announcement"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(newer))

    def on_the_site(self, now: dt.datetime) -> ReleaseQuerySet:
        """Return what the public may read at ``now``, an aware instant."""
        return (
            self.ruling()
            .exclude(action=AnnouncementRelease.Action.WITHDRAWN)
            .filter(publish_at__lte=now)
            .filter(Q(withdraw_at__isnull=True) | Q(withdraw_at__gt=now))
            .select_related("announcement__brand")
            .order_by("-publish_at", "-pk")
        )

    def planned(self, now: dt.datetime) -> ReleaseQuerySet:
        """Return what will be on the site later, the next one first."""
        return (
            self.ruling()
            .exclude(action=AnnouncementRelease.Action.WITHDRAWN)
            .filter(publish_at__gt=now)
            .order_by("publish_at")
        )


class Announcement(models.Model):
    """One public announcement as staff are writing it.

    ``about`` holds the facts that are the same in every language, as notices.about
    keeps them; ``revision`` counts the changes of the draft. Without
    ``publish_at`` it is on the site as soon as somebody publishes it.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=30, choices=announced_kinds)
    importance = models.CharField(
        max_length=10, choices=Importance, default=Importance.ROUTINE
    )
    about = models.JSONField(default=dict, blank=True)
    publish_at = models.DateTimeField(null=True, blank=True)
    withdraw_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.CharField(max_length=150, default="", blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("publish_announcement", "Can publish and withdraw announcements"),
        ]
        constraints = [
            models.CheckConstraint(
                name="announcement_importance_known",
                condition=Q(importance__in=["urgent", "important", "routine"]),
            ),
            models.CheckConstraint(
                name="announcement_ends_after_it_begins",
                condition=Q(publish_at__isnull=True)
                | Q(withdraw_at__isnull=True)
                | Q(withdraw_at__gt=F("publish_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def notice_kind(self) -> NoticeKind:
        """What it speaks of."""
        return NEWS if self.kind == NEWS.key else KINDS[self.kind]


class AnnouncementText(models.Model):
    """The words of an announcement in one language: a text of the library, or own.

    ``about`` holds the facts that are words and so differ by language; ``questions``
    is a list of ``{"question": …, "answer": …}`` in Markdown with fields.
    """

    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="texts"
    )
    language = models.CharField(max_length=12)
    template = models.ForeignKey(
        TemplateVersion,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    heading = models.CharField(max_length=300, default="", blank=True)
    body = models.TextField(default="", blank=True)
    about = models.JSONField(default=dict, blank=True)
    questions = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="announcement_text_once", fields=["announcement", "language"]
            ),
            models.CheckConstraint(
                name="announcement_text_of_one_source",
                condition=Q(template__isnull=False, heading="", body="")
                | Q(template__isnull=True) & ~Q(heading="") & ~Q(body=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} ({self.language})"


class AnnouncementRelease(models.Model):
    """What was put up, corrected or taken down, when and by whom; never edited.

    ``content`` is the finished page by language (notices.announcement_text); a release
    that takes the announcement down has none.
    """

    class Action(models.TextChoices):
        PUBLISHED = "published", "Published"
        CORRECTED = "corrected", "Corrected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="releases"
    )
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=Action)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    note = models.CharField(max_length=300, default="", blank=True)
    importance = models.CharField(max_length=10, choices=Importance)
    publish_at = models.DateTimeField()
    withdraw_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField()
    content = models.JSONField(default=dict, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["announcement", "-number"]
        constraints = [
            # Also finds the newest release of an announcement, which every page asks.
            models.UniqueConstraint(
                name="announcement_release_once", fields=["announcement", "number"]
            ),
            models.CheckConstraint(
                name="announcement_release_action_known",
                condition=Q(action__in=["published", "corrected", "withdrawn"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} #{self.number} {self.action}"

    @property
    def is_withdrawal(self) -> bool:
        """Whether it took the announcement down."""
        return self.action == self.Action.WITHDRAWN

    @property
    def texts(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the finished page of each language, the first one first."""
        return {one["language"]: one for one in self.content.get("texts", [])}
