"""One campaign, several countries: what law says before it starts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import lawful
from campaigns.actions import go_on_with_rules, start_campaign
from campaigns.life import CampaignError
from campaigns.models import Campaign, Step
from campaigns.planned import plan_campaign, start_planned
from consent.models import RuleAcceptance
from customers.models import Customer
from notices.models import Stream
from tests.factories import (
    NOW,
    TODAY,
    make_address,
    make_campaign,
    make_customer,
    make_invoice,
    make_ladder,
    make_notice,
    make_template,
)
from tests.law import enact_beside, raw_rule
from tests.notices.test_papers import make_document

pytestmark = pytest.mark.django_db

BY_MAIL = (("reminder", 3, Step.Kind.SOFT, 10, ["email"]),)
BY_TEXT = (("reminder", 3, Step.Kind.SOFT, 10, ["sms"]),)


def owing(country: str, many: int = 1, **more: Any) -> list[Customer]:
    """Return customers of a country with a late bill each."""
    found = [make_customer(country=country, **more) for _ in range(many)]
    for one in found:
        make_invoice(one)
    return found


def with_terms(effective_on: dt.date, **more: Any) -> Campaign:
    """Return a draft whose notices bring terms that apply from a day on."""
    campaign = make_campaign(state="draft", ladder=make_ladder(BY_MAIL), **more)
    campaign.stream.documents.add(make_document(effective_on=effective_on))
    return campaign


@pytest.fixture
def two_countries() -> None:
    """Have Germany want 30 days' notice of new terms, the States 10 working days."""
    enact_beside("DE", raw_rule("notice_days.terms", 30))
    enact_beside("US", raw_rule("notice_days.terms", {"days": 10, "business": True}))
    owing("DE", 3)
    owing("US", 2, region="TX")
    owing("JP")


# Notice periods


def test_two_countries_have_two_earliest_days(two_countries: None) -> None:
    found = lawful.look(with_terms(dt.date(2026, 3, 27)), TODAY)

    assert [(one.place, one.customers, one.first_on) for one in found.periods] == [
        ("Germany", 3, dt.date(2026, 4, 9)),
        ("United States", 2, dt.date(2026, 3, 24)),
    ]
    assert [one.place for one in found.broken] == ["Germany"]


def test_a_broken_period_is_a_hard_stop(two_countries: None) -> None:
    campaign = with_terms(dt.date(2026, 4, 8))

    with pytest.raises(CampaignError) as stop:
        start_campaign(campaign=campaign, by="sam", now=NOW)

    assert str(stop.value) == (
        "Germany: 3 customers must be told of new terms 30 days before. Told on "
        "10 March 2026, it may begin on 9 April 2026, not on 8 April 2026."
    )
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT


def test_a_period_that_is_kept_lets_it_start(two_countries: None) -> None:
    campaign = with_terms(dt.date(2026, 4, 9))

    start_campaign(campaign=campaign, by="sam", now=NOW)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING


def test_what_starts_later_is_told_later(two_countries: None) -> None:
    campaign = with_terms(dt.date(2026, 4, 9))

    with pytest.raises(CampaignError, match="Told on 11 March"):
        plan_campaign(
            campaign=campaign, at=NOW + dt.timedelta(days=1), by="sam", now=NOW
        )


def test_a_rule_that_came_since_it_was_planned_holds_the_start_back() -> None:
    owing("DE")
    campaign = with_terms(dt.date(2026, 4, 1))
    at = NOW + dt.timedelta(hours=1)
    plan_campaign(campaign=campaign, at=at, by="sam", now=NOW)
    enact_beside("DE", raw_rule("notice_days.terms", 30))

    start_planned(now=at)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert "30 days before" in Stream.objects.get(pk=campaign.stream_id).safety_reason


def test_terms_that_apply_already_are_no_change(two_countries: None) -> None:
    assert lawful.look(with_terms(TODAY), TODAY).periods == ()


def test_the_newest_version_of_the_papers_counts(two_countries: None) -> None:
    campaign = with_terms(dt.date(2026, 5, 1))
    make_document(effective_on=dt.date(2026, 3, 20), version=2)

    assert {one.place for one in lawful.look(campaign, TODAY).broken} == {
        "Germany",
        "United States",
    }


def test_what_notices_in_line_tell_of_counts_too() -> None:
    enact_beside("DE", raw_rule("notice_days.bank_details", 14))
    campaign = make_campaign(state="draft", ladder=make_ladder(BY_MAIL))
    [german] = owing("DE")
    template = make_template(kind="bank_details")
    about = {"change.effective_on": "2026-03-20"}
    make_notice(german, stream=campaign.stream, template=template, about=about)

    [period] = lawful.look(campaign, TODAY).broken

    assert period.change.words == "new bank details"
    assert period.first_on == dt.date(2026, 3, 24)


def test_the_end_of_paper_is_told_sixty_days_before_where_no_law_speaks() -> None:
    campaign = make_campaign(state="draft", ladder=make_ladder(BY_MAIL))
    template = make_template(kind="paperless")
    about = {"paperless.first_ebill_on": "2026-05-08"}
    make_notice(
        make_customer(country="JP"),
        stream=campaign.stream, template=template, about=about,
    )  # fmt: skip

    [period] = lawful.look(campaign, TODAY).broken

    assert (period.place, period.longest) == ("Japan", "60 days")
    assert period.first_on == dt.date(2026, 5, 9)


