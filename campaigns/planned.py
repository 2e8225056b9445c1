"""Campaigns that start by themselves: planned, taken back, begun at their hour.

Starts none that is too late or that cannot start: such a one waits for staff.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns import guards, phrases
from campaigns.life import (
    CampaignError,
    locked,
    locked_before_start,
    note,
    require_ready,
    set_to_work,
)
from campaigns.models import Campaign, CampaignEvent
from notices import actions as notices
from notices import late
from notices.models import Stream

BY_PLAN = "Duly, as planned"


@transaction.atomic
def plan_campaign(
    *, campaign: Campaign, at: dt.datetime, by: str, now: dt.datetime
) -> None:
    """Have a draft start by itself at ``at`` (aware); planned again, the last counts.

    :raises CampaignError: it is no draft, could not start, or ``at`` has passed.
    """
    campaign = locked(campaign, Campaign.State.DRAFT, Campaign.State.PLANNED)
    if at <= now:
        raise CampaignError("That hour has passed. Choose a later one, or start now.")
    require_ready(campaign, at)
    campaign.state = Campaign.State.PLANNED
    campaign.planned_for = at
    campaign.save(update_fields=["state", "planned_for"])
    note(campaign, CampaignEvent.Verb.PLANNED, by, now)


@transaction.atomic
def unplan_campaign(*, campaign: Campaign, by: str, now: dt.datetime) -> None:
    """Make a planned campaign a draft again, or one that was kept from starting.

    :raises CampaignError: it has begun.
    """
    campaign = locked_before_start(
        campaign, Campaign.State.PLANNED, Campaign.State.PAUSED
    )
    campaign.state = Campaign.State.DRAFT
    campaign.planned_for = None
    campaign.paused_by = ""
    campaign.save(update_fields=["state", "planned_for", "paused_by"])
    # As a draft's: nothing is in it, and nothing holds it.
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
    note(campaign, CampaignEvent.Verb.DROPPED, by, now)


def start_planned(*, now: dt.datetime) -> int:
    """Start the campaigns whose hour has come; return how many.

    One whose latest acceptable start has passed (its hour and ``late_after_hours``,
    on open days), or that cannot start, is paused for safety: staff start or drop it.
    """
    due = Campaign.objects.filter(
        state=Campaign.State.PLANNED, planned_for__lte=now
    ).values_list("pk", flat=True)
    return sum(_start_planned(pk, now) for pk in list(due))


@transaction.atomic
def _start_planned(pk: int, now: dt.datetime) -> bool:
    campaign = (
        Campaign.objects.filter(pk=pk, state=Campaign.State.PLANNED)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("stream__brand", "brand", "ladder")
        .first()
    )
    # Another pass has it, or staff took it back.
    if campaign is None or campaign.planned_for is None or campaign.planned_for > now:
        return False
    reason = _too_late(campaign, now)
    if not reason:
        try:
            set_to_work(campaign, BY_PLAN, now)
        except CampaignError as error:
            reason = str(error).rstrip(".")
        else:
            return True
    campaign.state = Campaign.State.PAUSED
    campaign.save(update_fields=["state"])
    Stream.objects.filter(pk=campaign.stream_id).update(
        state=Stream.State.PAUSED, safety_reason=reason[:200]
    )
    note(campaign, CampaignEvent.Verb.PAUSED, guards.BY, now)
    return False


def _too_late(campaign: Campaign, now: dt.datetime) -> str:
    """Return that a planned campaign should have begun long ago; blank if not."""
    planned_for = campaign.planned_for
    if planned_for is None or planned_for >= late.stream_is_late_before(
        campaign.stream, now
    ):
        return ""
    local = planned_for.astimezone(ZoneInfo(campaign.brand.time_zone))
    return f"it should have begun on {phrases.day(local.date())} at {local:%H:%M}"
