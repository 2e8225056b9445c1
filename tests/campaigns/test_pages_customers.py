"""The list of customers with its search, one customer, holds placed and lifted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import customer_file, customer_reach, paging
from campaigns.history import history
from consent.actions import suppress
from consent.models import ConsentEvent, Subject
from customers.models import ContactPoint, Customer, Hold
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_address,
    make_alice,
    make_bob,
    make_brand,
    make_campaign,
    make_charlie,
    make_consent,
    make_contact_point,
    make_customer,
    make_decision,
    make_enrolment,
    make_event,
    make_hold,
    make_invoice,
    make_ladder,
    make_notice,
    make_paid_invoice,
    make_payment,
)

pytestmark = pytest.mark.django_db


def _list(staff: Client, **wanted: str) -> str:
    return staff.get("/customers/", wanted).content.decode()


def _page(staff: Client, customer: Customer) -> str:
    return staff.get(reverse("customer", args=[customer.pk])).content.decode()


def test_without_customers_the_list_says_how_to_bring_them_in(staff: Client) -> None:
    assert "No customers yet" in _list(staff)


def test_a_search_without_a_match_says_what_to_try(staff: Client) -> None:
    make_alice()

    assert "No customer matches" in _list(staff, q="zzz")


@pytest.mark.parametrize(
    "words",
    [
        "alice",
        "Late ali",
        "Alice@Example.com",
        "+44 7700 900-123",
        "07700 900123",
        "INV-77",
        "C-77",
    ],
)
def test_a_customer_is_found_by_name_number_invoice_and_address(
    staff: Client, words: str
) -> None:
    make_brand(country="GB")
    alice = make_alice(number="C-77", mobile="+447700900123")
    make_invoice(alice, number="INV-77")
    make_bob()

    page = _list(staff, q=words)

    assert "Alice Late" in page
    assert "Bob Disputes" not in page


@pytest.mark.parametrize("words", ["'", "a'b:*", "\x00", "& | !", "x" * 5000, "😀"])
def test_no_search_breaks_the_page(staff: Client, words: str) -> None:
    assert staff.get("/customers/", {"q": words}).status_code == 200


def test_a_line_says_what_is_owed_how_late_and_what_comes_next(staff: Client) -> None:
    alice = make_alice()
    invoice = make_invoice(alice, due_on=TODAY - dt.timedelta(days=12))
    make_enrolment(make_campaign(), invoice)

    page = _list(staff)

    for words in ["€120.00", "12 days", "Reminder, 10 March 2026"]:
        assert words in page


def test_amounts_of_two_currencies_are_never_added(staff: Client) -> None:
    alice = make_alice()
    make_invoice(alice, amount=Decimal(5), currency="GBP")
    make_invoice(alice, amount=Decimal(7), currency="JPY")

    page = _list(staff)

    assert "£5.00" in page
    assert "JP¥7" in page


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("stop", "Nothing goes there: the customer asked us to stop"),
        ("unsub_all", "Nothing goes there: the customer asked us to stop e-mail"),
        ("invalid", "Nothing goes there: the address does not exist"),
    ],
)
def test_an_address_nothing_goes_to_says_why(
    staff: Client, reason: str, said: str
) -> None:
    alice = make_alice()
    suppress(
        channel="email", address="alice@example.com", reason=reason, source="", now=NOW
    )

    page = staff.get(reverse("customer", args=[alice.pk])).content.decode()

    assert f"<span>{said}</span>" in page


def test_a_hold_stands_where_the_next_step_would(staff: Client) -> None:
    bob = make_bob()
    make_enrolment(make_campaign(), make_invoice(bob))

    assert "Waits: questioned by customer" in _list(staff)


def test_late_customers_are_sorted_by_the_oldest_debt(staff: Client) -> None:
    new, old = make_customer(name="Newly late"), make_customer(name="Long late")
    make_customer(name="Never late")
    make_invoice(new, due_on=TODAY - dt.timedelta(days=2))
    make_invoice(old, due_on=TODAY - dt.timedelta(days=70))

    page = _list(staff, sort="late")

    assert page.index("Long late") < page.index("Newly late")
    assert "Never late" not in page


def test_customers_no_step_could_reach_can_be_listed(staff: Client) -> None:
    campaign = make_campaign()
    enrolment = make_enrolment(campaign, make_invoice(make_charlie()))
    make_decision(enrolment, campaign.ladder.steps.all()[0], outcome="no_channel")
    make_alice()

    page = _list(staff, show="unreachable")

    assert "Charlie Optout" in page
    assert "Alice Late" not in page


def test_an_unknown_sort_or_filter_is_the_default(staff: Client) -> None:
    make_alice()

    assert "Alice Late" in _list(staff, sort="password", show="secrets", page="-4")


def test_a_page_of_many_customers_takes_no_more_queries(staff: Client) -> None:
    campaign = make_campaign()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            _list(staff)
        return len(caught)

    make_enrolment(campaign, make_invoice(make_alice()))
    few = queries()
    for _ in range(12):
        make_enrolment(campaign, make_invoice(make_customer(address=True)))

    assert queries() == few


def test_counting_stops_at_the_cap(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "CAP", 3)
    for _ in range(5):
        make_customer()

    assert "of more than 3." in _list(staff)


def test_the_page_says_how_the_customer_can_be_reached(staff: Client) -> None:
    alice = make_alice(time_zone="Europe/Warsaw", language="pl")
    make_contact_point(
        alice,
        kind=ContactPoint.Kind.MOBILE,
        value="+48600000000",
        state=ContactPoint.State.DEAD,
    )

    page = _page(staff, alice)

    for words in ["alice@example.com", "Does not work", "Polish", "11:00 Warsaw time"]:
        assert words in page


def test_an_incomplete_postal_address_is_called_so() -> None:
    customer = make_customer(email=None)
    make_address(customer, postcode="")

    assert customer_reach.ways(customer)[0].status.word == "Incomplete"


def test_the_page_says_since_when_and_how_a_consent_is_known(staff: Client) -> None:
    page = _page(staff, make_charlie())

    assert "Withdrew" in page
    assert "since 10 March 2026, known by: told to staff" in page
    assert "Not asked" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_on": TODAY - dt.timedelta(days=1)}, "1 day late"),
        ({"due_on": TODAY}, "Due today"),
        ({"due_on": TODAY + dt.timedelta(days=1)}, "Not yet due"),
        ({"open_amount": Decimal(1)}, "Partly paid, 12 days late"),
        ({"status": "written_off"}, "Closed without payment"),
    ],
)
def test_an_invoice_is_shown_in_words(
    staff: Client, changes: dict[str, object], words: str
) -> None:
    assert words in _page(staff, make_invoice(**changes).customer)


def test_a_promise_is_shown_with_its_day(staff: Client) -> None:
    invoice = make_invoice()
    make_hold(
        invoice.customer,
        invoice=invoice,
        reason=Hold.Reason.PROMISE,
        ends_on=dt.date(2026, 3, 20),
    )

    assert "Promised for 20 March 2026" in _page(staff, invoice.customer)


def test_the_history_merges_every_room_newest_first() -> None:
    alice = make_alice(e_delivery=False)
    invoice = make_paid_invoice(alice)
    make_consent(alice, subject=Subject.SMS, state=ConsentEvent.State.GRANTED)
    notice = make_notice(alice, state=State.DELIVERED, sent_at=NOW)
    make_event(notice, occurred_at=NOW + dt.timedelta(minutes=1))
    make_payment(invoice, Decimal(120), received_on=TODAY + dt.timedelta(days=1))
    make_hold(alice, starts_on=TODAY - dt.timedelta(days=1))

    entries = history(alice, dt.UTC).entries

    assert [entry.what for entry in entries] == [
        "Payment received",
        "E-mail: word from the provider",
        "E-mail",
        "Reminders put on hold",
        "Text messages",
    ]


def test_a_long_history_is_paged_without_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("campaigns.history.PAGE", 3)
    alice = make_alice(e_delivery=False)
    for hours in range(8):
        make_notice(alice, state=State.SENT, sent_at=NOW - dt.timedelta(hours=hours))

    pages = [history(alice, dt.UTC, page) for page in (1, 2, 3)]

    references = [entry.notice for page in pages for entry in page.entries]
    assert len(set(references)) == len(references) == 8
    assert [page.older for page in pages] == [2, 3, None]


def test_times_in_the_history_name_their_zone(staff: Client) -> None:
    alice = make_alice()
    make_notice(alice, state=State.SENT, sent_at=NOW)

    assert "10 March 2026, 10:00 London time" in _page(staff, alice) or (
        "10 March 2026, 10:00 UTC" in _page(staff, alice)
    )


def test_the_customer_page_takes_no_more_queries_for_a_longer_story(
    staff: Client,
) -> None:
    alice = make_alice()
    campaign = make_campaign()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            _page(staff, alice)
        return len(caught)

    def more() -> None:
        invoice = make_invoice(alice)
        make_enrolment(campaign, invoice)
        make_event(make_notice(alice, stream=campaign.stream, state=State.DELIVERED))
        make_payment(invoice, Decimal(1))
        make_hold(alice, invoice=invoice)

    more()
    few = queries()
    for _ in range(6):
        more()

    assert queries() == few


def _place(staff: Client, customer: Customer, **changes: str) -> int:
    fields = {
        "hold-reason": "promise",
        "hold-invoice": "",
        "hold-ends_on": "2026-03-20",
        "hold-note": "Rang.",
    } | changes
    return staff.post(reverse("hold-place", args=[customer.pk]), fields).status_code


def test_a_hold_is_placed_by_whom_asked_for_it(staff: Client) -> None:
    alice = make_alice()

    assert _place(staff, alice) == 302

    hold = Hold.objects.get()
    assert (hold.customer, hold.reason, hold.created_by) == (alice, "promise", "sam")
    assert (hold.starts_on, hold.ends_on) == (TODAY, dt.date(2026, 3, 20))


@pytest.mark.parametrize(
    "changes",
    [
        {"hold-ends_on": "2026-03-09"},
        {"hold-ends_on": "next week"},
        {"hold-reason": "whim"},
        {"hold-note": "x" * 501},
    ],
)
def test_a_faulty_hold_is_refused(staff: Client, changes: dict[str, str]) -> None:
    assert _place(staff, make_alice(), **changes) == 422
    assert not Hold.objects.exists()


def test_a_hold_cannot_be_put_on_another_customers_invoice(staff: Client) -> None:
    foreign = make_invoice(make_bob())
    Hold.objects.all().delete()

    assert _place(staff, make_alice(), **{"hold-invoice": str(foreign.pk)}) == 422
    assert not Hold.objects.exists()


def test_a_hold_is_lifted(staff: Client) -> None:
    hold = make_hold(make_alice(), starts_on=TODAY - dt.timedelta(days=5))

    staff.post(reverse("hold-lift", args=[hold.pk]))

    assert not Hold.objects.standing_on(TODAY).exists()


@pytest.mark.parametrize(
    ("closed", "expected"),
    [(0b0000, "reminder"), (0b0011, "second"), (0b0111, "final")],
)
def test_the_outlook_names_the_step_the_ladder_would_take(
    closed: int, expected: str
) -> None:
    campaign = make_campaign(ladder=make_ladder())
    invoice = make_invoice(due_on=TODAY - dt.timedelta(days=5))
    make_enrolment(campaign, invoice, closed_steps=closed)

    coming = customer_file.upcoming([invoice.customer_id], TODAY)

    assert coming[invoice.customer_id][0].step == expected