def test_where_the_state_is_not_known_the_longest_period_counts() -> None:
    enact_beside("US-CO", raw_rule("notice_days.terms", 20))
    enact_beside("US-MT", raw_rule("notice_days.terms", 40))
    campaign = with_terms(dt.date(2026, 4, 10))
    [colorado, nowhere] = owing("US", 2)
    make_address(colorado, country="US", postcode="80202")

    [period] = lawful.look(campaign, TODAY).periods
    assert (period.customers, period.first_on) == (2, dt.date(2026, 4, 19))

    nowhere.invoices.all().delete()
    [period] = lawful.look(campaign, TODAY).periods
    assert (period.customers, period.first_on) == (1, dt.date(2026, 3, 30))


def test_it_asks_as_often_for_many_customers_as_for_few(
    two_countries: None, django_assert_max_num_queries: Any
) -> None:
    campaign = with_terms(dt.date(2026, 4, 9))
    owing("FR", 20)

    with django_assert_max_num_queries(6):
        lawful.look(campaign, TODAY)


# Rules in doubt


def texting(**more: Any) -> Campaign:
    """Return a draft that texts somebody in Texas: no rule of it is confirmed."""
    owing("US", region="TX", mobile="+12125550100")
    fields = {"state": "draft", "ladder": make_ladder(BY_TEXT)} | more
    return make_campaign(**fields)


def test_rules_in_doubt_ask_for_a_tick_and_a_reason() -> None:
    campaign = texting()

    with pytest.raises(CampaignError, match="hours for texts and calls"):
        start_campaign(campaign=campaign, by="sam", now=NOW)
    with pytest.raises(CampaignError, match="Say why you go on"):
        go_on_with_rules(campaign=campaign, reason=" ", by="sam", now=NOW)
    go_on_with_rules(campaign=campaign, reason="Counsel is asked.", by="sam", now=NOW)
    start_campaign(campaign=campaign, by="sam", now=NOW)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING
    kept = RuleAcceptance.objects.get()
    assert (kept.matter, kept.by) == (f"campaign:{campaign.pk}", "sam")
    assert "US/1/hours" in kept.rules


def test_what_uses_no_rule_in_doubt_asks_nothing() -> None:
    owing("US", region="TX")
    campaign = make_campaign(state="draft", ladder=make_ladder(BY_MAIL))

    start_campaign(campaign=campaign, by="sam", now=NOW)

    assert not RuleAcceptance.objects.exists()


def test_a_confirmed_rule_past_its_review_is_in_doubt_again() -> None:
    enact_beside("DE", raw_rule("hours", "08:00-20:00", review_by="2026-03-09"))
    owing("DE", mobile="+491713920001")
    campaign = make_campaign(state="draft", ladder=make_ladder(BY_TEXT))

    [rule] = lawful.look(campaign, TODAY).doubtful

    assert rule.doubt(TODAY) == "to be looked at again by 2026-03-09"
    assert lawful.look(campaign, TODAY - dt.timedelta(days=1)).doubtful == ()


def test_where_nothing_is_in_doubt_there_is_nothing_to_go_on_with() -> None:
    campaign = make_campaign(state="draft", ladder=make_ladder(BY_MAIL))

    with pytest.raises(CampaignError, match="No rule of this campaign is in doubt"):
        go_on_with_rules(campaign=campaign, reason="x", by="sam", now=NOW)


def test_a_campaign_that_has_begun_asks_nobody_to_go_on() -> None:
    campaign = texting(state="paused", started_at=NOW)

    with pytest.raises(CampaignError, match="has begun"):
        go_on_with_rules(campaign=campaign, reason="x", by="sam", now=NOW)


# The check page


def check(browser: Client, campaign: Campaign) -> str:
    return browser.get(reverse("campaign-check", args=[campaign.pk])).content.decode()


def test_the_check_page_names_the_earliest_day_of_each_country(
    staff: Client, two_countries: None
) -> None:
    page = check(staff, with_terms(dt.date(2026, 4, 8)))

    assert "it may begin on 9 April 2026, not on 8 April 2026" in page
    assert "24 March 2026" in page
    assert "Start: enrol" not in page


def test_the_check_page_takes_tick_and_reason_and_then_starts(staff: Client) -> None:
    campaign = texting()
    law = reverse("campaign-law", args=[campaign.pk])
    page = check(staff, campaign)
    assert "not confirmed by counsel" in page
    assert "Start: enrol" not in page

    refused = staff.post(law, {"reason": "Counsel is asked."})
    assert refused.status_code == 422
    assert "Tick that you go on with these rules." in refused.content.decode()
    assert not RuleAcceptance.objects.exists()
    staff.post(law, {"accept": "on", "reason": "Counsel is asked."})

    page = check(staff, campaign)
    assert "Start: enrol" in page
    assert "sam went on with" in page
    assert "Counsel is asked." in page


def test_who_may_only_look_cannot_go_on(viewer: Client) -> None:
    campaign = texting()

    answer = viewer.post(
        reverse("campaign-law", args=[campaign.pk]), {"accept": "on", "reason": "x"}
    )

    assert answer.status_code == 403
    assert "Ask a colleague who may" in check(viewer, campaign)
