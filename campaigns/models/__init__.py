"""Ladders, campaigns, who is on them, and why each step did or did not send."""

from __future__ import annotations

from campaigns.models.campaigns import Campaign, CampaignEvent
from campaigns.models.confirmations import AccessReview, Cutover
from campaigns.models.enrolments import Decision, Enrolment
from campaigns.models.ladders import Ladder, Step

__all__ = [
    "AccessReview",
    "Campaign",
    "CampaignEvent",
    "Cutover",
    "Decision",
    "Enrolment",
    "Ladder",
    "Step",
]
