"""A mobile number that is a landline: kept as one, and somebody asks for another."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from consent.models import Suppression
from customers.actions import number_is_landline
from customers.models import ContactPoint, Customer
from notices.attempts import note_attempts
from notices.handovers import Handover, Result
from notices.models import Notice
from notices.record import record_results
from notices.senders import LANDLINE, Outgoing, SendError
from notices.states import State
from tests.factories import (
    NOW,
    make_contact_point,
    make_customer,
    make_invoice,
    make_notice,
)

pytestmark = pytest.mark.django_db
NUMBER = "+441632960007"


def mobile(customer: Customer, value: str = NUMBER) -> None:
    """Give a customer a mobile number."""
    make_contact_point(customer, kind="mobile", value=value)


def points(customer: Customer) -> set[tuple[str, str, bool]]:
    """Return a customer's phones: kind, state, and whether it is the first one."""
    return set(
        customer.contact_points.exclude(kind="email").values_list(
            "kind", "state", "is_primary"
        )
    )


def test_the_number_of_everybody_who_has_it_becomes_a_landline() -> None:
    alice, bob = make_customer(), make_customer()
    mobile(alice)
    mobile(bob)

    assert number_is_landline(number=NUMBER) == 2

    assert points(alice) == points(bob) == {("landline", "ok", True)}


def test_who_has_a_landline_keeps_it_as_the_first() -> None:
    customer = make_customer()
    mobile(customer)
    make_contact_point(customer, kind="landline", value="+441632960001")

    number_is_landline(number=NUMBER)

    assert points(customer) == {("landline", "ok", True), ("landline", "ok", False)}


def test_a_number_known_as_both_is_no_mobile_any_more() -> None:
    customer = make_customer()
    mobile(customer)
    make_contact_point(customer, kind="landline", value=NUMBER)

    number_is_landline(number=NUMBER)

    assert points(customer) == {("landline", "ok", True), ("mobile", "dead", False)}


def refused() -> Notice:
    """Return a text that Twilio refused, since it was to go to a landline."""
    customer = make_customer()
    make_invoice(customer)
    mobile(customer)
    token = uuid.uuid4()
    notice = make_notice(
        customer, channel="sms", state=State.HANDING_OFF, claim_token=token,
        lease_until=NOW, planned_on=NOW.date(),
    )  # fmt: skip
    handover = Handover(
        notice,
        Outgoing(
            channel="sms",
            reference=notice.reference,
            idempotency_key=f"{notice.reference}.1",
            destination=NUMBER,
            sender="",
            sha256=bytes(32),
            media_type="text/plain",
            body=b"Hello",
        ),
        "twilio",
    )
    note_attempts([handover], NOW)
    answer = SendError("twilio 21614", permanent=True, suppresses=LANDLINE)
    record_results([Result(handover, answer)], token=token, now=NOW)
    notice.refresh_from_db()
    return notice


def test_a_text_refused_for_a_landline_fails_and_no_text_goes_there_again() -> None:
    notice = refused()

    assert (notice.state, notice.reason) == (State.FAILED, "landline")
    assert Suppression.objects.get().reason == "invalid"
    assert ContactPoint.objects.having(value=NUMBER).get().kind == "landline"


def test_staff_are_asked_to_find_a_mobile_number_until_there_is_one(
    staff: Client,
) -> None:
    customer = refused().customer

    said = staff.get("/").content.decode()
    listed = staff.get("/customers/?show=landline").content.decode()
    assert "1 customer to be asked for a mobile number" in said
    assert customer.name in listed

    mobile(customer, "+447700900123")
    assert "asked for a mobile" not in staff.get("/").content.decode()
    listed = staff.get("/customers/?show=landline").content.decode()
    assert "No customer matches" in listed
