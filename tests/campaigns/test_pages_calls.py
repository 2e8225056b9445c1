"""The pages of the call desk: the queue, one call, and what was noted of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from customers.models import Hold
from notices.calls import hand
from notices.calls.outcomes import note_outcome
from notices.models import CallRecord, CallTask, Notice
from notices.outbound import stop_everything
from notices.states import State
from tests.campaigns.conftest import RIGHTS
from tests.factories import NOW, TODAY, make_hold, make_user, pay
from tests.notices.calling import lay, make_call, make_call_stream

DAY = dt.timedelta(days=1)


def _laid(**fields: object) -> Notice:
    call = make_call(**fields)
    lay(call)
    return call


def _taken(client: Client, **fields: object) -> Notice:
    call = _laid(**fields)
    client.post("/calls/next/")
    return call


def _note(client: Client, call: Notice, outcome: str, **told: object):  # type: ignore[no-untyped-def]
    facts = {f"{outcome}-{key}": value for key, value in told.items()}
    return client.post(
        f"/calls/{call.reference}/outcome/",
        {"outcome": outcome, "number": call.calls.count() + 1, **facts},
        follow=True,
    )


def _text(answer) -> str:  # type: ignore[no-untyped-def]
    return " ".join(answer.content.decode().split())


def test_an_empty_desk_says_how_many_calls_come_next(staff: Client) -> None:
    for _ in range(4):
        make_call(not_before=NOW + DAY)

    assert "No calls due. Next: 4 on 11 March 2026." in _text(staff.get("/calls/"))


def test_while_everything_is_stopped_the_desk_says_why_it_is_empty(
    staff: Client,
) -> None:
    _laid()
    stop_everything(by="ada", reason="wrong amounts", now=NOW)

    page = _text(staff.get("/calls/"))

    assert "Everything is stopped, calls too." in page
    assert "No calls due." not in page


def test_the_queue_names_who_missed_a_promise_and_what_is_owed(staff: Client) -> None:
    call = _laid()
    make_hold(
        call.customer, reason="promise", starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY
    )

    page = _text(staff.get("/calls/"))

    assert call.customer.name in page
    assert "€120.00" in page
    assert "Promise missed: 9 March 2026" in page
    assert "Call today" in page
    assert "Tuesday 10:00 London time" in page


def test_a_viewer_sees_the_queue_but_neither_number_nor_script(
    staff: Client, viewer: Client
) -> None:
    call = _taken(staff)
    phone = CallTask.objects.get().phone

    page = _text(viewer.get(f"/calls/{call.reference}/"))

    assert "sam is calling" in page
    assert phone not in page
    assert "What to say" not in page
    assert phone in _text(staff.get(f"/calls/{call.reference}/"))


def test_the_next_call_opens_with_its_script(staff: Client) -> None:
    call = _laid()

    answer = staff.post("/calls/next/", follow=True)

    assert answer.redirect_chain[-1][0] == f"/calls/{call.reference}/"
    assert f"Ask for {call.customer.name}. €120.00 is open" in _text(answer)
    assert "In your hands until 10 March 2026, 10:15 London time" in _text(answer)


def test_with_nothing_to_call_the_next_says_so(staff: Client) -> None:
    answer = staff.post("/calls/next/", follow=True)

    assert "No call waits for you now." in _text(answer)


def test_a_call_in_other_hands_is_refused_by_name(staff: Client) -> None:
    call = _laid()
    hand.take(notice=call, by="ann", now=NOW)

    answer = staff.post(f"/calls/{call.reference}/take/", follow=True)

    assert "ann has this call in hand." in _text(answer)


def test_who_paid_meanwhile_is_not_called_and_the_page_says_why(
    staff: Client,
) -> None:
    call = _laid()
    pay(call.items.get().invoice, Decimal("120.00"))

    answer = staff.post(f"/calls/{call.reference}/take/", follow=True)

    assert "It may not be made now: paid, nothing is owed." in _text(answer)
    assert "Not needed: paid" in _text(staff.get(f"/calls/{call.reference}/"))


def test_a_promise_is_noted_and_the_next_call_opens(staff: Client) -> None:
    stream = make_call_stream()
    first = _taken(staff, stream=stream, amount=Decimal(500))
    second = _laid(stream=stream)

    answer = staff.post(
        f"/calls/{first.reference}/outcome/",
        {
            "outcome": "promised",
            "number": 1,
            "promised-promised_on": "2026-03-20",
            "promised-amount": "500.00",
            "then": "next",
        },
        follow=True,
    )

    assert "Noted: Promised. The bills wait until that day." in _text(answer)
    assert answer.redirect_chain[-1][0] == f"/calls/{second.reference}/"
    assert Hold.objects.get().ends_on == dt.date(2026, 3, 20)


@pytest.mark.parametrize(
    ("outcome", "told", "sentence"),
    [
        ("promised", {"amount": "120"}, "Say on which day."),
        ("promised", {"promised_on": "2026-03-09", "amount": "1"}, "Choose a day from"),
        ("promised", {"promised_on": "2026-03-12", "amount": "0"}, "more than zero"),
        ("promised", {"promised_on": "2026-03-12", "amount": "1.001"}, "EUR"),
        ("dispute", {}, "Write down what the customer said."),
        ("parts", {}, "Write down what the customer said."),
        ("call_back", {"day": "2026-03-10", "hour": "09:00"}, "That time has passed."),
        ("call_back", {"day": "2026-05-10", "hour": "09:00"}, "within the next 14"),
        ("call_back", {"day": "2026-03-11"}, "Say at what time."),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_noted(
    staff: Client, outcome: str, told: dict[str, str], sentence: str
) -> None:
    call = _taken(staff)

    answer = _note(staff, call, outcome, **told)

    assert answer.status_code == 422
    assert sentence in _text(answer)
    assert not CallRecord.objects.exists()


def test_nobody_reached_says_when_it_is_tried_again_and_can_be_taken_back(
    staff: Client,
) -> None:
    call = _taken(staff)

    answer = _note(staff, call, "no_answer")

    assert (
        "Noted: No answer. It is called again on 11 March 2026, 16:30 London time, "
        "try 2 of 3." in _text(answer)
    )
    back = staff.post(f"/calls/undo/{CallRecord.objects.get().pk}/", follow=True)
    assert "Taken back. The call is in your hands again." in _text(back)
    call.refresh_from_db()
    assert call.state == State.CALLING


def test_a_wish_is_read_in_the_customers_own_zone(staff: Client) -> None:
    call = _taken(staff, time_zone="Europe/Warsaw", phone="+48512345678")

    _note(staff, call, "call_back", day="2026-03-11", hour="09:30")

    call.refresh_from_db()
    assert call.not_before == dt.datetime(2026, 3, 11, 8, 30, tzinfo=dt.UTC)


def test_a_form_sent_twice_notes_once(staff: Client) -> None:
    call = _taken(staff)
    facts = {"outcome": "dispute", "number": 1, "dispute-note": "Wrong meter."}
    address = f"/calls/{call.reference}/outcome/"

    staff.post(address, facts)
    again = staff.post(address, facts, follow=True)

    assert "Noted: Questioned by customer." in _text(again)
    assert CallRecord.objects.count() == Hold.objects.count() == 1


def test_only_the_ticked_bills_wait(staff: Client) -> None:
    call = _taken(staff, bills=2)
    first = call.items.order_by("invoice__number")[0].invoice

    _note(staff, call, "dispute", bills=[str(first.pk)], note="Wrong meter.")

    assert Hold.objects.get().invoice == first


def test_what_is_left_to_do_is_listed_and_done(staff: Client) -> None:
    call = _taken(staff)
    _note(staff, call, "paid", note="By transfer.")

    assert "Check whether it was paid" in _text(staff.get("/calls/"))
    assert "1 thing to do after calls" in _text(staff.get("/"))
    staff.post(f"/calls/done/{CallRecord.objects.get().pk}/")

    assert "Nothing is left to do." in _text(staff.get("/calls/"))


def test_the_customers_history_tells_of_the_call(staff: Client) -> None:
    call = _taken(staff)
    _note(staff, call, "spoke", note="A friendly talk.")

    page = _text(staff.get(f"/customers/{call.customer_id}/"))

    assert "Called by sam" in page
    assert "A friendly talk." in page
    assert "Spoke with customer" in page


def test_today_counts_the_calls_that_may_be_made_now(staff: Client) -> None:
    _laid()

    assert "1 call due" in _text(staff.get("/"))


def test_looking_takes_nothing_in_hand(staff: Client) -> None:
    call = _laid()

    staff.get("/calls/")
    staff.get(f"/calls/{call.reference}/")

    assert CallTask.objects.get().locked_by == ""


def test_keeping_a_call_answers_with_the_new_end(staff: Client) -> None:
    call = _taken(staff)

    answer = staff.post(
        f"/calls/{call.reference}/keep/", headers={"HX-Request": "true"}
    )

    assert _text(answer) == "In your hands until 10 March 2026, 10:15 London time"


def test_a_call_is_given_back(staff: Client) -> None:
    call = _taken(staff)

    staff.post(f"/calls/{call.reference}/back/")

    assert CallTask.objects.get().locked_by == ""


def test_an_unknown_outcome_is_no_outcome(staff: Client) -> None:
    call = _taken(staff)

    assert _note(staff, call, "shouted").status_code == 400


def test_who_may_not_call_is_refused(db: None, noon: None) -> None:
    client = Client()
    client.force_login(
        make_user("pat", may=[one for one in RIGHTS if "make_calls" not in one])
    )
    call = _laid()

    assert client.post("/calls/next/").status_code == 403
    assert "Start next call" not in _text(client.get("/calls/"))
    assert "Take this call" not in _text(client.get(f"/calls/{call.reference}/"))


def test_a_third_call_that_reached_nobody_says_what_the_ladder_does(
    staff: Client,
) -> None:
    call = _taken(staff)
    CallTask.objects.update(tries=2)

    answer = _note(staff, call, "no_answer")

    assert "Nobody was reached, so the ladder goes on another way." in _text(answer)


def test_a_record_of_a_colleague_is_shown_on_the_call(staff: Client) -> None:
    call = _laid()
    hand.take(notice=call, by="ann", now=NOW)
    note_outcome(notice=call, number=1, outcome="message", by="ann", now=NOW)

    page = _text(staff.get(f"/calls/{call.reference}/"))

    assert "ann" in page
    assert "Left a message" in page
