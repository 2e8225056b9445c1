"""A firm allows itself working days to answer; what waits longer stands on Today."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client

from campaigns.reply_times import overdue_answers, overdue_replies
from customers.models import Customer
from notices.models import Answer, Brand
from tests.factories import (
    NOW,
    make_brand,
    make_customer,
    make_notice,
    make_reply,
    make_stream,
)

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2026, 3, 6, 15, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 3, 9, 23, 30, tzinfo=dt.UTC)
TUESDAY = NOW  # 10 March


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def answer(
    customer: Customer, kind: str = "dispute", received_at: dt.datetime = FRIDAY
) -> Answer:
    return Answer.objects.create(
        form_id=uuid.uuid4(),
        customer=customer,
        kind=kind,
        facts={},
        received_at=received_at,
    )


def test_a_reply_of_friday_is_overdue_on_tuesday(brand: Brand) -> None:
    reply = make_reply(received_at=FRIDAY)

    assert not overdue_replies(MONDAY).exists()
    assert list(overdue_replies(TUESDAY)) == [reply]


def test_what_comes_in_on_a_day_off_counts_from_the_next_working_day(
    brand: Brand,
) -> None:
    # Good Friday, 3 April 2026, is a holiday in Great Britain.
    make_reply(received_at=dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    assert not overdue_replies(dt.datetime(2026, 4, 6, 9, tzinfo=dt.UTC)).exists()
    assert overdue_replies(dt.datetime(2026, 4, 7, 9, tzinfo=dt.UTC)).exists()


def test_a_firm_sets_how_many_days_it_allows_itself(brand: Brand) -> None:
    make_reply(received_at=FRIDAY)
    Brand.objects.update(reply_days=3)

    assert not overdue_replies(TUESDAY).exists()
    assert overdue_replies(TUESDAY + dt.timedelta(days=2)).exists()


def test_a_reply_is_held_to_the_firm_it_answers(brand: Brand) -> None:
    slow = make_stream(brand=make_brand(reply_days=10))
    notice = make_notice(stream=slow)
    make_reply(notice.customer, notice=notice, received_at=FRIDAY)

    assert not overdue_replies(TUESDAY).exists()


def test_what_is_dealt_with_is_not_overdue(brand: Brand) -> None:
    make_reply(received_at=FRIDAY, state="done", handled_by="ada", handled_at=NOW)
    one = answer(make_customer())
    assert list(overdue_answers(TUESDAY)) == [one]
    Answer.objects.update(state="done", handled_at=NOW)

    assert not overdue_replies(TUESDAY).exists()
    assert not overdue_answers(TUESDAY).exists()


def test_who_asked_for_a_call_waits_for_the_hour(brand: Brand) -> None:
    answer(make_customer(), kind="call")

    assert not overdue_answers(TUESDAY).exists()


def test_today_counts_what_is_overdue_and_leads_to_it(
    staff: Client, brand: Brand
) -> None:
    make_reply(make_customer(name="Prompt"), received_at=NOW)
    assert "overdue" not in staff.get("/").content.decode()
    make_reply(make_customer(name="Patient"), received_at=FRIDAY)
    answer(make_customer(name="Disputer"))
    page = staff.get("/").content.decode()
    assert "2 replies overdue" in page
    assert "/replies/?late=1" in page

    late = staff.get("/replies/?late=1").content.decode()
    assert "Patient" in late
    assert "Disputer" in late
    assert "Prompt" not in late
