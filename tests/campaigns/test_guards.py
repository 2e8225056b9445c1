"""What a pass looks at first: late starts, what is too late, streams that fail."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.actions import start_campaign, tick
from campaigns.guards import guard
from campaigns.models import Campaign
from notices import heartbeats
from notices.models import Notice
from notices.states import State
from tests.factories import (
    NOW,
    make_attempt,
    make_campaign,
    make_customer,
    make_invoice,
    make_notice,
    make_template,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
HOUR = dt.timedelta(hours=1)


def started() -> Campaign:
    """Return a campaign that Sam started at NOW, with somebody to write to."""
    campaign = make_campaign(state="draft")
    make_invoice(make_customer())
    start_campaign(campaign=campaign, by="sam", now=NOW)
    campaign.refresh_from_db()
    return campaign


def test_a_campaign_starts_when_its_first_pass_comes_in_time() -> None:
    campaign = started()

    tick(now=NOW + 23 * HOUR, ring=False)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING
    assert Notice.objects.exists()


def test_a_campaign_whose_first_pass_comes_days_late_waits_for_staff() -> None:
    campaign = started()

    tick(now=NOW + 80 * HOUR, ring=False)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert "nothing ran until now" in campaign.stream.safety_reason
    assert not Notice.objects.exists()
    assert campaign.events.filter(verb="paused", by="Duly, for safety").count() == 1


def test_a_campaign_that_has_been_at_work_is_no_late_start() -> None:
    campaign = started()
    tick(now=NOW + HOUR, ring=False)

    tick(now=NOW + 80 * HOUR, ring=False)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING


def test_a_pass_after_an_outage_holds_what_is_too_late_before_it_rings() -> None:
    notice = make_notice(not_before=NOW)

    tick(now=NOW + 80 * HOUR, ring=False)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.HELD, "LATE")


def test_a_pass_closes_what_is_past_its_use() -> None:
    notice = make_notice(not_before=NOW, not_after=NOW + HOUR)

    tick(now=NOW + 2 * HOUR, ring=False)

    notice.refresh_from_db()
    assert notice.state == State.EXPIRED


def test_a_stream_that_fails_too_often_pauses_its_campaign() -> None:
    campaign = make_campaign()
    customer, template = make_customer(), make_template()
    for _ in range(50):
        make_attempt(
            make_notice(
                customer,
                stream=campaign.stream,
                template=template,
                state=State.FAILED,
                reason="hard_bounce",
            )
        )

    guard(now=NOW + HOUR)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert campaign.stream.safety_reason == (
        "50 of the last 50 messages reached no address that exists"
    )


def test_a_campaign_that_staff_paused_is_not_paused_for_safety() -> None:
    campaign = make_campaign(state="paused", paused_by="Ada")

    guard(now=NOW)

    campaign.refresh_from_db()
    assert campaign.paused_by == "Ada"
    assert not campaign.events.exists()


def test_a_sweep_is_made_by_one_of_many_that_ask() -> None:
    minute = dt.timedelta(minutes=1)

    turns = [
        heartbeats.is_turn_of("expiry", every=minute, now=NOW + after)
        for after in (minute * 0, minute / 2, minute, minute * 1.5, minute * 2)
    ]

    assert turns == [True, False, True, False, True]


def test_a_worker_that_was_not_seen_for_an_hour_is_forgotten() -> None:
    heartbeats.note_worker(name="gone", queues=[], hears_broker=True, now=NOW - HOUR)
    heartbeats.note_worker(name="here", queues=[], hears_broker=True, now=NOW)

    assert heartbeats.forget_the_gone(now=NOW + dt.timedelta(minutes=5)) == 1
