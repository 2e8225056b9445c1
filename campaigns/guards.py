"""What every pass looks at before it does anything: is it safe to go on?

Late starts, messages that are late or past their use, and streams that fail too
often. A stream paused for safety pauses its campaign, so that staff see why and
resume it. Set-based; each look costs some milliseconds.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from campaigns.models import Campaign, CampaignEvent
from consent import roots
from notices import breakers, heartbeats, late
from notices.models import Stream

log = logging.getLogger(__name__)

# A few thousand hand-overs at most go out between two looks. What is past its use is
# asked about once more before it is handed over, so closing it is only tidiness.
EVERY_BREAKERS = dt.timedelta(seconds=30)
EVERY_EXPIRY = dt.timedelta(minutes=5)
# Once a day is enough, but a copy that failed is tried again soon.
EVERY_SEAL = dt.timedelta(minutes=10)
BY = "Duly, for safety"


def guard(*, now: dt.datetime) -> None:
    """Hold, close and pause what must not go on by itself."""
    pause_late_starts(now=now)
    held = late.hold_late(now=now)
    if held:
        log.warning("%s messages are too late to just go: held for staff.", held)
    if heartbeats.is_turn_of("expiry", every=EVERY_EXPIRY, now=now):
        late.expire(now=now)
        heartbeats.forget_the_gone(now=now)
    if heartbeats.is_turn_of("breakers", every=EVERY_BREAKERS, now=now):
        breakers.trip(now=now)
    follow_streams(now=now)


def seal_consents(*, now: dt.datetime) -> None:
    """Have the consent history sealed once a day, on the real clock: a played day
    leaves no root."""
    if heartbeats.is_turn_of("roots", every=EVERY_SEAL, now=now):
        roots.seal(now=now)


def pause_late_starts(*, now: dt.datetime) -> int:
    """Pause campaigns that were started and never had a pass until it was too late;
    return how many.

    The latest acceptable start is the start and the stream's ``late_after_hours``,
    counted on its open days: who started it expected it there and then.
    """
    waiting = Campaign.objects.running().filter(
        ticked_on__isnull=True, stream__running_since__isnull=False
    )
    paused = 0
    for campaign in waiting.select_related("stream__brand"):
        stream = campaign.stream
        if stream.running_since < late.stream_is_late_before(stream, now):  # type: ignore[operator]
            reason = "it was to start long ago, and nothing ran until now"
            paused += breakers.pause(stream.pk, reason)
    return paused


@transaction.atomic
def follow_streams(*, now: dt.datetime) -> int:
    """Pause the campaigns whose stream a guard paused; return how many."""
    unsafe = Campaign.objects.running().filter(stream__state=Stream.State.PAUSED)
    found = list(
        unsafe.exclude(stream__safety_reason="")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    if not found:
        return 0
    Campaign.objects.filter(pk__in=found).update(
        state=Campaign.State.PAUSED, paused_by=""
    )
    CampaignEvent.objects.bulk_create(
        CampaignEvent(campaign_id=pk, verb=CampaignEvent.Verb.PAUSED, by=BY, at=now)
        for pk in found
    )
    return len(found)
