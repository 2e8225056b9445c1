"""What staff and the scheduler do to campaigns.

Each verb is keyword-only and may be repeated without harm.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from campaigns import guards, lawful, phrases, tidying
from campaigns import tick as passes
from campaigns.compose import MissingTemplate
from campaigns.models import Campaign, CampaignEvent, Ladder
from campaigns.readiness import NotReady, check_ready
from campaigns.reopening import reopen_silent
from campaigns.schedule import ScheduleError, local_day
from consent import rulings
from consent.models import ContactPolicy
from customers.plans import end_missed_plans
from notices import actions as notices
from notices import late
from notices.models import Brand, Document, Stream

log = logging.getLogger(__name__)

BY_PLAN = "Duly, as planned"
BEFORE_START = (Campaign.State.DRAFT, Campaign.State.PLANNED, Campaign.State.PAUSED)


class CampaignError(Exception):
    """A verb that does not fit the campaign's state; the text is for staff."""


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
    campaign = _locked(campaign, Campaign.State.DRAFT, Campaign.State.PLANNED)
    _set_to_work(campaign, by, now)


def _set_to_work(campaign: Campaign, by: str, now: dt.datetime) -> None:
    _check_ready(campaign, now)
    campaign.state = Campaign.State.RUNNING
    campaign.started_at = now
    campaign.planned_for = None
    campaign.paused_by = ""
    campaign.created_by = campaign.created_by or by
    campaign.save(
        update_fields=["state", "started_at", "planned_for", "paused_by", "created_by"]
    )
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
    _note(campaign, CampaignEvent.Verb.STARTED, by, now)


@transaction.atomic
def plan_campaign(
    *, campaign: Campaign, at: dt.datetime, by: str, now: dt.datetime
) -> None:
    """Have a draft start by itself at ``at`` (aware); planned again, the last counts.

    :raises CampaignError: it is no draft, could not start, or ``at`` has passed.
    """
    campaign = _locked(campaign, Campaign.State.DRAFT, Campaign.State.PLANNED)
    if at <= now:
        raise CampaignError("That hour has passed. Choose a later one, or start now.")
    _check_ready(campaign, at)
    campaign.state = Campaign.State.PLANNED
    campaign.planned_for = at
    campaign.save(update_fields=["state", "planned_for"])
    _note(campaign, CampaignEvent.Verb.PLANNED, by, now)


@transaction.atomic
def go_on_with_rules(
    *, campaign: Campaign, reason: str, by: str, now: dt.datetime
) -> None:
    """Note that the rules a campaign rests on are relied on though they are not
    confirmed by counsel, or are overdue for review.

    :raises CampaignError: it has begun, nothing is in doubt, or no reason is given.
    """
    campaign = _locked(campaign, *BEFORE_START)
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
def unplan_campaign(*, campaign: Campaign, by: str, now: dt.datetime) -> None:
    """Make a planned campaign a draft again, or one that was kept from starting.

    :raises CampaignError: it has begun.
    """
    campaign = _locked(campaign, Campaign.State.PLANNED, Campaign.State.PAUSED)
    if campaign.started_at is not None:
        raise CampaignError(f"“{campaign.name}” has begun. It can only be paused.")
    campaign.state = Campaign.State.DRAFT
    campaign.planned_for = None
    campaign.paused_by = ""
    campaign.save(update_fields=["state", "planned_for", "paused_by"])
    # As a draft's: nothing is in it, and nothing holds it.
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
    _note(campaign, CampaignEvent.Verb.DROPPED, by, now)


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
            _set_to_work(campaign, BY_PLAN, now)
        except CampaignError as error:
            reason = str(error).rstrip(".")
        else:
            return True
    campaign.state = Campaign.State.PAUSED
    campaign.save(update_fields=["state"])
    Stream.objects.filter(pk=campaign.stream_id).update(
        state=Stream.State.PAUSED, safety_reason=reason[:200]
    )
    _note(campaign, CampaignEvent.Verb.PAUSED, guards.BY, now)
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


@transaction.atomic
def pause_campaign(*, campaign: Campaign, by: str) -> None:
    """Send nothing more until somebody resumes it; in force within one group.

    :raises CampaignError: it is not running.
    """
    campaign = _locked(campaign, Campaign.State.RUNNING)
    campaign.state = Campaign.State.PAUSED
    campaign.paused_by = by
    campaign.save(update_fields=["state", "paused_by"])
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.PAUSED)
    _note(campaign, CampaignEvent.Verb.PAUSED, by, timezone.now())


@transaction.atomic
def resume_campaign(*, campaign: Campaign, by: str) -> None:
    """Go on exactly where a paused campaign stood; one that was kept from starting
    starts.

    :raises CampaignError: it is not paused, or cannot start.
    """
    campaign = _locked(campaign, Campaign.State.PAUSED)
    if campaign.started_at is None:
        _set_to_work(campaign, by, timezone.now())
        return
    campaign.state = Campaign.State.RUNNING
    campaign.paused_by = ""
    campaign.save(update_fields=["state", "paused_by"])
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
    _note(campaign, CampaignEvent.Verb.RESUMED, by, timezone.now())


def _note(campaign: Campaign, verb: str, by: str, at: dt.datetime) -> None:
    """Keep who did what, and when."""
    CampaignEvent.objects.create(campaign=campaign, verb=verb, by=by, at=at)


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
    end_missed_plans(today=now.date())
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


def _locked(campaign: Campaign, *expected: str) -> Campaign:
    """Return the campaign locked in the state a verb starts from.

    :raises CampaignError: it is in another state.
    """
    locked = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("stream", "ladder", "brand")
        .get(pk=campaign.pk)
    )
    if locked.state not in expected:
        raise CampaignError(
            f"“{locked.name}” is {locked.get_state_display().lower()} by now. "
            "Look at it again before you go on."
        )
    return locked


def _check_ready(campaign: Campaign, told_at: dt.datetime) -> None:
    try:
        check_ready(campaign, told_at)
    except NotReady as error:
        raise CampaignError(str(error)) from error
