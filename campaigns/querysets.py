"""Questions about campaigns and enrolments that read aloud."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from campaigns.models import Campaign, Enrolment  # noqa: F401


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Questions about campaigns."""

    def running(self) -> CampaignQuerySet:
        """Return campaigns that send."""
        return self.filter(state="running")


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Questions about invoices on ladders."""

    def due(self, day: dt.date) -> EnrolmentQuerySet:
        """Return active enrolments for which something can change on ``day``."""
        return self.filter(state="active", next_on__lte=day)
