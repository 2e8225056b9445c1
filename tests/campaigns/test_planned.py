"""A campaign that starts by itself: planned, begun, too late, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from campaigns.actions import resume_campaign, tick
from campaigns.life import CampaignError
from campaigns.models import Campaign
from campaigns.planned import plan_campaign, start_planned, unplan_campaign
from notices.models import Notice, Stream, TemplateVersion
from tests.factories import (
    NOW,
    make_brand,
    make_campaign,
    make_customer,
    make_invoice,
    make_user,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
# NOW is a Tuesday, 10:00 UTC; this is Wednesday, 09:00 in Warsaw.
AT = dt.datetime(2026, 3, 11, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(noon: None) -> None:
    """Stop the clock of the pages at NOW."""


def planned(at: dt.datetime = AT, **fields: Any) -> Campaign:
    """Return a campaign that Sam planned, with somebody to write to."""
    brand = make_brand(time_zone="Europe/Warsaw")
    campaign = make_campaign(state="draft", name="Spring", brand=brand, **fields)
    make_invoice(make_customer())
    plan_campaign(campaign=campaign, at=at, by="sam", now=NOW)
    campaign.refresh_from_db()
    return campaign


def page(client: Client, address: str) -> str:
    """Return what a page says."""
    return client.get(address).content.decode()


def test_nothing_happens_before_the_hour_and_the_tick_starts_it_then() -> None:
    campaign = planned()

    tick(now=AT - HOUR, ring=False)
    campaign.refresh_from_db()
    before = campaign.state, Notice.objects.count()
    tick(now=AT, ring=False)

    campaign.refresh_from_db()
    assert before == (Campaign.State.PLANNED, 0)
    assert campaign.state == Campaign.State.RUNNING
    assert (campaign.started_at, campaign.planned_for) == (AT, None)
    assert Notice.objects.count() == 1
    started = campaign.events.get(verb="started")
    assert (started.by, started.at) == ("Duly, as planned", AT)


def test_a_start_that_is_a_little_late_still_starts() -> None:
    campaign = planned()

    assert start_planned(now=AT + 23 * HOUR) == 1
    assert start_planned(now=AT + 23 * HOUR) == 0
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING


def test_when_the_latest_acceptable_start_has_passed_it_waits_for_staff(
    staff: Client,
) -> None:
    campaign = planned()

    tick(now=AT + 26 * HOUR, ring=False)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert not Notice.objects.exists()
    said = "it should have begun on 11 March 2026 at 09:00"
    assert campaign.stream.safety_reason == said
    assert f"Paused for safety: {said}" in page(staff, f"/campaigns/{campaign.pk}/")
    assert said in page(staff, "/")


def test_staff_start_or_drop_what_was_kept_from_starting(staff: Client) -> None:
    campaign = planned()
    start_planned(now=AT + 48 * HOUR)

    staff.post(f"/campaigns/{campaign.pk}/resume/")

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING
    assert campaign.started_at == NOW
    assert campaign.stream.safety_reason == ""

    other = make_campaign(state="draft", name="Summer")
    plan_campaign(campaign=other, at=AT, by="sam", now=NOW)
    start_planned(now=AT + 48 * HOUR)
    staff.post(f"/campaigns/{other.pk}/unplan/")

    other.refresh_from_db()
    assert (other.state, other.planned_for) == (Campaign.State.DRAFT, None)
    assert other.stream.state == Stream.State.RUNNING


def test_one_that_cannot_start_any_more_says_why_and_does_not_start() -> None:
    campaign = planned()
    TemplateVersion.objects.update(state="retired")

    start_planned(now=AT)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert campaign.stream.safety_reason.startswith("Step “")
    with pytest.raises(CampaignError):
        resume_campaign(campaign=campaign, by="sam", now=AT)


def test_a_campaign_that_has_begun_is_no_plan() -> None:
    campaign = make_campaign(state="paused")

    with pytest.raises(CampaignError, match="has begun"):
        unplan_campaign(campaign=campaign, by="sam", now=NOW)
    with pytest.raises(CampaignError, match="is paused by now"):
        plan_campaign(campaign=campaign, at=AT, by="sam", now=NOW)


def test_staff_plan_it_on_the_page_where_they_check_it(staff: Client) -> None:
    campaign = make_campaign(
        state="draft", name="Spring", brand=make_brand(time_zone="Europe/Warsaw")
    )
    address = f"/campaigns/{campaign.pk}"
    assert 'value="2026-03-11"' in page(staff, f"{address}/check/")

    staff.post(f"{address}/plan/", {"day": "2026-03-11", "hour": "09:00"})

    campaign.refresh_from_db()
    assert campaign.planned_for == AT
    assert "Planned for Wed 09:00" in page(staff, address + "/")
    assert "Planned for Wed 09:00" in page(staff, "/campaigns/")
    assert "begins on 11 March 2026, 09:00 Warsaw time" in page(staff, "/")

    staff.post(f"{address}/unplan/")
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        ("2026-03-10", "10:30", "That hour has passed"),
        ("2026-03-14", "09:00", "Nothing goes out on Saturday, 14 March"),
        ("2028-03-14", "09:00", "more than a year away"),
        ("", "09:00", "Choose the day"),
        ("2026-03-11", "noon", "Write the hour like 09:00"),
    ],
)
def test_a_plan_that_makes_no_sense_is_asked_again(
    staff: Client, day: str, hour: str, said: str
) -> None:
    brand = make_brand(time_zone="Europe/Warsaw")
    campaign = make_campaign(state="draft", brand=brand)
    Stream.objects.update(bank_days="weekends")

    answer = staff.post(f"/campaigns/{campaign.pk}/plan/", {"day": day, "hour": hour})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT


def test_an_hour_that_the_clocks_leave_out_is_refused(staff: Client) -> None:
    brand = make_brand(time_zone="Europe/Warsaw")
    campaign = make_campaign(state="draft", brand=brand)

    answer = staff.post(
        f"/campaigns/{campaign.pk}/plan/", {"day": "2026-03-29", "hour": "02:30"}
    )

    assert "The clocks go forward in that hour" in answer.content.decode()


def test_who_may_only_look_plans_nothing() -> None:
    campaign = make_campaign(state="draft")
    client = Client()
    client.force_login(make_user("vic"))
    asked = {"day": "2026-03-11", "hour": "09:00"}

    assert client.post(f"/campaigns/{campaign.pk}/plan/", asked).status_code == 403
    assert client.post(f"/campaigns/{campaign.pk}/unplan/").status_code == 403
    assert "Plan the start" not in page(client, f"/campaigns/{campaign.pk}/check/")
