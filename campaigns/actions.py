"""What staff and the scheduler do to campaigns.

Each verb is keyword-only and may be repeated without harm.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from campaigns import tick as passes
from campaigns.compose import MissingTemplate
from campaigns.models import Campaign, CampaignEvent, Ladder, Step
from consent.models import ContactPolicy
from notices import actions as notices
from notices.models import Brand, Stream, TemplateVersion


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
    by: str = "",
) -> Campaign:
    """Write down a new campaign as a draft: nothing goes out."""
    stream = Stream.objects.create(label=name, brand=brand, policy=policy)
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

    :raises CampaignError: it is no draft, has no steps, or a step has no wording.
    """
    campaign = _locked(campaign, Campaign.State.DRAFT)
    steps = list(campaign.ladder.steps.all())
    if not steps:
        raise CampaignError("The ladder has no steps. Add one before you start.")
    _check_wordings(steps)
    campaign.state = Campaign.State.RUNNING
    campaign.started_at = now
    campaign.created_by = campaign.created_by or by
    campaign.save(update_fields=["state", "started_at", "created_by"])
    _note(campaign, CampaignEvent.Verb.STARTED, by, now)


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
    """Go on exactly where a paused campaign stood.

    :raises CampaignError: it is not paused.
    """
    campaign = _locked(campaign, Campaign.State.PAUSED)
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
    notices.sweep_stuck()
    done = passes.Pass()
    running = Campaign.objects.running().select_related(
        "ladder", "brand", "stream__policy"
    )
    for campaign in running:
        reopen_bounced(campaign=campaign, now=now)
        done.add(passes.run(campaign=campaign, now=now, seconds=seconds))
    if ring:
        notices.ring(now=now)
    return done


# The step whose message could not be delivered is open again, at the same level, and
# takes its next channel; the failed contact does not count for the gap.
REOPEN = """
UPDATE campaigns_enrolment AS enrolment
SET closed_steps = enrolment.closed_steps & ~(1::bigint << step.position::int),
    state = 'active',
    next_on = LEAST(enrolment.next_on, %(day)s),
    last_contact_on = (
        SELECT max(earlier.decided_on) FROM campaigns_decision AS earlier
        JOIN notices_notice AS sent ON sent.id = earlier.notice_id
        WHERE earlier.enrolment_id = enrolment.id AND sent.state <> 'failed'
    )
FROM campaigns_decision AS decision
JOIN notices_notice AS notice ON notice.id = decision.notice_id
JOIN campaigns_step AS step ON step.id = decision.step_id
WHERE decision.enrolment_id = enrolment.id
  AND enrolment.campaign_id = %(campaign)s AND enrolment.state <> 'settled'
  AND notice.stream_id = %(stream)s AND notice.state = 'failed'
  AND notice.reason = 'hard_bounce' AND notice.planned_on > %(oldest)s
  AND enrolment.closed_steps & (1::bigint << step.position::int) <> 0
  AND NOT EXISTS (
      SELECT FROM campaigns_decision AS later
      WHERE later.enrolment_id = decision.enrolment_id AND later.id > decision.id
  )
"""

# A bounce that comes later than this no longer turns the ladder back.
BOUNCE_DAYS = dt.timedelta(days=3)


def reopen_bounced(*, campaign: Campaign, now: dt.datetime) -> int:
    """Reopen the steps whose address turned out not to exist; return how many.

    Only the newest step of an invoice is reopened, and only until anything else was
    decided about it, so that the ladder never goes back twice.
    """
    day = now.date()
    with connection.cursor() as cursor:
        cursor.execute(
            REOPEN,
            {
                "campaign": campaign.pk,
                "stream": campaign.stream_id,
                "day": day,
                "oldest": day - BOUNCE_DAYS,
            },
        )
        reopened: int = cursor.rowcount
    return reopened


def _locked(campaign: Campaign, expected: str) -> Campaign:
    """Return the campaign locked in the state a verb starts from.

    :raises CampaignError: it is in another state.
    """
    locked = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("stream", "ladder")
        .get(pk=campaign.pk)
    )
    if locked.state != expected:
        raise CampaignError(
            f"“{locked.name}” is {locked.get_state_display().lower()} by now. "
            "Look at it again before you go on."
        )
    return locked


def _check_wordings(steps: list[Step]) -> None:
    """Refuse to start while a step has no English wording for one of its channels.

    :raises CampaignError: it names the step and the channel.
    """
    published = set(
        TemplateVersion.objects.filter(
            language="en", key__in={step.template_key for step in steps}
        ).values_list("key", "channel")
    )
    for step in steps:
        for channel in step.channels:
            if (step.template_key, channel) not in published:
                raise CampaignError(
                    f"Step “{step.key}”: {MissingTemplate(step.template_key, channel)}"
                )
