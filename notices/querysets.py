"""Questions about notices that read aloud."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models

from notices.states import State

if TYPE_CHECKING:
    from notices.models import Notice  # noqa: F401


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about notices."""

    def waiting(self) -> NoticeQuerySet:
        """Return notices in line, whether due yet or not."""
        return self.filter(state=State.SCHEDULED)

    def due(self, now: dt.datetime) -> NoticeQuerySet:
        """Return notices in line whose time has come and whose stream runs."""
        return self.waiting().filter(not_before__lte=now, stream__state="running")

    def gone_out(self) -> NoticeQuerySet:
        """Return notices a provider took."""
        return self.filter(sent_at__isnull=False)
