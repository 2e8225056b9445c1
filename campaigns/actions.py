"""What staff and the scheduler do to campaigns.

Each verb is keyword-only and may be repeated without harm. What starts a campaign at
an hour stands in campaigns.planned.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.db import transaction

from campaigns import guards, lawful, tidying
from campaigns import tick as passes
from campaigns.compose import MissingTemplate
from campaigns.life import (
    CampaignError,
    locked,
    locked_before_start,
    note,
    set_to_work,
)
from campaigns.models import Campaign, CampaignEvent, Ladder
from campaigns.planned import start_planned
from campaigns.reopening import reopen_silent
from campaigns.today import house_zone
from consent import rulings
from consent.models import ContactPolicy
from customers.calendars import ScheduleError, local_day
from customers.plans import end_missed_plans
from notices import actions as notices
from notices.models import Brand, Document, Stream

log = logging.getLogger(__name__)

BEFORE_START = (Campaign.State.DRAFT, Campaign.State.PLANNED, Campaign.State.PAUSED)


@transaction.atomic
def create_campaign(
    *,
    name: str,
    ladder: Ladder,
    brand: Brand,
    policy: ContactPolicy,
    due_from: dt.date,
    currency: str = "",
    send_from: dt.time = dt.time(9),
    late_after_hours: int = 24,
    attaches_invoices: bool = True,
    documents: Iterable[Document] = (),
    by: str = "",
) -> Campaign:
    """Write down a new campaign as a draft: nothing goes out."""
    stream = Stream.objects.create(
        label=name,
        brand=brand,
        policy=policy,
        bank_days=ladder.bank_days,
        opens_at=send_from,
        late_after_hours=late_after_hours,
        attaches_invoices=attaches_invoices,
    )
    stream.documents.set(documents)
    return Campaign.objects.create(
        name=name,
        ladder=ladder,
        brand=brand,
        stream=stream,
        due_from=due_from,
        currency=currency,
        send_from=send_from,
        created_by=by,
    )


@transaction.atomic
def start_campaign(*, campaign: Campaign, by: str, now: dt.datetime) -> None:
    """Set a draft to work.

    :raises CampaignError: it is no draft, has no steps, a step has no wording, it would
        break a notice period, or a rule in doubt was not gone on with.
    """
    campaign = locked(campaign, Campaign.State.DRAFT, Campaign.State.PLANNED)
    set_to_work(campaign, by, now)


@transaction.atomic
def go_on_with_rules(
    *, campaign: Campaign, reason: str, by: str, now: dt.datetime
) -> None:
    """Note that the rules a campaign rests on are relied on though they are not
    confirmed by counsel, or are overdue for review.

    :raises CampaignError: it has begun, nothing is in doubt, or no reason is given.
    """
    campaign = locked_before_start(campaign, *BEFORE_START)
    today = local_day(now, campaign.brand.time_zone)
    doubtful = lawful.unaccepted(campaign, lawful.look(campaign, today), today)
    if not doubtful:
        raise CampaignError("No rule of this campaign is in doubt.")
    try:
        rulings.go_on(
            matter=lawful.matter_of(campaign),
            rules=doubtful,
            reason=reason,
            by=by,
            now=now,
        )
    except rulings.RulingError as error:
        raise CampaignError(str(error)) from error


@transaction.atomic
def pause_campaign(*, campaign: Campaign, by: str, now: dt.datetime) -> None:
    """Send nothing more until somebody resumes it; in force within one group.

    :raises CampaignError: it is not running.
    """
    campaign = locked(campaign, Campaign.State.RUNNING)
    campaign.state = Campaign.State.PAUSED
    campaign.paused_by = by
    campaign.save(update_fields=["state", "paused_by"])
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.PAUSED)
    note(campaign, CampaignEvent.Verb.PAUSED, by, now)


@transaction.atomic
def resume_campaign(*, campaign: Campaign, by: str, now: dt.datetime) -> None:
    """Go on exactly where a paused campaign stood; one that was kept from starting
    starts.

    :raises CampaignError: it is not paused, or cannot start.
    """
    campaign = locked(campaign, Campaign.State.PAUSED)
    if campaign.started_at is None:
        set_to_work(campaign, by, now)
        return
    campaign.state = Campaign.State.RUNNING
    campaign.paused_by = ""
    campaign.save(update_fields=["state", "paused_by"])
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
    note(campaign, CampaignEvent.Verb.RESUMED, by, now)


def tick(
    *, now: dt.datetime, ring: bool = True, seconds: float = float("inf")
) -> passes.Pass:
    """Make one scheduler pass over every running campaign, then wake the workers.

    ``seconds`` is what each campaign may take; the next pass goes on. Returns what
    was enrolled, decided and composed in all campaigns together.
    """
    tidying.keep_in_order(now=now)
    notices.sweep_stuck()
    guards.guard(now=now)
    start_planned(now=now)
    notices.sweep_intake(now=now)
    notices.answer_the_house(now=now)
    if ring:  # not on a day that is played: years would be over in an afternoon
        tidying.tidy(now=now)
    end_missed_plans(today=local_day(now, house_zone()))
    done = passes.Pass()
    running = Campaign.objects.running().select_related(
        "ladder", "brand", "stream__policy", "stream__brand"
    )
    for campaign in running:
        try:
            reopen_silent(campaign=campaign, now=now)
            done.add(passes.run(campaign=campaign, now=now, seconds=seconds))
        except (ScheduleError, MissingTemplate) as error:
            # One campaign that cannot go on must not stop the others.
            log.error("Campaign %s cannot go on: %s", campaign.pk, error)
    if ring:
        notices.ring(now=now)
    return done
