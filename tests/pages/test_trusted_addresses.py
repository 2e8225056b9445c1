"""Which address is trusted with a customer's data, of those that links brought."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from consent.actions import suppress
from consent.identity import Fact
from consent.links import mint
from consent.models import ContactChange
from customers.models import ContactPoint, Customer, PersonExport
from customers.reaching import SETTLES
from notices.facts import load_facts
from notices.gate import verdicts
from notices.models import Notice
from notices.own_copy import facts_known, way_of
from notices.people import lock_people
from notices.starter import install_starters
from notices.warned import reached_now
from tests.factories import make_contact_point
from tests.pages.agreeing import open_door
from tests.pages.opening import Opened, open_notice

pytestmark = pytest.mark.django_db

EMAIL, THIEF, OTHER = "ada@example.com", "thief@evil.example", "second@evil.example"


@pytest.fixture(autouse=True)
def house(settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    install_starters(["en"])


def opened_by(email: str | None = None, **more: object) -> Opened:
    return open_notice(name="Ada", email=email, address=True, channel="email", **more)


def bring(opened: Opened, value: str, kind: str = "email") -> ContactChange:
    """Give a new address by a link, and confirm it by the link that went there."""
    fields = {"form": str(uuid4()), "value": value, "again": value}
    assert Client().post(f"/p/{opened.token}/{kind}", fields).status_code == 200
    change = ContactChange.objects.latest("pk")
    confirm(change)
    return change


def confirm(change: ContactChange) -> None:
    token = mint(change.notice_reference).token
    assert Client().post(f"/a/{token}", {"form": str(uuid4())}).status_code == 200


def warning() -> Notice:
    return Notice.objects.filter(template__key="address-asked").latest("pk")


def hand_over(notice: Notice, *, ago: dt.timedelta = dt.timedelta(0)) -> None:
    Notice.objects.filter(pk=notice.pk).update(
        state="sent", sent_at=timezone.now() - ago, tries=1
    )


def let_pass(customer: Customer, time: dt.timedelta = SETTLES) -> None:
    """Let an address have been used for so long."""
    customer.contact_points.filter(is_primary=True).update(
        primary_since=timezone.now() - time
    )


def way(opened: Opened):
    brand = opened.notice.stream.brand
    return way_of(opened.customer, brand, asked_by="email", now=timezone.now())


def way_to(door):
    now = timezone.now()
    return way_of(door.customer, door.brand, asked_by="email", now=now)


def goes_to(notice: Notice) -> str:
    return load_facts([notice.pk], timezone.now())[notice.pk].destination.as_text()


# An address that replaced none ---------------------------------------------------


def test_an_address_that_nobody_was_told_of_never_gets_a_copy():
    opened = opened_by()
    bring(opened, THIEF)
    for time in (dt.timedelta(0), SETTLES, 50 * SETTLES):
        let_pass(opened.customer, time)
        assert (way(opened).address, way(opened).why) == ("", "no_email")
    Client().post(f"/p/{opened.token}/data", {"form": str(uuid4())})
    assert not PersonExport.objects.exists()


def test_a_second_one_told_to_the_first_alone_is_worth_no_more():
    opened = opened_by()
    bring(opened, THIEF)
    let_pass(opened.customer, 2 * SETTLES)
    bring(opened, OTHER)
    hand_over(warning(), ago=SETTLES)
    let_pass(opened.customer)
    assert way(opened).why == "no_email"


def test_two_in_a_row_do_not_make_each_other_trusted():
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    hand_over(warning(), ago=SETTLES)
    bring(opened, OTHER)
    hand_over(warning(), ago=SETTLES)
    let_pass(opened.customer)
    assert way(opened).why == "no_email"


def test_a_number_that_replaced_none_is_never_what_is_asked_for():
    opened = opened_by(EMAIL)
    bring(opened, "07700 900456", "mobile")
    let_pass(opened.customer, 50 * SETTLES)
    found = reached_now(opened.customer, now=timezone.now())
    assert facts_known(opened.customer, found)[Fact.PHONE] == ""
    make_contact_point(opened.customer, kind="landline", value="+441632960001")
    found = reached_now(opened.customer, now=timezone.now())
    assert facts_known(opened.customer, found)[Fact.PHONE] == "+441632960001"


def test_staff_who_are_sure_vouch_for_it():
    opened = opened_by()
    bring(opened, THIEF)
    let_pass(opened.customer)
    opened.customer.contact_points.update(is_vouched=True)
    assert way(opened).address == THIEF


# One that replaced another ---------------------------------------------------------


def test_who_was_told_at_the_address_before_has_a_week_to_speak():
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    let_pass(opened.customer, dt.timedelta(days=1))
    assert way(opened).why == "new_email"
    let_pass(opened.customer)
    assert way(opened).why == "no_email"
    # The week begins when the word of it went, not when it was put in line.
    hand_over(warning(), ago=dt.timedelta(days=1))
    assert way(opened).why == "new_email"
    hand_over(warning(), ago=SETTLES)
    assert way(opened).address == THIEF


@pytest.mark.parametrize("state", ["scheduled", "failed", "suppressed", "unknown"])
def test_a_warning_that_did_not_arrive_tells_nobody(state):
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    hand_over(warning(), ago=SETTLES)
    let_pass(opened.customer)
    assert way(opened).address == THIEF
    Notice.objects.filter(pk=warning().pk).update(state=state, reason="x")
    assert way(opened).why == "no_email"


def test_an_address_that_works_no_more_is_not_told_and_backs_nothing():
    opened = opened_by(EMAIL)
    opened.customer.contact_points.update(state="dead")
    bring(opened, THIEF)
    let_pass(opened.customer)
    assert not Notice.objects.filter(template__key="address-asked").exists()
    assert way(opened).why == "no_email"


def test_back_to_an_address_of_before_is_a_change_like_any_other():
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    bring(opened, EMAIL)
    let_pass(opened.customer)
    point = opened.customer.contact_points.get(is_primary=True)
    assert (point.value, point.is_vouched) == (EMAIL, False)


# Where the warning goes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [("email", EMAIL, THIEF), ("mobile", "+447700900123", "07700 900456")],
)
def test_the_warning_goes_to_the_old_address_though_another_is_used_by_now(
    kind, old, new
):
    opened = opened_by(**{kind: old})
    bring(opened, new, kind)
    assert goes_to(warning()) == old
    used = opened.customer.contact_points.get(is_primary=True, kind=kind)
    assert used.value != old


def test_it_goes_though_the_new_address_was_stopped():
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    now = timezone.now()
    suppress(channel="email", address=THIEF, reason="stop", source="test", now=now)
    people = lock_people([opened.customer.pk])
    [verdict] = verdicts([warning()], people, timezone.now())
    assert verdict.decision.outcome == "ALLOW"


def test_it_goes_nowhere_once_the_old_address_has_stopped_us():
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    now = timezone.now()
    suppress(channel="email", address=EMAIL, reason="stop", source="test", now=now)
    assert goes_to(warning()) == ""


def test_an_address_that_stopped_us_is_not_told():
    opened = opened_by(EMAIL)
    now = timezone.now()
    suppress(channel="email", address=EMAIL, reason="stop", source="test", now=now)
    bring(opened, THIEF)
    assert not Notice.objects.filter(template__key="address-asked").exists()
    let_pass(opened.customer)
    assert way(opened).why == "no_email"


def test_a_warning_of_before_old_addresses_were_kept_goes_where_it_went():
    opened = opened_by(EMAIL)
    bring(opened, THIEF)
    ContactChange.objects.update(old=None)
    assert goes_to(warning()) == THIEF


# Agreeing to e-mail at another address ------------------------------------------------


def agree_elsewhere(door) -> None:
    door.choose(where="other", address=THIEF, address_again=THIEF)
    assert door.prove().status_code == 303
    assert door.state() == "granted"


def test_agreeing_for_another_address_is_told_to_the_one_before():
    door = open_door(email=EMAIL)
    agree_elsewhere(door)
    assert goes_to(warning()) == EMAIL
    assert ContactChange.objects.get().confirmed_at is not None
    let_pass(door.customer)
    assert way_to(door).why == "no_email"
    hand_over(warning(), ago=SETTLES)
    assert way_to(door).address == THIEF


def test_agreeing_where_no_address_was_known_makes_none_trusted():
    door = open_door(email=None)
    agree_elsewhere(door)
    let_pass(door.customer, 50 * SETTLES)
    assert way_to(door).why == "no_email"


def test_agreeing_for_the_address_we_use_tells_nobody_and_changes_no_trust():
    door = open_door(email=EMAIL)
    door.choose()
    door.prove()
    assert not ContactChange.objects.exists()
    assert way_to(door).address == EMAIL


def test_the_same_sample_asked_for_twice_is_one_warning():
    door = open_door(email=EMAIL)
    form = str(uuid4())
    for _ in range(2):
        door.choose(where="other", address=THIEF, address_again=THIEF, form=form)
    assert Notice.objects.filter(template__key="address-asked").count() == 1


def test_what_staff_took_by_telephone_they_vouch_for():
    door = open_door(email=None)
    door.choose(where="other", address=THIEF, address_again=THIEF)
    type(door.sample).objects.update(method="phone")
    door.prove()
    assert ContactPoint.objects.get().is_vouched
