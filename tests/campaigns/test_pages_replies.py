"""Replies: the list, one reply, and what staff note about it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consent.actions import suppress
from customers.models import Hold
from notices.models import ProviderCall, Reply
from tests.factories import NOW, make_alice, make_hold, make_notice, make_reply

pytestmark = pytest.mark.django_db


def _get(client: Client, name: str, *more: object) -> str:
    return client.get(reverse(name, args=more)).content.decode()


def test_today_counts_replies_that_wait(staff: Client) -> None:
    make_reply(make_alice())
    make_reply(state="done", handled_by="adam", handled_at=NOW)

    assert "1 reply waiting" in _get(staff, "today")
    make_reply()
    assert "2 replies waiting" in _get(staff, "today")


def test_today_tells_of_reports_nobody_understood(staff: Client) -> None:
    ProviderCall.objects.create(
        provider="ses", kind="tracking", dedupe_key="a", body=b"{", state="failed",
        received_at=NOW, not_before=NOW,
    )  # fmt: skip

    assert "1 report of a provider not understood" in _get(staff, "today")


def test_the_list_shows_the_longest_wait_first(staff: Client) -> None:
    make_reply(make_alice(), received_at=NOW)
    make_reply(received_at=NOW.replace(hour=8))
    page = _get(staff, "replies")

    assert page.index("Unknown sender") < page.index("Alice Late")
    assert "All answered" not in page


def test_an_empty_list_says_that_all_is_answered(staff: Client) -> None:
    make_reply(state="done", handled_by="adam", handled_at=NOW)

    assert "All answered." in _get(staff, "replies")
    assert "Unknown sender" in staff.get("/replies/?show=answered").content.decode()


def test_the_list_costs_the_same_however_long(staff: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            _get(staff, "replies")
        return len(queries)

    make_reply(make_alice())
    before = cost()
    for _ in range(5):
        make_reply(make_notice().customer)

    assert cost() == before


def test_a_reply_is_shown_with_what_it_answers(staff: Client) -> None:
    notice = make_notice(make_alice())
    reply = make_reply(notice.customer, notice=notice, attachments=1)
    page = _get(staff, "reply", reply.pk)

    assert "I paid last week." in page
    assert notice.reference in page
    assert "1 attachment came with it and is not kept here." in page


def test_who_stopped_texts_is_called_and_not_written_to(staff: Client) -> None:
    phone = "+447700900123"
    reply = make_reply(make_alice(), channel="sms", sender=phone)
    assert "Call or write to" in _get(staff, "reply", reply.pk)

    suppress(channel="sms", address=phone, reason="stop", source="", now=NOW)
    page = _get(staff, "reply", reply.pk)

    assert "No text may go to this number: the customer asked us to stop. Call" in page
    assert "Call or write to" not in page


@pytest.mark.parametrize("field", ["text", "subject", "sender"])
def test_what_a_customer_writes_is_never_markup(staff: Client, field: str) -> None:
    reply = make_reply(make_alice(), **{field: '<img src=x onerror="alert(1)">'})

    assert "<img" not in _get(staff, "reply", reply.pk)


def test_an_answered_reply_leaves_the_list_and_lifts_its_hold(staff: Client) -> None:
    alice = make_alice()
    hold = make_hold(alice, reason="reply")
    reply = make_reply(alice, hold=hold)
    answer = staff.post(reverse("reply-done", args=[reply.pk]), follow=True)

    assert "this reply is answered" in answer.content.decode()
    reply.refresh_from_db()
    assert (reply.state, reply.handled_by) == ("done", "sam")
    assert Hold.objects.get().ends_on is not None


def test_a_second_clerk_hears_that_it_is_answered(staff: Client) -> None:
    reply = make_reply(make_alice(), state="done", handled_by="adam", handled_at=NOW)
    answer = staff.post(reverse("reply-done", args=[reply.pk]), follow=True)

    assert "A colleague was quicker" in answer.content.decode()
    assert Reply.objects.get().handled_by == "adam"


def test_a_strangers_reply_is_linked_to_a_customer(staff: Client) -> None:
    alice, reply = make_alice(), make_reply()
    assert "Whose is it?" in _get(staff, "reply", reply.pk)

    staff.post(reverse("reply-customer", args=[reply.pk]), {"number": alice.number})

    assert Reply.objects.get().customer == alice
    assert Hold.objects.get().customer == alice
    assert "Whose is it?" not in _get(staff, "reply", reply.pk)


@pytest.mark.parametrize("number", ["", "NOBODY", "\x00"])
def test_a_wrong_customer_number_says_what_to_do(staff: Client, number: str) -> None:
    reply = make_reply()
    answer = staff.post(reverse("reply-customer", args=[reply.pk]), {"number": number})

    assert answer.status_code == 422
    assert Reply.objects.get().customer is None


def test_the_customers_history_tells_of_replies(staff: Client) -> None:
    alice = make_alice()
    reply = make_reply(alice, classified="maybe_stop")
    page = _get(staff, "customer", alice.pk)

    assert "E-mail from the customer" in page
    assert "Seems to ask us to stop" in page
    assert reverse("reply", args=[reply.pk]) in page


def test_who_may_only_look_sees_no_buttons(viewer: Client) -> None:
    reply = make_reply()
    page = _get(viewer, "reply", reply.pk)

    assert "I paid last week." in page
    assert "Mark as answered" not in page
    assert viewer.post(reverse("reply-done", args=[reply.pk])).status_code == 403


def test_a_hold_for_a_reply_is_not_placed_by_hand(staff: Client) -> None:
    assert 'value="reply"' not in _get(staff, "customer", make_alice().pk)
