"""Who was asked to answer by a day, and did not, is the next step of a person."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client

from campaigns.silence import Silent, silent, silent_customers
from customers.models import Customer
from notices.models import Answer, Brand, Notice
from notices.render.deadlines import answer_by, deadlines
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_brand,
    make_consent,
    make_customer,
    make_notice,
    make_reply,
    make_stream,
    make_template,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
BODY = "Our terms change. Please tell us by {{ reply_by }} that you have read this."


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def told(
    brand: Brand, *, days_ago: int, channel: str = "email", kind: str = "terms", **facts
) -> Notice:
    """Return a notice of a change, sent so many days ago."""
    facts = {"body": BODY} | facts
    text = make_template(kind=kind, channel=channel, body=facts.pop("body"))
    sent_at = NOW - days_ago * DAY
    return make_notice(
        facts.pop("customer", None),
        state=State.SENT,
        sent_at=sent_at,
        planned_on=sent_at.date(),
        channel=channel,
        template=text,
        stream=make_stream(brand=brand),
        **facts,
    )


def names(now: dt.datetime = NOW) -> set[int]:
    return set(silent_customers(now).values_list("pk", flat=True))


def test_passing_the_day_to_answer_by_makes_a_task(brand: Brand) -> None:
    notice = told(brand, days_ago=15)
    last = answer_by(notice.planned_on, by_post=False, country="GB")
    assert last < TODAY

    assert silent(NOW, cap=10) == Silent(1, last, is_one_day=True)
    assert names() == {notice.customer_id}
    # On the day itself there is still time.
    that_day = dt.datetime.combine(last, dt.time(22), dt.UTC)
    assert names(that_day) == set()
    assert names(that_day + DAY) == {notice.customer_id}


def test_a_letter_gives_more_days(brand: Brand) -> None:
    told(brand, days_ago=12, channel="letter")
    mailed = told(brand, days_ago=12)

    assert names() == {mailed.customer_id}


def test_a_day_of_the_notices_own_counts_before_the_usual_one(brand: Brand) -> None:
    passed = told(brand, days_ago=3, about={"reply_by": str(TODAY - DAY)})
    told(brand, days_ago=15, about={"reply_by": str(TODAY)})

    assert names() == {passed.customer_id}
    assert silent(NOW, cap=10).last_day == TODAY - DAY


def test_who_answered_by_any_way_is_not_silent(brand: Brand) -> None:
    on_page, by_mail = (told(brand, days_ago=15) for _ in range(2))
    Answer.objects.create(
        form_id=uuid.uuid4(),
        customer=on_page.customer,
        notice=on_page,
        kind=Answer.Kind.READ,
        facts={},
        received_at=NOW - DAY,
        state=Answer.State.DONE,
        handled_at=NOW,
    )
    make_reply(by_mail.customer, received_at=NOW - DAY)

    assert names() == set()


def test_a_choice_answers_an_invitation_and_no_other_change(brand: Brand) -> None:
    on_paper = make_customer(e_delivery=False)
    invited = told(brand, days_ago=15, kind="paperless", customer=on_paper)
    changed = told(brand, days_ago=15)
    assert names() == {invited.customer_id, changed.customer_id}
    for one in (invited, changed):
        make_consent(one.customer, state="refused", method="web")

    assert names() == {changed.customer_id}


def test_what_was_said_before_is_no_answer(brand: Brand) -> None:
    notice = told(brand, days_ago=15)
    make_reply(notice.customer, received_at=NOW - 16 * DAY)

    assert names() == {notice.customer_id}


def test_a_text_that_names_no_day_waits_for_no_answer(brand: Brand) -> None:
    told(brand, days_ago=15, body="Our terms change.")
    told(brand, days_ago=15, kind="reminder")

    assert silent(NOW, cap=10) == Silent()


def test_who_was_asked_again_has_until_the_later_day(brand: Brand) -> None:
    first = told(brand, days_ago=20)
    told(brand, days_ago=2, customer=first.customer)

    assert names() == set()


def test_nobody_is_asked_for_ever_nor_where_no_one_may_ask(brand: Brand) -> None:
    told(brand, days_ago=90)
    gone = told(brand, days_ago=15)
    Customer.objects.filter(pk=gone.customer_id).update(status="deceased")

    assert names() == set()


def test_today_counts_the_silent_and_leads_to_them(staff: Client, brand: Brand) -> None:
    notice = told(brand, days_ago=15)
    page = staff.get("/").content.decode()
    assert "1 customer did not answer by " in page
    assert "/customers/?show=silent" in page
    told(brand, days_ago=18)
    assert "2 customers did not answer in time" in staff.get("/").content.decode()

    listed = staff.get("/customers/?show=silent").content.decode()
    assert notice.customer.number in listed
    other = make_customer()
    assert other.number not in listed


def test_the_ladder_of_a_debt_comes_after_its_day_to_answer_by() -> None:
    # The shortest gap of a shipped ladder is three days; a reminder is late already.
    for late in (1, 5, 30):
        for by_post, gap in ((False, 7), (True, 10)):
            said = deadlines([TODAY - late * DAY], TODAY, by_post=by_post, country="GB")
            assert TODAY < said.reply_by <= said.pay_by
            assert said.reply_by <= TODAY + gap * DAY
