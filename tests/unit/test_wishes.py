"""What follows from a customer's switches, order of channels, hour and pay-day."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.categories import BY_CHOICE, CATEGORIES, CATEGORY_OF_KIND, REQUIRED
from consent.facts import Kind
from consent.wishes import (
    ORDERED,
    SWITCHES,
    code_of,
    in_order,
    is_on,
    next_pay_day,
    not_before,
    preferred,
    why_by,
)

CHANNELS = st.lists(st.sampled_from(ORDERED), unique=True)
OPENING = dt.datetime(2026, 3, 10, 8, 0, tzinfo=dt.UTC)


def test_every_kind_of_notice_has_its_category_or_none():
    assert set(CATEGORY_OF_KIND) == set(get_args(Kind))
    assert {one for one in CATEGORY_OF_KIND.values() if one} == set(CATEGORIES)


def test_what_law_requires_has_no_switch():
    assert not REQUIRED & SWITCHES.keys()
    assert set(CATEGORIES) == REQUIRED | SWITCHES.keys()


@pytest.mark.parametrize("category", SWITCHES)
def test_only_what_comes_by_choice_is_off_untouched(category):
    assert is_on((), category, "email") == (category not in BY_CHOICE)
    turned = {code_of(category, "email")}
    assert is_on(turned, category, "email") == (category in BY_CHOICE)


@given(CHANNELS, CHANNELS)
def test_an_order_brings_no_channel_and_loses_none(channels, wished):
    found = in_order(channels, wished)
    assert sorted(found) == sorted(channels)
    named = [one for one in wished if one in channels]
    assert list(found[: len(named)]) == named
    rest = [one for one in channels if one not in wished]
    assert list(found[len(named) :]) == rest


def test_a_message_waits_for_the_hour_in_the_customers_own_zone():
    wished = not_before("evening", OPENING, "America/New_York", dt.time(20))
    assert wished == dt.datetime(2026, 3, 10, 21, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("part", "zone", "closes"),
    [
        ("", "Europe/London", dt.time(20)),
        ("morning", "Europe/London", dt.time(20)),  # it has begun
        ("evening", "", dt.time(20)),  # nobody knows the hour there
        ("evening", "Europe/London", dt.time(17)),  # nothing goes any more by then
    ],
)
def test_without_such_an_hour_left_it_goes_as_it_would(part, zone, closes):
    assert not_before(part, OPENING, zone, closes) == OPENING


@given(st.integers(1, 31), st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_a_pay_day_is_today_or_within_a_month(day, today):
    found = next_pay_day(day, today)
    assert today <= found <= today + dt.timedelta(days=31)
    assert found.day == day or (found + dt.timedelta(days=1)).day == 1


@given(CHANNELS, st.sampled_from(["", *ORDERED]))
def test_a_stated_wish_stands_before_what_was_answered(wished, answered):
    found = preferred(wished, answered or None)
    assert list(found[: len(wished)]) == wished
    assert set(found) == {*wished, *filter(None, [answered])}
    assert len(set(found)) == len(found)


def test_the_reason_of_a_channel_is_the_first_that_holds():
    assert why_by("sms", ["sms"], "sms") == "wish"
    assert why_by("email", ["sms"], "email") == "answer"
    assert why_by("letter", ["sms"], "email") == "order"
    assert why_by("letter", [], None) == "order"
