"""Facts that do not add up are refused, and dates are real dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.render import RenderError, compile_version, render
from notices.render.deadlines import deadlines
from tests.notices.writing import (
    STARTERS,
    TODAY,
    make_facts,
    make_invoice_facts,
    written,
)

LATE = TODAY - dt.timedelta(days=20)


def refusal(facts):
    with pytest.raises(RenderError, match="C-10442") as error:
        written("Hello.", facts)
    return error.value.code


def test_nothing_is_said_to_somebody_who_owes_nothing():
    facts = replace(make_facts(), invoices=(), total=Decimal(0))

    assert refusal(facts) == "nothing_owed"


def test_two_currencies_are_never_added_up():
    euros = make_invoice_facts(2, currency="EUR")

    assert refusal(make_facts("email", make_invoice_facts(), euros)) == "two_currencies"


def test_a_total_that_is_not_the_sum_is_refused():
    assert refusal(replace(make_facts(), total=Decimal("1.00"))) == "sum_wrong"


def test_a_text_of_another_channel_is_refused():
    compiled = compile_version(STARTERS["final", "sms", "en"])

    with pytest.raises(RenderError, match="one for sms, not for email"):
        render(compiled, make_facts())


def test_before_the_due_date_that_date_is_the_one_to_pay_by():
    due = TODAY + dt.timedelta(days=8)  # a Saturday, and it stays one

    found = deadlines([due], TODAY, by_post=False, country="GB")

    assert found.pay_by == due


def test_a_letter_gives_more_days_than_a_mail():
    mail = deadlines([LATE], TODAY, by_post=False, country="GB")
    letter = deadlines([LATE], TODAY, by_post=True, country="GB")

    assert mail.pay_by == dt.date(2026, 6, 10)
    assert letter.pay_by == dt.date(2026, 6, 15)  # the 13th is a Saturday


def test_no_date_falls_on_a_public_holiday():
    before_christmas = dt.date(2026, 12, 20)

    found = deadlines([LATE], before_christmas, by_post=False, country="GB")

    assert found.pay_by == dt.date(2026, 12, 29)  # the 28th is a holiday


@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31)),
    st.lists(st.integers(-60, 60), min_size=1),
    st.booleans(),
    st.sampled_from(["GB", "DE", "PL", "US", "XX"]),
    st.none() | st.integers(-30, 60),
)
def test_dates_are_in_order_and_never_in_the_past(
    today, offsets, by_post, country, granted
):
    due = [today + dt.timedelta(days=offset) for offset in offsets]
    until = None if granted is None else today + dt.timedelta(days=granted)

    found = deadlines(due, today, by_post=by_post, country=country, given=until)

    assert today <= found.reply_by <= found.pay_by <= found.last_day
    assert min(due) >= today or until is None or found.pay_by >= until
