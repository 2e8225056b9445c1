"""Calls lie on the desk when they may be made, and every outcome is told once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from consent.lawbook import lawbook
from consent.models import ConsentState
from customers.models import ContactPoint, Hold, Invoice
from notices.actions import due_work, send_all_due, set_stream_state
from notices.calls import hand, outcomes, undoing
from notices.calls.desk import clear_desk, lay_out
from notices.calls.hand import LOCK, CallError, NotOffered
from notices.calls.outcomes import follow_up_done, note_outcome
from notices.calls.queue import count_free, later, queue, to_do
from notices.calls.rules import RULES, Outcome
from notices.claims import sweep
from notices.messages import message_of
from notices.models import CallRecord, CallTask, Notice, SandboxMessage, Stream
from notices.states import IllegalMove, State, check_move
from tests.factories import (
    NOW,
    TODAY,
    make_consent,
    make_contact_point,
    make_hold,
    pay,
)
from tests.notices.calling import (
    lay,
    make_call,
    make_call_stream,
    make_taken_call,
    note,
)
from tests.notices.passing import state_of

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


def bill_of(notice: Notice) -> Invoice:
    return Invoice.objects.get(notice_items__notice=notice)


# On the desk -------------------------------------------------------------------------


def test_a_due_call_waits_for_a_person_and_never_for_a_wire() -> None:
    call = make_call()

    send_all_due(now=NOW)

    assert state_of(call) == (State.CALLING, "")
    assert not SandboxMessage.objects.exists()
    assert count_free(NOW, most=9) == 1


def test_laying_out_costs_as_many_questions_for_many_as_for_few() -> None:
    stream = make_call_stream()
    make_call(stream)
    lawbook()  # read once for all batches of some seconds
    with CaptureQueriesContext(
        connection,
    ) as few:
        lay_out(clock=lambda: NOW)
    for _ in range(6):
        make_call(stream)

    with CaptureQueriesContext(connection) as many:
        lay_out(clock=lambda: NOW)

    assert CallTask.objects.count() == 7
    assert len(many) == len(few)


def test_at_night_at_the_customers_no_call_is_offered() -> None:
    call = make_call(time_zone="America/Los_Angeles", phone="+12125550123")

    assert lay(call) == State.SCHEDULED
    assert call.reason == "QUIET_HOURS"
    assert call.not_before > NOW
    assert count_free(NOW, most=9) == 0


def test_who_wants_no_calls_gets_none() -> None:
    call = make_call()
    make_consent(call.customer, subject="call", state="withdrawn", on=TODAY)

    assert lay(call) == State.SUPPRESSED
    assert call.reason == "PREF_CATEGORY_OFF"


def test_a_dead_mobile_leaves_the_landline_to_be_called() -> None:
    call = make_call()
    call.customer.contact_points.filter(kind="mobile").update(state="dead")
    make_contact_point(call.customer, kind="landline", value="+441632960001")

    lay(call)

    assert hand.take(notice=call, by="ann", now=NOW).phone == "+441632960001"


def test_a_paused_campaign_offers_no_calls_and_keeps_them() -> None:
    call = make_call()
    lay(call)

    set_stream_state(stream=call.stream, state=Stream.State.PAUSED)

    assert count_free(NOW, most=9) == 0
    assert hand.take_next(by="ann", now=NOW) is None
    with pytest.raises(CallError, match="paused"):
        hand.take(notice=call, by="ann", now=NOW)
    assert state_of(call) == (State.CALLING, "")


def test_what_was_paid_meanwhile_leaves_the_desk_as_not_needed() -> None:
    call = make_call()
    lay(call)
    pay(bill_of(call), Decimal("120.00"))

    assert count_free(NOW, most=9) == 0
    send_all_due(now=NOW)

    assert state_of(call) == (State.SUPPRESSED, "ACCT_NOTHING_DUE")


def test_what_went_on_hold_meanwhile_leaves_the_desk() -> None:
    call = make_call()
    lay(call)
    make_hold(call.customer)

    send_all_due(now=NOW)

    assert state_of(call) == (State.SCHEDULED, "ACCT_DISPUTE_HOLD")


def test_in_the_evening_the_desk_is_cleared_until_the_morning() -> None:
    call = make_call()
    lay(call)
    evening = NOW.replace(hour=20, minute=30)

    assert count_free(evening, most=9) == 0
    send_all_due(now=evening)

    assert state_of(call) == (State.SCHEDULED, "QUIET_HOURS")
    assert call.not_before == NOW.replace(hour=8) + DAY


def test_what_somebody_has_in_hand_is_not_cleared_away() -> None:
    task = make_taken_call()
    pay(bill_of(task.notice), Decimal("120.00"))

    assert clear_desk(now=NOW + MINUTE) == 0
    assert state_of(task.notice) == (State.CALLING, "")


def test_a_call_nobody_made_for_a_week_has_failed() -> None:
    call = make_call()
    lay(call)

    clear_desk(now=NOW + dt.timedelta(days=7))

    assert state_of(call) == (State.FAILED, "not_called")


def test_a_worker_that_dies_over_the_desk_leaves_nothing_stuck() -> None:
    call = make_call()
    Notice.objects.filter(pk=call.pk).update(
        state="claimed", claim_token="0" * 32, lease_until=NOW - DAY * 3000
    )

    sweep()

    assert lay(call) == State.CALLING


def test_calls_of_a_live_channel_elsewhere_are_left_alone(settings) -> None:  # type: ignore[no-untyped-def]
    settings.CHANNELS = {"email": "smtp"}
    call = make_call()

    assert lay(call) == State.SCHEDULED


# The order ---------------------------------------------------------------------------


def test_a_missed_promise_comes_first_then_the_larger_debt() -> None:
    stream = make_call_stream()
    small, large, broken = (
        make_call(stream, amount=Decimal(amount)) for amount in (20, 900, 50)
    )
    make_hold(
        broken.customer,
        reason=Hold.Reason.PROMISE,
        starts_on=TODAY - 9 * DAY,
        ends_on=TODAY - DAY,
    )
    lay(small)

    lines = queue(NOW).lines

    assert [line.task.notice_id for line in lines] == [broken.pk, large.pk, small.pk]
    assert lines[0].promise_missed_on == TODAY - DAY


def test_sums_of_two_currencies_are_never_compared() -> None:
    stream = make_call_stream()
    euro = make_call(stream, amount=Decimal(100))
    make_call(stream, amount=Decimal(50))
    make_call(stream, amount=Decimal(9000), currency="CZK")
    crowns = make_call(stream, amount=Decimal(9500), currency="CZK")
    lay(euro)

    first = {line.task.notice_id for line in queue(NOW).lines[:2]}

    assert first == {euro.pk, crowns.pk}


def test_the_queue_costs_as_many_questions_for_many_as_for_few() -> None:
    stream = make_call_stream()
    lay(make_call(stream))
    with CaptureQueriesContext(connection) as few:
        queue(NOW)
    for _ in range(5):
        lay(make_call(stream))

    with CaptureQueriesContext(connection) as many:
        queue(NOW)

    assert len(many) == len(few)


def test_an_empty_desk_says_what_comes_next() -> None:
    for _ in range(2):
        make_call(not_before=NOW + DAY)

    coming = later(NOW, "Europe/London")

    assert coming is not None
    assert (coming.day, coming.number) == (TODAY + DAY, 2)


# In hand -----------------------------------------------------------------------------


def test_two_people_never_have_the_same_call() -> None:
    stream = make_call_stream()
    lay(make_call(stream))
    lay(make_call(stream))

    ann = hand.take_next(by="ann", now=NOW)
    ben = hand.take_next(by="ben", now=NOW)
    cleo = hand.take_next(by="cleo", now=NOW)

    assert ann is not None
    assert ben is not None
    assert ann.pk != ben.pk
    assert cleo is None


def test_who_asks_for_the_next_call_keeps_the_one_in_hand() -> None:
    stream = make_call_stream()
    lay(make_call(stream))
    lay(make_call(stream))

    first = hand.take_next(by="ann", now=NOW)

    assert hand.take_next(by="ann", now=NOW + MINUTE) == first


def test_a_taken_call_is_refused_by_the_name_of_who_has_it() -> None:
    task = make_taken_call("ann")

    with pytest.raises(CallError, match="ann has this call in hand"):
        hand.take(notice=task.notice, by="ben", now=NOW)


def test_a_lock_runs_out_and_the_call_is_free_again() -> None:
    task = make_taken_call("ann")

    assert hand.take_next(by="ben", now=NOW + LOCK - MINUTE) is None
    taken = hand.take_next(by="ben", now=NOW + LOCK)

    assert taken == task
    assert taken is not None
    assert taken.locked_by == "ben"


def test_who_lost_a_call_to_another_cannot_note_it() -> None:
    task = make_taken_call("ann")
    hand.take_next(by="ben", now=NOW + LOCK)

    with pytest.raises(CallError, match="ben has this call in hand by now"):
        note_outcome(
            notice=task.notice, number=1, outcome="spoke", by="ann", now=NOW + LOCK
        )

    assert not CallRecord.objects.exists()


def test_a_long_talk_can_be_noted_while_nobody_else_took_the_call() -> None:
    task = make_taken_call("ann")

    note(task, "spoke", NOW + 2 * LOCK)

    assert state_of(task.notice) == (State.DELIVERED, "")


def test_keeping_a_call_moves_the_end_of_the_lock() -> None:
    task = make_taken_call("ann")

    assert hand.keep(notice=task.notice, by="ann", now=NOW + 10 * MINUTE)
    assert hand.keep(notice=task.notice, by="ben", now=NOW) is None
    assert hand.take_next(by="ben", now=NOW + 20 * MINUTE) is None


def test_a_call_given_back_is_the_next_persons() -> None:
    task = make_taken_call("ann")

    assert not hand.give_back(notice=task.notice, by="ben")
    assert hand.give_back(notice=task.notice, by="ann")
    assert hand.take_next(by="ben", now=NOW) == task


def test_who_paid_a_moment_ago_is_not_called() -> None:
    call = make_call()
    lay(call)
    pay(bill_of(call), Decimal("120.00"))

    with pytest.raises(NotOffered) as refused:
        hand.take(notice=call, by="ann", now=NOW)

    assert refused.value.reason == "ACCT_NOTHING_DUE"
    assert state_of(call) == (State.SUPPRESSED, "ACCT_NOTHING_DUE")


def test_the_next_call_passes_over_what_may_not_be_made() -> None:
    stream = make_call_stream()
    first, second = make_call(stream, amount=Decimal(900)), make_call(stream)
    lay(first)
    make_consent(first.customer, subject="call", state="withdrawn", on=TODAY)

    task = hand.take_next(by="ann", now=NOW)

    assert task is not None
    assert task.notice == second
    assert state_of(first) == (State.SUPPRESSED, "PREF_CATEGORY_OFF")


def test_the_script_says_what_is_open_when_the_call_is_taken() -> None:
    call = make_call()
    lay(call)
    pay(bill_of(call), Decimal("20.00"))

    task = hand.take(notice=call, by="ann", now=NOW)

    assert "€100.00" in task.script
    assert call.customer.name in task.script


# What came of it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "told", "reason", "last_day", "follow_up"),
    [
        ("spoke", {}, None, None, ""),
        (
            "promised",
            {"promised_on": TODAY + 5 * DAY, "amount": Decimal(120)},
            "promise",
            TODAY + 5 * DAY,
            "",
        ),
        ("paid", {}, "manual", TODAY + 7 * DAY, "check_payment"),
        ("copy", {}, "manual", TODAY + 7 * DAY, "send_copy"),
        ("parts", {}, "plan", None, "write_plan"),
        ("dispute", {"note": "The meter."}, "dispute", None, "check_bill"),
        ("hardship", {}, "hardship", None, "decide"),
        ("no_calls", {}, None, None, ""),
    ],
)
def test_a_talk_is_a_message_delivered_and_what_was_said_follows(
    outcome: str,
    told: dict[str, object],
    reason: str | None,
    last_day: dt.date | None,
    follow_up: str,
) -> None:
    task = make_taken_call()

    noted = note(task, outcome, **told)

    assert state_of(task.notice) == (State.DELIVERED, "")
    assert (task.notice.sent_at, task.notice.delivered_at) == (NOW, NOW)
    held = list(Hold.objects.values_list("reason", "ends_on", "created_by"))
    assert held == ([(reason, last_day, "ann")] if reason else [])
    assert noted.record.follow_up == follow_up
    assert task.locked_by == ""
    assert message_of(task.notice, NOW).is_stored
    assert message_of(task.notice, NOW).text == task.script


def test_a_promise_keeps_its_sum_and_waits_only_for_the_bills_it_names() -> None:
    task = make_taken_call(bills=2)
    first, second = outcomes.bills_of(task.notice)

    noted = note(
        task,
        "promised",
        promised_on=TODAY + DAY,
        amount=Decimal("120.00"),
        invoices=[first],
    )

    assert noted.record.amount == Decimal("120.00")
    assert noted.record.currency == "EUR"
    assert Hold.objects.get().invoice == first
    assert "120 EUR" in Hold.objects.get().note
    assert not second.holds.exists()


def test_hardship_stops_everything_of_the_customer() -> None:
    task = make_taken_call()

    note(task, "hardship")

    assert Hold.objects.get().invoice is None


def test_who_wants_no_more_calls_is_kept_in_the_consent_history() -> None:
    task = make_taken_call()

    note(task, "no_calls")

    state = ConsentState.objects.get(customer=task.notice.customer, subject="call")
    assert (state.state, state.since) == ("withdrawn", TODAY)
    assert state.event.evidence == {"call": task.notice.reference, "number": 1}


def test_a_wrong_number_is_dead_and_a_task_and_no_contact() -> None:
    task = make_taken_call()

    note(task, "wrong_number")

    assert state_of(task.notice) == (State.FAILED, "wrong_number")
    assert task.notice.sent_at is None
    point = ContactPoint.objects.get(customer=task.notice.customer, kind="mobile")
    assert point.state == ContactPoint.State.DEAD
    assert to_do().get().follow_up == "find_number"


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        ("no_answer", NOW.replace(hour=16, minute=30) + DAY),
        ("busy", NOW + dt.timedelta(hours=1)),
        ("message", NOW.replace(hour=16, minute=30) + 2 * DAY),
    ],
)
def test_who_was_not_reached_is_called_again_at_another_hour(
    outcome: str, again: dt.datetime
) -> None:
    task = make_taken_call()

    noted = note(task, outcome)

    assert noted.next_at == again
    assert state_of(task.notice) == (State.SCHEDULED, outcome)
    assert task.notice.not_before == again
    assert task.tries == 1
    assert task.notice.sent_at is None


def test_after_the_third_try_the_ladder_takes_another_way() -> None:
    task = make_taken_call()
    now = NOW
    for _ in range(2):
        next_at = note(task, "no_answer", now).next_at
        assert next_at is not None
        now = next_at
        assert lay(task.notice, now) == State.CALLING
        hand.take(notice=task.notice, by="ann", now=now)

    noted = note(task, "no_answer", now)

    assert noted.next_at is None
    assert state_of(task.notice) == (State.FAILED, "no_contact")
    assert [one.number for one in task.notice.calls.all()] == [3, 2, 1]


def test_no_try_is_planned_past_the_deadline_of_the_step() -> None:
    task = make_taken_call(not_after=NOW + dt.timedelta(hours=20))

    note(task, "no_answer")

    assert state_of(task.notice) == (State.FAILED, "no_contact")


def test_a_wished_call_comes_first_at_its_hour_and_counts_no_try() -> None:
    stream = make_call_stream()
    task = make_taken_call(stream=stream, not_after=NOW + dt.timedelta(hours=20))
    wished = NOW + DAY
    note(task, "call_back", call_back_at=wished)
    lay(make_call(stream, amount=Decimal(5000)), wished)

    assert lay(task.notice, wished) == State.CALLING
    assert hand.take_next(by="ben", now=wished) == task
    assert task.tries == 0


def test_a_wish_for_the_night_waits_for_the_morning() -> None:
    task = make_taken_call()

    noted = note(task, "call_back", call_back_at=NOW.replace(hour=22))

    assert noted.next_at == NOW.replace(hour=8) + DAY


def test_a_form_sent_twice_makes_one_record() -> None:
    task = make_taken_call()
    facts = {"notice": task.notice, "number": 1, "outcome": "dispute", "by": "ann"}
    first = note_outcome(**facts, now=NOW)  # type: ignore[arg-type]

    again = note_outcome(**facts, now=NOW + MINUTE)  # type: ignore[arg-type]

    assert again.record == first.record
    assert not again.is_new
    assert CallRecord.objects.count() == Hold.objects.count() == 1


def test_another_outcome_of_the_same_call_is_refused() -> None:
    task = make_taken_call()
    note(task, "spoke")

    with pytest.raises(CallError, match="noted already"):
        note_outcome(
            notice=task.notice, number=1, outcome="no_answer", by="ann", now=NOW
        )


def test_a_call_that_is_not_in_hand_cannot_be_noted() -> None:
    call = make_call()
    lay(call)

    with pytest.raises(CallError, match="Take it first"):
        note_outcome(notice=call, number=1, outcome="spoke", by="ann", now=NOW)


def test_what_is_left_to_do_is_done_once() -> None:
    record = note(make_taken_call(), "paid").record

    assert follow_up_done(record=record, by="ben", now=NOW)
    assert not follow_up_done(record=record, by="cleo", now=NOW)
    record.refresh_from_db()
    assert record.done_by == "ben"
    assert not to_do().exists()


# Taking back -------------------------------------------------------------------------


def test_what_was_just_noted_is_taken_back_and_in_hand_again() -> None:
    task = make_taken_call()
    record = note(task, "no_answer").record

    undoing.undo(record=record, by="ann", now=NOW + dt.timedelta(seconds=59))

    task.refresh_from_db()
    assert (task.locked_by, task.tries) == ("ann", 0)
    assert state_of(task.notice) == (State.CALLING, "")
    note(task, "spoke", NOW + MINUTE)
    assert state_of(task.notice) == (State.DELIVERED, "")


@pytest.mark.parametrize(
    ("outcome", "by", "later_by"),
    [("no_answer", "ann", MINUTE), ("no_answer", "ben", 0 * MINUTE),
     ("spoke", "ann", 0 * MINUTE)],
)  # fmt: skip
def test_too_late_by_another_or_after_a_talk_nothing_is_taken_back(
    outcome: str, by: str, later_by: dt.timedelta
) -> None:
    record = note(make_taken_call(), outcome).record

    with pytest.raises(CallError, match="too late"):
        undoing.undo(record=record, by=by, now=NOW + later_by)


# The table and the database ----------------------------------------------------------


def test_every_outcome_says_what_follows() -> None:
    assert set(RULES) == set(Outcome)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (State.SCHEDULED, State.CALLING),
        (State.CALLING, State.HANDING_OFF),
        (State.CALLING, State.SENT),
        (State.DELIVERED, State.CALLING),
        (State.FAILED, State.CALLING),
    ],
)
def test_a_call_takes_no_move_outside_the_table(source: State, target: State) -> None:
    with pytest.raises(IllegalMove):
        check_move(source, target)


def test_the_database_refuses_half_a_lock_and_half_a_promise() -> None:
    task = make_taken_call()

    with pytest.raises(IntegrityError, match="lock_whole"), transaction.atomic():
        CallTask.objects.filter(pk=task.pk).update(locked_until=None)
    with pytest.raises(IntegrityError, match="promise_whole"), transaction.atomic():
        note(task, "promised", amount=Decimal(1))


def test_calls_are_no_work_for_a_paused_stream() -> None:
    call = make_call()
    set_stream_state(stream=call.stream, state=Stream.State.PAUSED)

    assert due_work(NOW) == {}


def test_a_call_that_is_of_no_use_any_more_makes_room_for_the_next() -> None:
    stream = make_call_stream(quiet_start=None, quiet_end=None)
    call = make_call(stream, not_after=NOW + dt.timedelta(hours=2))
    lay(call)

    assert hand.take_next(by="ann", now=NOW + dt.timedelta(hours=3)) is None

    assert state_of(call) == (State.EXPIRED, "NOTICE_EXPIRED")
