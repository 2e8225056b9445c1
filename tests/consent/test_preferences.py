"""What a customer chose reaches the decision, and every change leaves its trace."""

from __future__ import annotations

import uuid
from itertools import product

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from consent.categories import CATEGORIES, CATEGORY_OF_KIND, REQUIRED, kinds_of
from consent.decision import Outcome
from consent.models import ConsentEvent, Preference, PreferenceChange
from consent.preferences import Source, change_switches, change_wishes
from consent.wishes import SWITCHES
from notices.gate import verdicts
from notices.people import lock_people
from tests.factories import (
    NOW,
    make_customer,
    make_invoice,
    make_notice,
    make_policy,
    make_stream,
)

SWITCH = [(one, channel) for one, all_ in SWITCHES.items() for channel in all_]


def source(**facts):
    return Source(**{"method": "web", "form_id": uuid.uuid4()} | facts)


def turn(customer, wanted=None, to_paper=(), **facts):
    return change_switches(
        customer=customer,
        wanted=wanted or {},
        to_paper=to_paper,
        source=source(**facts),
        now=NOW,
    )


def decided(notice, now=NOW):
    from notices.models import Notice

    with transaction.atomic():
        people = lock_people([notice.customer_id])
        [verdict] = verdicts(
            list(Notice.objects.filter(pk=notice.pk).in_full()), people, now
        )
    return verdict.decision


def reminder(customer, **fields):
    stream = make_stream(policy=make_policy())
    invoice = make_invoice(customer)
    return make_notice(customer, invoices=[invoice], stream=stream, **fields)


@pytest.mark.django_db
def test_a_switch_stops_its_category_on_its_channel_alone():
    who = make_customer(address=True, mobile="+447700900123")
    turn(who, {("reminders", "email"): False})

    assert decided(reminder(who)).reason == "PREF_CATEGORY_OFF"
    assert decided(reminder(who, channel="letter")).outcome == Outcome.ALLOW
    change = reminder(who, kind="change_notice", dunning=False)
    assert decided(change).outcome == Outcome.ALLOW


@pytest.mark.django_db
def test_a_letter_that_no_law_demands_is_switched_off_too():
    who = make_customer(address=True)
    turn(who, {("reminders", "letter"): False})

    assert decided(reminder(who, channel="letter")).reason == "PREF_CATEGORY_OFF"


@pytest.mark.django_db
def test_offers_come_only_by_choice():
    who = make_customer()
    offer = reminder(who, kind="promo", dunning=False)
    assert decided(offer).reason == "CONSENT_PROMO"

    turn(who, {("offers", "email"): True})

    assert decided(offer).outcome == Outcome.ALLOW
    turn(who, {("offers", "email"): False})
    assert decided(offer).reason == "CONSENT_PROMO"


@pytest.mark.django_db
def test_a_required_category_goes_back_to_paper_and_the_others_stay():
    who = make_customer(address=True)
    turn(who, to_paper=["contract_notices"])

    told = reminder(who, kind="change_notice", legal="writing", dunning=False)
    found = decided(told)
    assert (found.outcome, found.use_channel) == (Outcome.SUBSTITUTE, "letter")
    assert decided(reminder(who)).outcome == Outcome.ALLOW
    history = list(ConsentEvent.objects.filter(customer=who).order_by("seq"))
    assert [one.state for one in history] == ["granted", "withdrawn", "granted"]
    assert history[1].categories == ["contract_notices"]
    assert history[2].categories == ["bills", "reminders"]
    assert history[2].evidence["goes_on"] == str(history[0].record_id)


@pytest.mark.django_db
def test_the_last_category_ends_the_consent():
    who = make_customer(address=True)
    turn(who, to_paper=["bills"])
    turn(who, to_paper=["contract_notices"])

    states = ConsentEvent.objects.filter(customer=who).order_by("-seq")
    assert states[0].categories == ["reminders"]
    assert turn(who, to_paper=["bills"]).changes == {}


@pytest.mark.django_db
def test_where_the_contract_let_us_write_by_e_mail_paper_is_still_a_choice():
    who = make_customer(address=True, e_delivery=False)
    turn(who, to_paper=["bills"])
    turn(who, to_paper=["bills"])

    event = ConsentEvent.objects.get(customer=who)
    assert (event.state, event.categories) == ("withdrawn", ["bills"])


@pytest.mark.django_db
def test_only_required_categories_have_a_paper():
    with pytest.raises(ValueError, match="go back to paper"):
        turn(make_customer(), to_paper=["reminders"])


@pytest.mark.django_db
def test_the_same_form_twice_is_one_change():
    who, form_id = make_customer(), uuid.uuid4()
    first = turn(who, {("reminders", "email"): False}, form_id=form_id)
    again = turn(who, {("reminders", "email"): True}, form_id=form_id)

    assert again == first
    assert PreferenceChange.objects.count() == 1
    assert not Preference.objects.get().is_on


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_change_that_was_made_stands(verb):
    turn(make_customer(), {("reminders", "email"): False})
    rows = PreferenceChange.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(method="one_click") if verb == "update" else rows.delete()


@pytest.mark.django_db
def test_wishes_are_kept_and_say_what_they_were_before():
    who = make_customer(language="en")
    facts = {"language": "pl", "channel_order": ["sms"], "best_time": "evening"}
    change = change_wishes(customer=who, pay_day=25, source=source(), now=NOW, **facts)

    assert change.changes == {
        "channel_order": [[], ["sms"]],
        "best_time": ["", "evening"],
        "pay_day": [None, 25],
        "language": ["en", "pl"],
    }
    who.refresh_from_db()
    assert (who.language, who.wish.pay_day) == ("pl", 25)


class Matrix(TestCase):
    """Whatever a customer switches, what law requires never ends in silence."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.dictionaries(st.sampled_from(SWITCH), st.booleans()),
        st.sets(st.sampled_from(sorted(REQUIRED))),
        st.sampled_from([one for one, cat in CATEGORY_OF_KIND.items() if cat]),
        st.sampled_from(["email", "sms", "letter"]),
    )
    def test_what_law_requires_is_never_off(self, wanted, to_paper, kind, channel):
        who = make_customer(address=True, mobile="+447700900123")
        turn(who, wanted, to_paper)
        if kind != "promo":
            told = reminder(
                who, kind=kind, legal="writing", dunning=False, channel=channel
            )
            found = decided(told)
            assert found.outcome in {Outcome.ALLOW, Outcome.SUBSTITUTE, Outcome.DEFER}
            if found.outcome == Outcome.SUBSTITUTE:
                assert found.use_channel in {"email", "letter"}


def test_categories_and_kinds_are_two_sides_of_one_table():
    found = [kind for one in CATEGORIES for kind in kinds_of(one)]
    assert len(found) == len(set(found))
    assert all(
        CATEGORY_OF_KIND[kind] == one
        for one, kind in product(CATEGORIES, found)
        if kind in kinds_of(one)
    )
