"""A campaign while it is changed: held in a state, set to work, and who did it noted.

What every verb on a campaign has in common; which verbs there are is for
campaigns.actions and campaigns.planned. All of it within the caller's transaction.
"""

from __future__ import annotations

import datetime as dt

from campaigns.models import Campaign, CampaignEvent
from campaigns.readiness import NotReady, check_ready
from notices import actions as notices
from notices.models import Stream


class CampaignError(Exception):
    """A verb that does not fit the campaign's state; the text is for staff."""


def locked(campaign: Campaign, *expected: str) -> Campaign:
    """Return the campaign locked in the state a verb starts from.

    :raises CampaignError: it is in another state.
    """
    held = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("stream", "ladder", "brand")
        .get(pk=campaign.pk)
    )
    if held.state not in expected:
        raise CampaignError(
            f"“{held.name}” is {held.get_state_display().lower()} by now. "
            "Look at it again before you go on."
        )
    return held


def locked_before_start(campaign: Campaign, *expected: str) -> Campaign:
    """Return the campaign locked as :func:`locked` does, one that has not begun: a
    paused one was kept from starting.

    :raises CampaignError: it is in another state, or has begun.
    """
    held = locked(campaign, *expected)
    if held.started_at is not None:
        raise CampaignError(f"“{held.name}” has begun. It can only be paused.")
    return held


def set_to_work(campaign: Campaign, by: str, now: dt.datetime) -> None:
    """Have a campaign that is held begin, and its messages go.

    :raises CampaignError: it cannot start (:func:`require_ready`).
    """
    require_ready(campaign, now)
    campaign.state = Campaign.State.RUNNING
    campaign.started_at = now
    campaign.planned_for = None
    campaign.paused_by = ""
    campaign.created_by = campaign.created_by or by
    campaign.save(
        update_fields=["state", "started_at", "planned_for", "paused_by", "created_by"]
    )
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
    note(campaign, CampaignEvent.Verb.STARTED, by, now)


def require_ready(campaign: Campaign, told_at: dt.datetime) -> None:
    """Refuse a campaign that could not do what it is for if it started at ``told_at``.

    :raises CampaignError: as campaigns.readiness.check_ready says it.
    """
    try:
        check_ready(campaign, told_at)
    except NotReady as error:
        raise CampaignError(str(error)) from error


def note(campaign: Campaign, verb: str, by: str, at: dt.datetime) -> None:
    """Keep who did what, and when."""
    CampaignEvent.objects.create(campaign=campaign, verb=verb, by=by, at=at)
