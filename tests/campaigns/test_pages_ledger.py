"""The ledger of a campaign sums, whatever became of its steps."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns import how_far, message_words, reports
from campaigns.models import Campaign, Decision
from notices.models import Notice
from notices.states import State
from tests.factories import (
    NOW,
    make_campaign,
    make_decision,
    make_enrolment,
    make_invoice,
    make_notice,
)

pytestmark = pytest.mark.django_db

NOT_CONTACTED = ["expired", "superseded", "no_channel"]


def _came_due(campaign: Campaign, what: str) -> None:
    """Let one step of a new invoice come due and end in a state or a closing."""
    step = campaign.ladder.steps.all()[0]
    invoice = make_invoice()
    enrolment = make_enrolment(campaign, invoice)
    if what in NOT_CONTACTED:
        make_decision(enrolment, step, outcome=what)
        return
    notice = make_notice(
        invoice.customer, invoices=[invoice], state=what, stream=campaign.stream
    )
    make_decision(enrolment, step, notice=notice)


@pytest.mark.parametrize("what", [*State, *NOT_CONTACTED])
def test_each_fate_of_a_step_has_its_line(what: str) -> None:
    campaign = make_campaign()
    _came_due(campaign, what)

    ledger = reports.ledger(campaign)

    assert [line.number for line in ledger.lines] == [1]
    assert ledger.selected == 1
    assert ledger.sums


def test_a_mixed_campaign_sums_in_all_and_by_step() -> None:
    campaign = make_campaign()
    for times, what in enumerate([*State, *NOT_CONTACTED], start=1):
        for _ in range(times % 3 + 1):
            _came_due(campaign, what)

    ledger = reports.ledger(campaign)

    assert ledger.selected == Decision.objects.count() > 20
    assert ledger.total == ledger.selected
    assert sum(step.came_due for step in ledger.steps) == ledger.selected


def test_other_campaigns_stay_out() -> None:
    campaign, other = make_campaign(), make_campaign()
    _came_due(other, "delivered")

    assert reports.ledger(campaign).selected == 0
    assert reports.ledger(campaign).sentence == "No step has come due yet."


def test_one_message_about_two_invoices_counts_both_steps() -> None:
    campaign = make_campaign()
    step = campaign.ladder.steps.all()[0]
    invoice = make_invoice()
    second = make_invoice(invoice.customer)
    notice = make_notice(
        invoice.customer,
        invoices=[invoice, second],
        state=State.DELIVERED,
        stream=campaign.stream,
    )
    for one in (invoice, second):
        make_decision(make_enrolment(campaign, one), step, notice=notice)

    ledger = reports.ledger(campaign)

    assert ledger.sentence == "2 steps came due: 2 sent."


def test_the_sentence_names_every_group() -> None:
    campaign = make_campaign()
    for what in ["delivered", "sent", "scheduled", "claimed", "held", "suppressed"]:
        _came_due(campaign, what)

    assert reports.ledger(campaign).sentence == (
        "6 steps came due: 2 sent, 1 in line, 1 on their way, "
        "1 waiting for staff and 1 not sent."
    )


def test_the_page_shows_the_ledger_and_that_it_sums(staff: Client) -> None:
    campaign = make_campaign()
    _came_due(campaign, "delivered")
    _came_due(campaign, "no_channel")

    page = staff.get(reverse("campaign", args=[campaign.pk])).content.decode()

    assert "2 steps came due: 1 sent and 1 not sent." in page
    assert "2 steps came due. The ledger sums." in page


def test_the_page_says_when_the_ledger_does_not_sum(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign()
    _came_due(campaign, "delivered")
    true = reports.ledger(campaign)
    monkeypatch.setattr(reports, "ledger", lambda _: replace(true, selected=2))

    page = staff.get(reverse("campaign", args=[campaign.pk])).content.decode()

    assert "The ledger does not sum" in page


def test_enrolled_invoices_are_on_the_ladder_paid_or_finished() -> None:
    campaign = make_campaign()
    for state in ["active", "active", "settled", "finished"]:
        make_enrolment(campaign, make_invoice(), state=state)

    standing = how_far.standing(campaign)

    assert (standing.active, standing.settled, standing.finished) == (2, 1, 1)
    assert standing.enrolled == 4
    assert standing.sums


def test_every_state_of_a_notice_stands_in_one_group() -> None:
    grouped = [state for _, states in reports.GROUPS.values() for state in states]

    assert sorted(grouped) == sorted(State)


@given(st.lists(st.sampled_from([*State]), max_size=6))
def test_progress_counts_every_message_once(states: list[State]) -> None:
    campaign = make_campaign()
    for state in states:
        make_notice(state=state, stream=campaign.stream)

    progress = how_far.progress(campaign, NOW)

    assert progress.total == Notice.objects.filter(stream=campaign.stream).count()
    assert progress.total == len(states)


def test_a_paused_campaign_with_messages_in_line_does_not_move() -> None:
    campaign = make_campaign(state="paused")
    make_notice(stream=campaign.stream)

    progress = how_far.progress(campaign, NOW)

    assert not progress.is_moving
    assert "none goes out while it is paused" in progress.sentence


def test_a_message_for_later_is_waited_for_without_asking() -> None:
    campaign = make_campaign()
    make_notice(stream=campaign.stream, not_before=NOW + dt.timedelta(hours=3))

    assert not how_far.progress(campaign, NOW).is_moving


def test_a_state_without_words_is_shown_as_it_stands() -> None:
    assert (
        message_words.notice("brand_new", "ODD_REASON").word == "brand_new: odd reason"
    )
