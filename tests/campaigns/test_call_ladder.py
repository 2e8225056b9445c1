"""Calls on the ladder: they wait for a person, and the ladder waits for them."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.models import Campaign, Decision
from customers.models import Customer
from notices.calls.hand import take
from notices.calls.outcomes import note_outcome, number_of_next
from notices.models import CallTask, Notice
from notices.starter import install_starters
from notices.states import State
from tests.campaigns.playing import noon, play
from tests.factories import (
    TODAY,
    make_brand,
    make_campaign,
    make_contact_point,
    make_customer,
    make_invoice,
    make_ladder,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def ladder_of(*channels: str) -> Campaign:
    """Return a campaign that calls first, and writes a formal letter a week later."""
    install_starters(["en"])
    steps = (
        ("call", 3, "formal", None, list(channels)),
        ("formal", 10, "formal", None, ["email"]),
    )
    ladder = make_ladder(steps, bank_days="none", min_gap_days=1)
    for step in ladder.steps.all():
        step.template_key = step.key
        step.save()
    return make_campaign(ladder=ladder, brand=make_brand(), send_from=dt.time(0))


def late_customer() -> Customer:
    person = make_customer(mobile="+447700900123", time_zone="Europe/London")
    make_invoice(person, due_on=TODAY - 4 * DAY)
    return person


def answer(outcome: str, day: dt.date) -> None:
    """Have the call that lies on the desk made, with this outcome."""
    notice = Notice.objects.get(channel="call", state=State.CALLING)
    take(notice=notice, by="ann", now=noon(day))
    note_outcome(
        notice=notice,
        number=number_of_next(notice),
        outcome=outcome,
        by="ann",
        now=noon(day),
    )


def sent() -> list[tuple[str, str]]:
    rows = Decision.objects.filter(outcome="sent", undone=False).order_by("id")
    return list(rows.values_list("step__key", "channel"))


def test_the_ladder_waits_while_a_call_lies_on_the_desk() -> None:
    ladder_of("call")
    late_customer()
    play(TODAY)

    play(TODAY + 6 * DAY)

    assert CallTask.objects.count() == 1
    assert sent() == [("call", "call")]


def test_after_a_talk_the_next_step_comes_in_its_time() -> None:
    ladder_of("call")
    late_customer()
    play(TODAY)
    answer("spoke", TODAY)

    play(TODAY + DAY)
    assert sent() == [("call", "call")]
    play(TODAY + 6 * DAY)

    assert sent() == [("call", "call"), ("formal", "email")]


def test_whom_nobody_reached_the_same_step_tells_another_way() -> None:
    ladder_of("call", "email")
    late_customer()
    play(TODAY)
    CallTask.objects.update(tries=2)
    answer("no_answer", TODAY)

    play(TODAY)

    assert sent() == [("call", "email")]
    assert Notice.objects.get(channel="email").state == State.DELIVERED


def test_a_step_with_no_other_way_is_over_when_nobody_was_reached() -> None:
    ladder_of("call")
    late_customer()
    play(TODAY)
    CallTask.objects.update(tries=2)
    answer("no_answer", TODAY)

    for days in range(7):
        play(TODAY + days * DAY)

    assert Notice.objects.filter(channel="call").count() == 1
    assert sent() == [("call", "call"), ("formal", "email")]


def test_after_a_wrong_number_the_other_phone_is_tried() -> None:
    ladder_of("call", "email")
    person = late_customer()
    make_contact_point(person, kind="landline", value="+441632960001")
    play(TODAY)
    answer("wrong_number", TODAY)

    play(TODAY)

    again = Notice.objects.get(channel="call", state=State.CALLING)
    assert take(notice=again, by="ann", now=noon(TODAY)).phone == "+441632960001"


def test_after_a_wrong_number_without_another_the_step_takes_its_next_way() -> None:
    ladder_of("call", "email")
    late_customer()
    play(TODAY)
    answer("wrong_number", TODAY)

    play(TODAY)

    assert sent() == [("call", "email")]


def test_who_wants_no_calls_is_never_planned_to_be_called_again() -> None:
    ladder_of("call", "email")
    person = late_customer()
    play(TODAY)
    answer("no_calls", TODAY)
    make_invoice(person, due_on=TODAY - 3 * DAY)

    play(TODAY + 2 * DAY)

    assert Notice.objects.filter(channel="call").count() == 1
    assert ("call", "email") in sent()


def test_a_hold_from_a_call_stops_the_ladder() -> None:
    ladder_of("call")
    late_customer()
    play(TODAY)
    answer("hardship", TODAY)

    for days in range(1, 20):
        play(TODAY + days * DAY)

    assert sent() == [("call", "call")]
