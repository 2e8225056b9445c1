"""What staff and the scheduler do to campaigns.

Each verb is keyword-only and may be repeated without harm.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from campaigns import guards
from campaigns import tick as passes
from campaigns.compose import MissingTemplate
from campaigns.models import Campaign, CampaignEvent, Ladder, Step
from campaigns.schedule import ScheduleError, local_day
from consent.models import ContactPolicy
from notices import actions as notices
from notices.kinds import FORMS_OF
from notices.models import Brand, Document, Notice, Stream, TemplateVersion

log = logging.getLogger(__name__)


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
    notices.set_stream_state(stream=campaign.stream, state=Stream.State.RUNNING)
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
    guards.guard(now=now)
    notices.sweep_intake(now=now)
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


# What ended without reaching anybody has not been said: its step is open again, at the
# same level, and the failed contact does not count for the gap. At once where another
# way is wanted, tomorrow where the same way may work then; three times at most.
REOPEN = """
WITH ended AS MATERIALIZED (
    SELECT id, state, reason, sent_at FROM notices_notice
    WHERE stream_id = %(stream)s AND state IN ('failed', 'suppressed')
), silent AS MATERIALIZED (
    SELECT decision.id, decision.enrolment_id, decision.step_id, notice.reason
    FROM campaigns_decision AS decision
    JOIN ended AS notice ON notice.id = decision.notice_id
    JOIN campaigns_enrolment AS enrolment ON enrolment.id = decision.enrolment_id
    JOIN customers_invoice AS invoice ON invoice.id = enrolment.invoice_id
    WHERE NOT decision.undone
      AND (notice.state = 'failed'
           OR notice.state = 'suppressed' AND (
               notice.reason ~ '^(SUPP|ADDR|CONSENT)_'
               OR notice.reason IN ('PREF_CATEGORY_OFF', 'POLICY_NO_OPTIONAL_PAPER')
               OR notice.reason = 'ACCT_NOTHING_DUE' AND invoice.status = 'open'))
      AND (notice.sent_at IS NULL OR notice.sent_at > CASE
          WHEN notice.reason = 'returned' THEN %(oldest_mail)s ELSE %(oldest)s END)
      AND enrolment.state <> 'settled' AND enrolment.reopened < %(most)s
      AND NOT EXISTS (
          SELECT FROM campaigns_decision AS later
          WHERE later.enrolment_id = decision.enrolment_id AND NOT later.undone
            AND later.outcome = 'sent' AND later.decided_on > decision.decided_on
      )
      AND NOT EXISTS (
          SELECT FROM campaigns_enrolment AS elsewhere
          WHERE elsewhere.invoice_id = enrolment.invoice_id
            AND elsewhere.id <> enrolment.id AND elsewhere.state = 'active'
      )
), undone AS (
    UPDATE campaigns_decision AS decision SET undone = true
    FROM silent WHERE decision.id = silent.id
)
UPDATE campaigns_enrolment AS enrolment
SET closed_steps = enrolment.closed_steps & ~(1::bigint << step.position::int),
    state = 'active',
    reopened = enrolment.reopened + 1,
    next_on = LEAST(enrolment.next_on, %(day)s + CASE
        WHEN silent.reason IN ('refused', 'gave_up', 'soft_bounce', 'did_not_arrive',
                               'sender_fault', 'provider_busy')
        THEN 1 ELSE 0 END),
    last_contact_on = (
        SELECT max(earlier.decided_on) FROM campaigns_decision AS earlier
        JOIN notices_notice AS gone ON gone.id = earlier.notice_id
        WHERE earlier.enrolment_id = enrolment.id AND gone.sent_at IS NOT NULL
          AND gone.state <> 'failed'
    )
FROM silent JOIN campaigns_step AS step ON step.id = silent.step_id
WHERE enrolment.id = silent.enrolment_id
"""

# A bounce that comes later than this after the hand-over no longer turns the ladder
# back, and a step is not reopened for ever.
LATEST_BOUNCE = dt.timedelta(days=3)
# The post takes its time to bring a letter back.
LATEST_RETURN = dt.timedelta(days=42)
MOST_REOPENED = 3


def reopen_silent(*, campaign: Campaign, now: dt.datetime) -> int:
    """Reopen the steps whose message reached nobody; return how many.

    Only the newest step of an invoice is reopened, so that the ladder never goes back
    behind what the customer has been told.
    """
    ended = Notice.objects.filter(
        stream=campaign.stream_id, state__in=["failed", "suppressed"]
    )
    # Most passes find nothing, and a young table may have no statistics to plan by.
    if not ended.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            REOPEN,
            {
                "stream": campaign.stream_id,
                "day": local_day(now, campaign.brand.time_zone),
                "oldest": now - LATEST_BOUNCE,
                "oldest_mail": now - LATEST_RETURN,
                "most": MOST_REOPENED,
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
        TemplateVersion.objects.published()
        .filter(language="en", key__in={step.template_key for step in steps})
        .values_list("key", "channel")
    )
    for step in steps:
        for channel in step.channels:
            forms = {(step.template_key, form.value) for form in FORMS_OF[channel]}
            if forms.isdisjoint(published):
                raise CampaignError(
                    f"Step “{step.key}”: {MissingTemplate(step.template_key, channel)}"
                )
