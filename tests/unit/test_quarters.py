"""Quarters of a year, and the last that is over."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from campaigns.quarters import last_quarter, quarter_of

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))


@given(DAYS)
def test_a_day_is_in_its_quarter_and_the_last_one_ends_before_it(day):
    mine, last = quarter_of(day), last_quarter(day)
    assert mine.begins_on <= day < mine.ends_before
    assert last.ends_before == mine.begins_on
    assert mine.begins_on.day == 1
    assert mine.begins_on.month in {1, 4, 7, 10}
    assert 90 <= (mine.ends_before - mine.begins_on).days <= 92


def test_a_quarter_names_its_months_and_its_year():
    assert str(last_quarter(dt.date(2026, 1, 1))) == "October to December 2025"
    assert str(quarter_of(dt.date(2026, 2, 28))) == "January to March 2026"
