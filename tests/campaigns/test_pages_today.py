"""Today says what needs a person, what goes next, what went and what is owed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import today, traffic
from campaigns.ages import owed
from customers.models import DataImport, Plan, RejectedRow
from notices import wordings
from notices.models import TemplateVersion
from notices.states import State
from notices.turning import Identity
from tests.factories import (
    NOW,
    TODAY,
    make_brand,
    make_campaign,
    make_customer,
    make_decision,
    make_enrolment,
    make_invoice,
    make_notice,
    make_paid_invoice,
    make_stream,
    make_user,
)

pytestmark = pytest.mark.django_db


def _page(staff: Client) -> str:
    return staff.get("/").content.decode()


def test_an_empty_house_says_what_to_do_first(staff: Client) -> None:
    page = _page(staff)

    assert "The first steps to the first reminder" in page
    assert "have your brand added under Settings" in page
    assert "manage.py load_ladder" in page
    assert "Nothing needs you now." in page
    assert "No invoice is open." in page


def test_the_first_steps_go_once_something_was_sent(staff: Client) -> None:
    make_campaign()
    make_notice(state=State.SENT)

    assert "first steps" not in _page(staff)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.HELD, "1 message waiting for staff"),
        (State.UNKNOWN, "1 message of unknown fate"),
        (State.FAILED, "1 message could not be delivered"),
    ],
)
def test_what_only_a_person_can_move_on_is_named(
    staff: Client, state: str, sentence: str
) -> None:
    make_notice(state=state)

    assert sentence in _page(staff)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.HELD, "More than 2 messages waiting for staff"),
        (State.UNKNOWN, "More than 2 messages of unknown fate"),
        (State.FAILED, "More than 2 messages could not be delivered"),
    ],
)
def test_what_is_past_the_cap_is_not_counted_and_says_so(
    staff: Client, monkeypatch: pytest.MonkeyPatch, state: str, sentence: str
) -> None:
    monkeypatch.setattr(today, "CAP", 2)
    for _ in range(4):
        make_notice(state=state)

    assert sentence in _page(staff)


def test_a_long_line_is_counted_to_its_cap(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "CAP_IN_LINE", 2)
    running = make_stream()
    for hours in (-1, -1, -1, 1, 1):
        not_before = timezone.now() + dt.timedelta(hours=hours)
        make_notice(stream=running, not_before=not_before)
    for _ in range(2):
        make_notice(stream=make_stream(), not_before=timezone.now())

    page = _page(staff)
    assert "More than 2 messages" in page.split('"May go now"')[1].split("</td>")[0]
    assert "2 messages" in page.split('"Within 24 hours"')[1].split("</td>")[0]
    (line,) = traffic.going_out(timezone.now())
    assert (line.now, line.next_day) == (3, 2)


def test_a_failure_of_last_month_no_longer_needs_anybody() -> None:
    make_notice(state=State.FAILED, planned_on=TODAY - dt.timedelta(days=30))

    assert today.attention(TODAY, NOW).is_empty


def test_paused_and_unstarted_campaigns_are_named(staff: Client) -> None:
    make_campaign(state="paused", name="Autumn", paused_by="Ada")
    make_campaign(state="draft", name="Winter")

    page = _page(staff)

    assert "Paused by Ada. Nothing goes out until you resume." in page
    assert "A draft, not started yet." in page


def test_rejected_rows_of_an_import_are_named(staff: Client) -> None:
    brought_in = DataImport.objects.create(
        kind="invoices", file_name="march.csv", rows=2, new=1, rejected=1
    )
    RejectedRow.objects.create(
        data_import=brought_in, row_number=2, code="bad", sentence="Bad.", cells={}
    )

    assert "1 row rejected" in _page(staff)


def test_a_customer_no_step_could_reach_counts_until_the_invoice_is_paid() -> None:
    campaign = make_campaign()
    step = campaign.ladder.steps.all()[0]
    for invoice in (make_invoice(), make_paid_invoice()):
        enrolment = make_enrolment(campaign, invoice)
        make_decision(enrolment, step, outcome="no_channel")

    assert today.attention(TODAY, NOW).unreachable == 1


def test_what_goes_out_next_leaves_paused_campaigns_out() -> None:
    running = make_stream()
    make_notice(stream=running, not_before=NOW)
    make_notice(stream=running, not_before=NOW + dt.timedelta(hours=23))
    make_notice(stream=running, not_before=NOW + dt.timedelta(hours=25))
    make_notice(stream=make_stream(state="paused"), not_before=NOW)

    assert traffic.going_out(NOW) == [traffic.Going("email", now=1, next_day=1)]


def test_what_went_out_is_counted_by_the_firms_own_day() -> None:
    just_before_midnight = dt.datetime(2026, 3, 9, 22, 59, tzinfo=dt.UTC)
    just_after_midnight = dt.datetime(2026, 3, 9, 23, 1, tzinfo=dt.UTC)
    make_notice(state=State.SENT, sent_at=just_before_midnight)
    make_notice(state=State.DELIVERED, sent_at=just_after_midnight)
    make_notice(state=State.SENT, sent_at=NOW - dt.timedelta(days=8))

    gone = traffic.gone_out(NOW, "Europe/Warsaw")

    assert gone == [traffic.Gone("email", today=1, week=2, delivered=1)]


@pytest.mark.parametrize(
    ("days_late", "key"),
    [
        (-5, "not_due"),
        (0, "not_due"),
        (1, "d1"),
        (30, "d1"),
        (31, "d31"),
        (60, "d31"),
        (61, "d61"),
        (90, "d61"),
        (91, "d91"),
    ],
)
def test_an_invoice_stands_at_its_age(days_late: int, key: str) -> None:
    make_invoice(due_on=TODAY - dt.timedelta(days=days_late))

    ages = owed(TODAY)[0].ages

    assert [age.key for age in ages if age.invoices] == [key]


def test_what_is_owed_is_summed_by_currency_and_never_across() -> None:
    make_invoice(amount=Decimal(100), currency="EUR")
    make_invoice(amount=Decimal(50), open_amount=Decimal(20), currency="EUR")
    make_invoice(amount=Decimal(70), currency="GBP")
    make_paid_invoice()

    euros, pounds = owed(TODAY)

    assert (euros.currency, euros.total, euros.late_percent) == ("EUR", 120, 100)
    assert (pounds.currency, pounds.total) == ("GBP", 70)


def test_money_is_shown_with_its_bars_and_its_table(staff: Client) -> None:
    make_invoice(amount=Decimal("1240.50"))

    page = _page(staff)

    assert "EUR: 100% of what is open is late" in page
    assert "€1,240.50" in page
    assert 'width="100.00%"' in page


def test_the_banner_says_that_nothing_leaves(staff: Client) -> None:
    assert "all messages go to the sandbox" in _page(staff)


def test_the_banner_says_what_is_live(staff: Client, settings: Any) -> None:
    settings.CHANNELS = {"email": "smtp"}

    page = _page(staff)

    assert "real customers are reached by e-mail." in page
    assert "Nothing goes by text message, phone call, letter and postcard" in page


def test_more_rows_do_not_mean_more_queries(staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            staff.get("/")
        return len(caught)

    make_campaign(state="paused")
    make_notice(state=State.SENT)
    make_invoice()
    few = queries()
    for _ in range(10):
        make_campaign(state="paused")
        make_notice(state=State.HELD, stream=make_stream(brand=make_brand()))
        make_invoice(make_customer(), currency="GBP")

    assert queries() == few


def _approver(name: str, *rights: str, is_staff: bool = True) -> Client:
    may = [f"notices.{right}_templateversion" for right in ("view", "approve", *rights)]
    user = make_user(name, may=may)
    user.is_staff = is_staff
    user.save()
    client = Client()
    client.force_login(user)
    return client


def _in_review(key: str = "own", kind: str = "reminder", by: str = "ann") -> None:
    identity = Identity(key, kind, "call", "en")
    version = wordings.draft(
        identity=identity, subject="", body="Hello.\n", note="", by=by, now=NOW
    )
    TemplateVersion.objects.filter(pk=version.pk).update(state="in_review")


def test_who_may_approve_is_told_of_texts_that_wait() -> None:
    _in_review()

    page = _page(_approver("bea"))

    link = reverse(
        "admin:notices_templateversion_change", args=[TemplateVersion.objects.get().pk]
    )
    assert f'<a href="{link}">Text to approve: <bdi>Own</bdi></a>' in page
    assert "Nothing needs you now." not in page


def test_nobody_is_told_of_a_text_they_may_not_approve(staff: Client) -> None:
    _in_review(by="bea")
    TemplateVersion.objects.update(created_by="ann")

    for client in (staff, _approver("bea"), _approver("cleo", is_staff=False)):
        assert "Text to approve" not in _page(client)


def test_only_legal_is_told_of_a_text_that_binds_the_firm() -> None:
    TemplateVersion.objects.create(
        key="bank", kind="bank_details", channel="sms", body="x", created_by="ann",
        state="in_review",
    )  # fmt: skip

    assert "Text to approve" not in _page(_approver("bea"))
    assert "Text to approve" in _page(_approver("lee", "bind"))


def test_a_long_line_of_texts_is_counted_after_the_first_five() -> None:
    for number in range(7):
        _in_review(f"own-{number}")

    page = _page(_approver("bea"))

    assert page.count("Text to approve") == 5
    assert "2 more texts to approve" in page


def test_a_missed_part_of_a_plan_is_a_task_until_it_is_looked_after(
    staff: Client,
) -> None:
    bill = make_invoice()
    plan = Plan.objects.create(
        customer=bill.customer,
        currency="EUR",
        total=Decimal(120),
        state=Plan.State.MISSED,
        missed_on=TODAY,
        made_at=NOW,
    )
    plan.invoices.add(bill)
    assert "1 customer missed a part of their plan" in _page(staff)
    listed = staff.get("/customers/?show=missed_part").content.decode()
    assert bill.customer.number in listed

    own = reverse("customer", args=[bill.customer_id])
    assert "I have looked after it" in staff.get(own).content.decode()
    staff.post(reverse("plan-handled", args=[plan.pk]))

    assert "missed a part" not in _page(staff)
    assert "Looked after by <bdi>sam</bdi>" in staff.get(own).content.decode()
