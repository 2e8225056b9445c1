"""Questions about notices that read aloud."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import models

from notices.states import State

if TYPE_CHECKING:
    from notices.models import Notice, TemplateVersion  # noqa: F401


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about notices."""

    def waiting(self) -> NoticeQuerySet:
        """Return notices in line, whether due yet or not."""
        return self.filter(state=State.SCHEDULED)

    def not_yet_written(self) -> NoticeQuerySet:
        """Return notices whose words are not yet made, in line or with staff."""
        return self.filter(state__in=[State.SCHEDULED, State.HELD, State.CALLING])

    def due(self, now: dt.datetime) -> NoticeQuerySet:
        """Return notices in line whose time has come and whose stream runs."""
        return self.waiting().filter(not_before__lte=now, stream__state="running")

    def in_full(self) -> NoticeQuerySet:
        """Return notices with their stream, firm, policy and text, each read once."""
        return self.prefetch_related("stream__brand", "stream__policy", "template")

    def claimed(self, ids: Sequence[int], token: uuid.UUID) -> NoticeQuerySet:
        """Return those of these notices that are still claimed by us, in full."""
        mine = self.filter(pk__among=ids, state=State.CLAIMED, claim_token=token)
        return mine.in_full()

    def gone_out(self) -> NoticeQuerySet:
        """Return notices a provider took."""
        return self.filter(sent_at__isnull=False)


class TemplateVersionQuerySet(models.QuerySet["TemplateVersion"]):
    """Questions about wordings."""

    def published(self) -> TemplateVersionQuerySet:
        """Return the approved wordings, which alone may be sent."""
        return self.filter(state="approved")

    def current(self) -> TemplateVersionQuerySet:
        """Return the newest approved wording of each key, form and language."""
        newest = (
            self.published()
            .order_by("key", "channel", "language", "-version")
            .distinct("key", "channel", "language")
        )
        return self.filter(pk__in=newest.values("pk"))

    def of_text(self, version: TemplateVersion) -> TemplateVersionQuerySet:
        """Return every version of the same text: key, form and language."""
        return self.filter(
            key=version.key, channel=version.channel, language=version.language
        )

    def leads(self) -> TemplateVersionQuerySet:
        """Return one version of each key and form: the newest of its own language.

        A text's own language is the one it was not translated into, English first.
        """
        lead = self.order_by(
            "key",
            "channel",
            models.Case(models.When(translated_from=None, then=0), default=1),
            models.Case(models.When(language="en", then=0), default=1),
            "language",
            "-version",
        ).distinct("key", "channel")
        return self.filter(pk__in=lead.values("pk"))
