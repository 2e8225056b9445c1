"""Ladders and the print room: the next step waits for the post, and for what it brings
back."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.actions import tick
from campaigns.models import Campaign
from notices.models import Notice, PrintRun
from notices.printing.posting import mark_posted
from notices.printing.returns import mark_returned
from notices.starter import install_starters
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_alice,
    make_campaign,
    make_invoice,
    make_ladder,
)
from tests.notices.printing import printed

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
STEPS = (
    ("first", 3, "formal", None, ["letter", "email"]),
    ("second", 6, "formal", None, ["letter", "email"]),
)


@pytest.fixture
def campaign() -> Campaign:
    """Return a running campaign of two steps, by letter where there is an address."""
    install_starters(["en"])
    return make_campaign(
        ladder=make_ladder(STEPS, min_gap_days=1), send_from=dt.time(0)
    )


def letter_of(campaign: Campaign) -> Notice:
    """Return the letter of the first step, three days after the due date."""
    make_invoice(make_alice(), due_on=TODAY - 3 * DAY)
    tick(now=NOW, ring=False)
    return Notice.objects.get(channel="letter")


def run_of(letter: Notice) -> PrintRun:
    return printed(letter.stream.brand, NOW)


def test_the_next_step_waits_while_the_letter_waits_for_the_post(
    campaign: Campaign,
) -> None:
    run_of(letter_of(campaign))

    tick(now=NOW + 5 * DAY, ring=False)

    assert Notice.objects.count() == 1


def test_the_gap_is_counted_from_the_post(campaign: Campaign) -> None:
    run = run_of(letter_of(campaign))
    later = NOW + 5 * DAY
    mark_posted(run=run, posted_on=later.date(), now=later)

    tick(now=later, ring=False)
    assert Notice.objects.count() == 1
    tick(now=later + DAY, ring=False)

    assert Notice.objects.count() == 2


def test_a_letter_that_came_back_is_said_by_another_way(campaign: Campaign) -> None:
    letter = letter_of(campaign)
    mark_posted(run=run_of(letter), posted_on=TODAY, now=NOW)
    mark_returned(code=letter.reference, now=NOW + 2 * DAY)

    tick(now=NOW + 2 * DAY, ring=False)

    again = Notice.objects.exclude(pk=letter.pk).get()
    assert again.channel == "email"
    assert again.template.key == letter.template.key


def test_a_letter_that_came_back_after_the_next_step_changes_only_the_way(
    campaign: Campaign,
) -> None:
    letter = letter_of(campaign)
    mark_posted(run=run_of(letter), posted_on=TODAY, now=NOW)
    tick(now=NOW + 3 * DAY, ring=False)
    second = Notice.objects.exclude(pk=letter.pk).get()
    assert second.template.key != letter.template.key

    mark_returned(code=letter.reference, now=NOW + 4 * DAY)
    tick(now=NOW + 4 * DAY, ring=False)

    assert set(Notice.objects.all()) == {letter, second}
    assert second.state == State.SCHEDULED
