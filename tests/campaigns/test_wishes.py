"""What customers chose alters the next step: its channel, its hour, and what staff see.

Journey 11: an Arabic and a Polish customer change their preferences on their own page.
"""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client

from campaigns.actions import tick
from campaigns.models import Campaign
from consent.links import mint, store_notice_links
from consent.models import ContactWish, Preference
from customers.models import Customer
from notices.models import Notice
from notices.starter import install_starters
from notices.states import State
from tests.campaigns.playing import noon
from tests.factories import (
    TODAY,
    make_brand,
    make_campaign,
    make_consent,
    make_customer,
    make_invoice,
    make_ladder,
    make_notice,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
STEPS = (
    ("friendly", 3, "soft", 5, ["email", "sms", "letter"]),
    ("reminder", 10, "formal", None, ["email", "sms"]),
    ("formal", 24, "formal", None, ["email", "letter"]),
)


@pytest.fixture
def campaign(settings) -> Campaign:
    """Return a running campaign whose steps may go by several channels."""
    settings.PUBLIC_URL = "https://bills.example.com"
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    install_starters(["en", "pl"])
    ladder = make_ladder(STEPS, bank_days="none", min_gap_days=1)
    for step in ladder.steps.all():
        step.template_key = step.key
        step.save()
    return make_campaign(ladder=ladder, brand=make_brand(), send_from=dt.time(0))


def customer_of(campaign: Campaign, **fields) -> tuple[Customer, str]:
    """Return a late customer with a phone, and the token of a message they hold."""
    who = make_customer(mobile="+447700900123", address=True, **fields)
    make_consent(who, subject="sms")
    make_invoice(who, due_on=TODAY - 4 * DAY)
    sent = make_notice(who, state=State.SENT, stream=campaign.stream)
    store_notice_links([(sent.reference, who.pk)], now=dt.datetime.now(dt.UTC))
    return who, mint(sent.reference).token


def next_step(who: Customer, day: dt.date = TODAY) -> Notice:
    tick(now=noon(day), ring=False)
    return Notice.objects.filter(customer=who, state=State.SCHEDULED).latest("pk")


@pytest.mark.parametrize("language", ["ar", "pl"])
def test_a_wish_made_on_the_page_alters_the_next_steps_channel(campaign, language):
    who, token = customer_of(campaign, language=language)
    before = next_step(who)
    assert before.channel == "email"
    Notice.objects.filter(pk=before.pk).update(
        state=State.SENT, sent_at=noon(TODAY), reason=""
    )

    page = Client().get(f"/p/{token}/wishes").content.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in (
        page
    )
    told = {"form": str(uuid4()), "language": language, "first": "sms"}
    assert Client().post(f"/p/{token}/wishes", told).status_code == 200

    after = next_step(who, TODAY + 7 * DAY)
    assert (after.channel, after.template.key) == ("sms", "reminder")


def test_who_prefers_texts_gets_no_e_mail_where_the_step_has_a_text(campaign):
    who, _ = customer_of(campaign)
    ContactWish.objects.create(customer=who, channel_order=["sms"], since=noon(TODAY))
    assert next_step(who).channel == "sms"


def test_a_wish_for_what_a_step_has_not_leaves_its_own_order(campaign):
    who, _ = customer_of(campaign)
    ContactWish.objects.create(customer=who, channel_order=["call"], since=noon(TODAY))
    assert next_step(who).channel == "email"


def test_a_channel_switched_off_is_none_for_reminders(campaign):
    who, token = customer_of(campaign)
    told = {
        "form": str(uuid4()),
        "bills": "email",
        "contract_notices": "email",
        "reminders": ["letter"],
    }
    assert Client().post(f"/p/{token}/messages", told).status_code == 200
    assert next_step(who).channel == "letter"


def test_a_switch_turned_while_a_reminder_waits_gives_it_another_way(campaign):
    who, token = customer_of(campaign)
    waiting = next_step(who)
    told = {
        "form": str(uuid4()),
        "bills": "email",
        "contract_notices": "email",
        "reminders": ["sms"],
    }
    assert Client().post(f"/p/{token}/messages", told).status_code == 200

    waiting.refresh_from_db()
    assert waiting.state == State.SUPPRESSED
    assert next_step(who).channel == "sms"


def test_a_reminder_waits_for_the_hour_the_customer_named(campaign):
    who, _ = customer_of(campaign, time_zone="America/New_York")
    other, _ = customer_of(campaign)
    ContactWish.objects.create(customer=who, best_time="evening", since=noon(TODAY))
    tick(now=noon(TODAY), ring=False)

    mine = Notice.objects.get(customer=who, state=State.SCHEDULED)
    # 17:00 in New York, which is on summer time by then.
    assert mine.not_before == dt.datetime(2026, 3, 10, 21, tzinfo=dt.UTC)
    theirs = Notice.objects.get(customer=other, state=State.SCHEDULED)
    assert theirs.not_before == noon(TODAY)


def test_the_history_tells_what_a_customer_changed(campaign):
    who, token = customer_of(campaign)
    told = {"form": str(uuid4()), "language": "pl", "first": "sms", "pay_day": "25"}
    assert Client().post(f"/p/{token}/wishes", told).status_code == 200

    client = Client()
    client.force_login(make_user())
    shown = client.get(f"/customers/{who.pk}/").content.decode()
    assert "Chose by: preference page" in shown
    for one in ("order of channels: sms", "day money comes: 25", "language: pl"):
        assert one in shown


def test_staff_see_what_was_chosen_and_why_a_way_is_taken(campaign):
    who, _ = customer_of(campaign)
    ContactWish.objects.create(
        customer=who,
        channel_order=["sms", "email"],
        best_time="evening",
        pay_day=25,
        since=noon(TODAY),
    )
    Preference.objects.create(
        customer=who,
        category="reminders",
        channel="call",
        is_on=False,
        since=noon(TODAY),
    )
    client = Client()
    client.force_login(make_user())
    shown = client.get(f"/customers/{who.pk}/").content.decode()
    assert "Rather by text message, then by e-mail: the customer’s own wish" in shown
    assert "Best in the evening" in shown
    assert "Money comes on day 25" in shown
    assert "Payment reminders by phone: switched off by the customer" in shown
