"""Messages: the list, the story of one, and the very message in each channel."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notices.messages import message_of
from notices.models import Attempt, Channel, Notice
from notices.states import State
from tests.browser.scene import mail
from tests.factories import (
    NOW,
    make_address,
    make_alice,
    make_attempt,
    make_campaign,
    make_contact_point,
    make_customer,
    make_decision,
    make_enrolment,
    make_event,
    make_invoice,
    make_notice,
    make_sent_copy,
)

pytestmark = pytest.mark.django_db


def _get(staff: Client, name: str, notice: Notice, *more: object) -> HttpResponse:
    return staff.get(reverse(name, args=[notice.reference, *more]))


def _page(staff: Client, notice: Notice) -> str:
    return _get(staff, "notice", notice).content.decode()


def _notice(channel: str = Channel.EMAIL, **fields: object) -> Notice:
    """Return a message that can really be rendered, to Alice."""
    alice = make_alice()
    make_contact_point(alice, kind="mobile", value="+447700900123")
    return make_notice(alice, invoices=[make_invoice(alice)], channel=channel, **fields)


def test_the_list_can_be_narrowed_to_one_state(staff: Client) -> None:
    held, sent = make_notice(state=State.HELD), make_notice(state=State.SENT)

    page = staff.get("/messages/", {"state": "held"}).content.decode()

    assert held.reference in page
    assert sent.reference not in page


def test_a_longer_list_takes_no_more_queries(staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            staff.get("/messages/")
        return len(caught)

    make_notice()
    few = queries()
    for _ in range(8):
        make_notice()

    assert queries() == few


def test_the_stored_bytes_are_shown_once_it_was_sent(staff: Client) -> None:
    notice = _notice(state=State.DELIVERED)
    make_sent_copy(notice, mail("Alice"))

    page = _page(staff, notice)

    assert "The message, as it was handed over" in page
    assert "billing@northwind.example" in page


def test_a_message_in_line_is_shown_as_it_would_go(staff: Client) -> None:
    page = _page(staff, _notice())

    assert "The message, as it would go now" in page
    assert "alice@example.com" in page


def test_bytes_of_an_earlier_try_are_not_taken_for_what_will_go() -> None:
    notice = _notice()
    make_sent_copy(notice, mail("An older name"))

    message = message_of(notice, NOW)

    assert not message.is_stored
    assert b"An older name" not in message.body


def test_the_source_is_the_stored_bytes_and_nothing_else(staff: Client) -> None:
    notice = _notice(state=State.SENT)
    make_sent_copy(notice, mail("Alice"))

    answer = _get(staff, "notice-source", notice)

    assert answer.content == mail("Alice")
    assert f'filename="{notice.reference}.eml"' in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_mail_is_framed_under_a_policy_of_its_own(staff: Client) -> None:
    notice = _notice(state=State.SENT)
    make_sent_copy(notice, mail("Alice"))

    answer = _get(staff, "notice-mail", notice)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]


def test_the_pages_themselves_allow_no_inline_style_or_script(staff: Client) -> None:
    policy = staff.get("/")["Content-Security-Policy"]

    assert "unsafe" not in policy


def test_a_letter_is_shown_page_by_page(staff: Client) -> None:
    notice = _notice(Channel.LETTER)

    page = _page(staff, notice)
    picture = _get(staff, "notice-page", notice, 1)

    assert "Page 1 of 1 of the letter" in page
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_letter_has_no_page_after_its_last(staff: Client) -> None:
    notice = _notice(Channel.LETTER)

    assert _get(staff, "notice-page", notice, 99).status_code == 404


def test_a_text_message_is_shown_with_its_size(staff: Client) -> None:
    page = _page(staff, _notice(Channel.SMS))

    assert "It goes in 1 part: " in page
    assert "GSM7" in page


def test_a_text_message_is_shown_with_what_it_was_billed_as(staff: Client) -> None:
    notice = _notice(Channel.SMS, state=State.SENT)
    make_attempt(notice, segments=2, price=Decimal("0.0150"), currency="USD")

    assert "Billed as 2 parts for 0.01500 USD." in _page(staff, notice)


def test_a_call_is_shown_as_its_script(staff: Client) -> None:
    assert "Please pay your bill." in _page(staff, _notice(Channel.CALL))


@pytest.mark.parametrize("name", ["notice-mail", "notice-page"])
def test_a_text_message_has_neither_mail_nor_pages(staff: Client, name: str) -> None:
    more = [1] if name == "notice-page" else []

    assert _get(staff, name, _notice(Channel.SMS), *more).status_code == 404


def test_a_message_that_cannot_be_written_says_why(staff: Client) -> None:
    notice = make_notice(make_customer(email=None), invoices=[make_invoice()])

    assert "There is no message to show." in _page(staff, notice)


def test_a_name_can_never_become_markup(staff: Client) -> None:
    name = "<script>alert(1)</script>"
    customer = make_customer(name=name)
    make_address(customer)
    notice = make_notice(customer, invoices=[make_invoice(customer)])

    for address in (
        reverse("notice", args=[notice.reference]),
        reverse("customer", args=[customer.pk]),
        "/customers/",
        "/messages/",
    ):
        assert "<script>alert" not in staff.get(address).content.decode()


def test_the_page_tells_what_became_of_it_and_why(staff: Client) -> None:
    campaign = make_campaign()
    invoice = make_invoice(make_alice())
    notice = make_notice(
        invoice.customer,
        invoices=[invoice],
        state=State.FAILED,
        stream=campaign.stream,
    )
    step = campaign.ladder.steps.all()[1]
    make_decision(make_enrolment(campaign, invoice), step, notice=notice)
    make_attempt(notice, result=Attempt.Result.REFUSED, error="550 5.1.1 unknown")
    make_event(notice, kind="hard_bounce")

    page = _page(staff, notice)

    for words in [
        "Could not deliver: the address does not exist",
        "Step “Reminder” came due",
        "Refused for good",
        "550 5.1.1 unknown",
        "Address does not exist",
        invoice.number,
    ]:
        assert words in page


@pytest.mark.parametrize(
    ("arrived", "state"), [("yes", State.SENT), ("no", State.FAILED)]
)
def test_staff_settle_what_nobody_knows(
    staff: Client, arrived: str, state: str
) -> None:
    notice = _notice(state=State.UNKNOWN)
    make_attempt(notice, result=Attempt.Result.UNKNOWN, finished_at=None)
    assert "It did not arrive" in _page(staff, notice)

    staff.post(reverse("notice-resolve", args=[notice.reference]), {"arrived": arrived})

    notice.refresh_from_db()
    assert notice.state == state


def test_an_answer_that_says_neither_changes_nothing(staff: Client) -> None:
    notice = _notice(state=State.UNKNOWN)
    make_attempt(notice, result=Attempt.Result.UNKNOWN, finished_at=None)

    answer = staff.post(reverse("notice-resolve", args=[notice.reference]))

    notice.refresh_from_db()
    assert answer.status_code == 400
    assert notice.state == State.UNKNOWN


def test_a_known_message_has_no_such_buttons(staff: Client) -> None:
    assert "It did not arrive" not in _page(staff, _notice())


def test_a_reference_nobody_has_is_not_found(staff: Client) -> None:
    answer = staff.get("/messages/NOTHING/")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


@pytest.mark.parametrize(
    ("choice", "state"),
    [("release", State.SCHEDULED), ("cancel", State.CANCELLED)],
)
def test_staff_decide_about_a_held_message(
    staff: Client, choice: str, state: State
) -> None:
    notice = make_notice(state=State.HELD)

    page = staff.get(f"/messages/{notice.reference}/")
    assert b"Put back into line" in page.content
    staff.post(f"/messages/{notice.reference}/decide/", {"choice": choice})

    notice.refresh_from_db()
    assert notice.state == state


def test_deciding_about_a_held_message_needs_the_right(viewer: Client) -> None:
    notice = make_notice(state=State.HELD)

    answer = viewer.post(f"/messages/{notice.reference}/decide/", {"choice": "release"})

    assert answer.status_code == 403
    notice.refresh_from_db()
    assert notice.state == State.HELD
