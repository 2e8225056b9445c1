"""What a customer answered by before orders the ways of a step; it opens none."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.actions import tick
from campaigns.models import Campaign
from consent.models import ContactWish, Preference
from customers.calendars import local_day
from customers.models import Customer
from notices.acknowledging import acknowledge
from notices.models import Answer, Notice
from notices.starter import install_starters
from notices.states import State
from tests.campaigns.playing import noon
from tests.factories import (
    TODAY,
    make_brand,
    make_campaign,
    make_consent,
    make_customer,
    make_enrolment,
    make_invoice,
    make_ladder,
    make_notice,
    make_reply,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
STEPS = (("friendly", 3, "soft", 5, ["email", "sms", "letter"]),)


@pytest.fixture
def campaign(settings) -> Campaign:
    """Return a running campaign whose one step has three ways."""
    settings.CHANNELS = dict.fromkeys(("email", "sms", "letter"), "sandbox")
    install_starters(["en"])
    ladder = make_ladder(STEPS, bank_days="none", min_gap_days=1)
    ladder.steps.update(template_key="friendly")
    return make_campaign(ladder=ladder, brand=make_brand(), send_from=dt.time(0))


def late_customer(day: dt.date = TODAY) -> Customer:
    """Return one who may be reached by e-mail, text and letter, and is late."""
    who = make_customer(mobile="+447700900123", address=True)
    make_consent(who, subject="sms")
    make_invoice(who, due_on=day - 4 * DAY)
    return who


def answered(who: Customer, campaign: Campaign, channel: str, **fields) -> Answer:
    """Let a customer have answered by the link of a message of ``channel``."""
    notice = make_notice(
        who, channel=channel, state=State.DELIVERED, stream=campaign.stream
    )
    at = fields.pop("received_at", noon(TODAY - 30 * DAY))
    told = {"kind": "read", "way": "page", "state": "done", "handled_at": at, **fields}
    return Answer.objects.create(
        customer=who, notice=notice, form_id=uuid4(), facts={}, received_at=at, **told
    )


def wrote_back(who: Customer, campaign: Campaign, **fields) -> None:
    """Let a customer have written back to a text of ours, dealt with by now."""
    at = noon(TODAY - 3 * DAY)
    told = {
        "channel": "sms",
        "received_at": at,
        "notice": make_notice(
            who, channel="sms", state=State.DELIVERED, stream=campaign.stream
        ),
    }
    make_reply(who, **told | fields)


def way_taken(who: Customer, day: dt.date = TODAY) -> str:
    tick(now=noon(day), ring=False)
    return Notice.objects.filter(customer=who, state=State.SCHEDULED).get().channel


def test_who_answered_a_text_gets_the_next_step_as_one(campaign):
    who, other = late_customer(), late_customer()
    answered(who, campaign, "sms")
    assert way_taken(who) == "sms"
    assert Notice.objects.get(customer=other).channel == "email"


def test_a_text_written_back_counts_and_a_card_counts_as_paper(campaign):
    who, other = late_customer(), late_customer()
    wrote_back(who, campaign)
    answered(other, campaign, "postcard")
    assert way_taken(who) == "sms"
    assert Notice.objects.get(customer=other, state=State.SCHEDULED).channel == "letter"


@pytest.mark.parametrize(
    ("channel", "way", "taken"),
    [
        # Told on the phone of a text: that is no answer by text.
        ("sms", "phone", "email"),
        ("letter", "phone", "email"),
        ("postcard", "slip", "letter"),
        ("sms", "sms", "sms"),
        ("sms", "page", "sms"),
        ("sms", "", "email"),
    ],
)
def test_the_way_an_answer_came_by_counts_and_not_the_message(
    campaign, channel, way, taken
):
    who = late_customer()
    answered(who, campaign, channel, way=way)
    assert way_taken(who) == taken


def test_what_staff_were_told_on_the_phone_orders_no_way(campaign):
    who = late_customer()
    notice = make_notice(
        who,
        channel="sms",
        state=State.DELIVERED,
        stream=campaign.stream,
        about={"change.old": "Old Street 1"},
    )
    acknowledge(notice=notice, way="phone", entered_by="sam", now=noon(TODAY - DAY))
    assert way_taken(who) == "email"


def test_the_last_answer_counts_and_not_the_most(campaign):
    who = late_customer()
    for days in (90, 60, 30):
        answered(who, campaign, "sms", received_at=noon(TODAY - days * DAY))
    answered(who, campaign, "letter", received_at=noon(TODAY - DAY))
    assert way_taken(who) == "letter"


def test_a_stated_wish_goes_before_an_answer(campaign):
    who = late_customer()
    answered(who, campaign, "sms")
    ContactWish.objects.create(
        customer=who, channel_order=["letter"], since=noon(TODAY)
    )
    assert way_taken(who) == "letter"


def test_an_answer_opens_no_way_that_is_shut(campaign):
    who = late_customer()
    answered(who, campaign, "sms")
    Preference.objects.create(
        customer=who,
        category="reminders",
        channel="sms",
        is_on=False,
        since=noon(TODAY),
    )
    assert way_taken(who) == "email"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "not_me"},
        {"received_at": noon(TODAY - 366 * DAY)},
        {"received_at": noon(TODAY + DAY)},
    ],
    ids=["somebody else", "long ago", "after the day"],
)
def test_what_is_no_answer_of_theirs_leaves_the_steps_order(campaign, fields):
    who = late_customer()
    answered(who, campaign, "sms", **fields)
    assert way_taken(who) == "email"


def test_a_stop_is_no_answer_to_go_by(campaign):
    who = late_customer()
    wrote_back(who, campaign, classified="stop")
    assert way_taken(who) == "email"


def test_what_answers_no_message_of_ours_is_none_to_go_by(campaign):
    who = late_customer()
    wrote_back(who, campaign, notice=None)
    assert way_taken(who) == "email"


# What staff see ----------------------------------------------------------------


def shown_of(who: Customer) -> str:
    client = Client()
    client.force_login(make_user())
    page = client.get(f"/customers/{who.pk}/").content.decode()
    return " ".join(page.split())


def on_the_ladder(campaign: Campaign) -> Customer:
    """Return a customer whose step waits today, with the real clock."""
    who = late_customer(local_day(timezone.now(), "UTC"))
    make_enrolment(campaign, who.invoices.get())
    return who


def test_the_customers_page_says_why_a_way_was_chosen(campaign):
    who = on_the_ladder(campaign)
    first = "the first way of this step that they may be reached by"
    assert f"E-mail, {first}" in shown_of(who)

    answered(who, campaign, "sms", received_at=timezone.now() - 3 * DAY)
    assert "Text message, by which they last answered, " in shown_of(who)

    ContactWish.objects.create(
        customer=who, channel_order=["letter"], since=timezone.now()
    )
    assert "Letter, the customer’s own wish" in shown_of(who)


def test_the_customers_page_says_that_no_way_is_left(campaign):
    who = on_the_ladder(campaign)
    who.contact_points.all().delete()
    who.postal_address.delete()
    assert "No way of this step reaches them today" in shown_of(who)
