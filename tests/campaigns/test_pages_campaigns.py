"""The campaign list, one campaign, a new one, and pause and resume."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Campaign
from notices.models import Stream
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_brand,
    make_campaign,
    make_enrolment,
    make_invoice,
    make_ladder,
    make_notice,
    make_policy,
)

pytestmark = pytest.mark.django_db


def _page(staff: Client, campaign: Campaign) -> str:
    return staff.get(reverse("campaign", args=[campaign.pk])).content.decode()


def test_without_campaigns_the_list_says_what_to_do(staff: Client) -> None:
    assert "Nothing planned" in staff.get("/campaigns/").content.decode()


def test_the_list_says_where_each_campaign_stands(staff: Client) -> None:
    make_campaign(state="draft")
    make_campaign(state="paused", paused_by="ada")
    waiting = make_campaign()
    make_enrolment(waiting, make_invoice(), next_on=TODAY + dt.timedelta(days=2))
    make_notice(stream=make_campaign().stream)

    page = staff.get("/campaigns/").content.decode()

    for words in ["Draft", "Paused by ada", "Next on 12 March 2026.", "Sending"]:
        assert words in page


def test_a_longer_list_takes_no_more_queries(staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            staff.get("/campaigns/")
        return len(caught)

    make_notice(stream=make_campaign().stream)
    few = queries()
    for _ in range(8):
        make_notice(stream=make_campaign().stream)

    assert queries() == few


def test_more_messages_take_no_more_queries_on_the_campaign_page(
    staff: Client,
) -> None:
    campaign = make_campaign()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            _page(staff, campaign)
        return len(caught)

    make_notice(stream=campaign.stream)
    few = queries()
    for _ in range(12):
        make_notice(stream=campaign.stream)

    assert queries() == few


def test_pausing_stops_the_stream_and_says_who_did_it(staff: Client) -> None:
    campaign = make_campaign()

    answer = staff.post(reverse("campaign-pause", args=[campaign.pk]), follow=True)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert campaign.stream.state == Stream.State.PAUSED
    assert "Paused by sam" in answer.content.decode()


def test_resuming_goes_on(staff: Client) -> None:
    campaign = make_campaign(state="paused", paused_by="ada")

    answer = staff.post(reverse("campaign-resume", args=[campaign.pk]), follow=True)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING
    assert "goes on where it stood" in answer.content.decode()


def test_a_letter_for_the_print_room_is_not_said_to_go_out(staff: Client) -> None:
    campaign = make_campaign()
    make_notice(stream=campaign.stream, channel="letter", not_before=NOW)

    page = _page(staff, campaign)

    assert "1 waiting for the print room or the call desk." in page
    assert "going out now" not in page
    assert 'id="progress-bar"' not in page  # nothing to ask again and again for


def test_a_new_campaign_says_what_is_missing_before_it(staff: Client) -> None:
    page = staff.get("/campaigns/new/").content.decode()

    assert "have your brand added under Settings" in page
    assert "have a contact policy added under Settings" in page
    assert "manage.py load_ladder" in page

    _new(staff)
    page = staff.get("/campaigns/new/").content.decode()
    assert "Something is missing" not in page
    assert "Write it down and check it" in page


def test_who_may_do_anything_is_led_to_what_is_missing(admin_client: Client) -> None:
    page = admin_client.get("/campaigns/new/").content.decode()

    assert 'href="/admin/notices/brand/add/"' in page
    assert 'href="/admin/consent/contactpolicy/add/"' in page


def test_pausing_twice_says_so_and_changes_nothing(staff: Client) -> None:
    campaign = make_campaign(state="paused", paused_by="ada")

    answer = staff.post(reverse("campaign-pause", args=[campaign.pk]), follow=True)

    campaign.refresh_from_db()
    assert campaign.paused_by == "ada"
    assert "is paused by now" in answer.content.decode()


def _new(staff: Client, **changes: str) -> HttpResponse:
    fields = {
        "name": "Spring",
        "ladder": str(make_ladder().pk),
        "brand": str(make_brand().pk),
        "policy": str(make_policy().pk),
        "due_from": "2026-01-01",
        "currency": "eur",
        "late_after_hours": "36",
    } | changes
    return staff.post("/campaigns/new/", fields)


def test_a_new_campaign_is_a_draft_by_whom_made_it(staff: Client) -> None:
    answer = _new(staff)

    made = Campaign.objects.get()
    assert (made.state, made.created_by, made.currency) == ("draft", "sam", "EUR")
    assert answer["Location"] == reverse("campaign-check", args=[made.pk])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the campaign a name."),
        ("name", "Taken", "There is a campaign of that name already."),
        ("due_from", "soon", "Write the date as year-month-day"),
        ("currency", "XQX", "XQX is not a currency code."),
    ],
)
def test_a_faulty_campaign_is_refused_with_advice(
    staff: Client, field: str, value: str, sentence: str
) -> None:
    make_campaign(name="Taken")

    answer = _new(staff, **{field: value})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Campaign.objects.count() == 1


def test_the_check_page_counts_whom_it_would_enrol(staff: Client) -> None:
    draft = make_campaign(state="draft", currency="EUR")
    one = make_invoice()
    make_invoice(one.customer)
    make_invoice()
    make_invoice(currency="GBP")
    make_invoice(due_on=dt.date(2025, 12, 31))

    page = staff.get(reverse("campaign-check", args=[draft.pk])).content.decode()

    assert "<strong>3 invoices</strong> of <strong>2 customers</strong>" in page
    assert "Start: enrol 3 invoices" in page
    assert "between two messages" in page
    assert "Nothing goes out before 09:00 of the firm's day" in page

    Campaign.objects.update(send_from=dt.time(0))
    page = staff.get(reverse("campaign-check", args=[draft.pk])).content.decode()
    assert "From midnight; the quiet hours of the contact policy are kept." in page


def test_starting_a_draft_sets_it_to_work(staff: Client) -> None:
    draft = make_campaign(state="draft")

    staff.post(reverse("campaign-start", args=[draft.pk]))

    draft.refresh_from_db()
    assert (draft.state, draft.started_at) == (Campaign.State.RUNNING, NOW)


def test_a_started_campaign_has_no_check_page(staff: Client) -> None:
    campaign = make_campaign()

    answer = staff.get(reverse("campaign-check", args=[campaign.pk]))

    assert answer["Location"] == reverse("campaign", args=[campaign.pk])


def _progress(staff: Client, campaign: Campaign, **seen: str) -> HttpResponse:
    return staff.get(
        reverse("campaign-progress", args=[campaign.pk]), seen, HTTP_HX_REQUEST="true"
    )


def test_a_moving_campaign_is_asked_about_again_in_two_seconds(staff: Client) -> None:
    campaign = make_campaign()
    make_notice(stream=campaign.stream)
    make_notice(stream=campaign.stream, state=State.SENT)

    answer = _progress(staff, campaign, seen="0", wait="2")

    assert answer.status_code == 200
    assert "load delay:2s" in answer.content.decode()


@pytest.mark.parametrize(("waited", "wait"), [("2", 4), ("16", 30), ("x", 4)])
def test_a_campaign_that_stands_still_is_asked_about_less_often(
    staff: Client, waited: str, wait: int
) -> None:
    campaign = make_campaign()
    make_notice(stream=campaign.stream)

    answer = _progress(staff, campaign, seen="0", wait=waited)

    assert f"load delay:{wait}s" in answer.content.decode()


def test_the_asking_ends_when_nothing_moves_and_brings_the_last_counts(
    staff: Client,
) -> None:
    campaign = make_campaign()
    make_notice(stream=campaign.stream, state=State.SENT)

    answer = _progress(staff, campaign)

    page = answer.content.decode()
    assert answer.status_code == 286
    assert "hx-get" not in page
    assert "What became of every step" in page


def test_the_newest_messages_are_paged(staff: Client) -> None:
    campaign = make_campaign()
    for _ in range(26):
        make_notice(stream=campaign.stream, state=State.SENT)

    first = _page(staff, campaign)
    second = staff.get(reverse("campaign", args=[campaign.pk]), {"page": "2"})

    assert "Showing 1 to 25 of 26." in first
    assert "Showing 26 to 26 of 26." in second.content.decode()
