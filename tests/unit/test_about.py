"""The facts a notice has of its own: read back as they were written, or refused."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.about import AboutError, read_about, write_about
from notices.fields import Account, Percent, Subject

CHANGE = {
    "change.old": "1 High Street",
    "change.new": "9 Canal Road",
    "change.effective_on": "2026-07-01",
    "change.first_bill_on": "2026-07-01",
    "change.reason": "We move.",
    "change.who": "everybody",
}
anything = st.one_of(
    st.text(min_size=1),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.dates(),
    st.integers(min_value=0),
    st.text(min_size=1).map(Account),
    st.integers(min_value=0, max_value=100).map(Percent),
)


@given(anything)
def test_what_changed_comes_back_as_what_it_was(value):
    written = json.loads(json.dumps(write_about({"change.old": value})))

    back = read_about(CHANGE | written, [Subject.CHANGE])["change.old"]

    assert (type(back), back) == (type(value), value)


def test_what_is_not_given_and_may_be_empty_is_empty():
    values = read_about(CHANGE, [Subject.CHANGE])

    assert values["change.to_do"] == ""
    assert values["change.costs_more"] is False


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ({"change.reason": None}, "change.reason"),
        ({"change.effective_on": "1 July"}, "change.effective_on"),
        ({"change.effective_on": 7}, "change.effective_on"),
        ({"change.old": {"money": "a lot"}}, "change.old"),
        ({"change.old": {"money": "NaN"}}, "change.old"),
        ({"change.old": {"colour": "red"}}, "change.old"),
        ({"change.old": 12.5}, "change.old"),
        ({"change.costs_more": "yes"}, "change.costs_more"),
        ({"change.colour": "red"}, "change.colour"),
        ({"promise.amount": "12.50"}, "promise.amount"),
    ],
)
def test_a_fact_that_is_missing_or_of_the_wrong_kind_is_named(about, named):
    with pytest.raises(AboutError) as refusal:
        read_about(CHANGE | about, [Subject.CHANGE])

    assert refusal.value.field == named


def test_a_plan_has_parts_with_days_and_sums():
    plan = {
        "plan.total": "300.00",
        "plan.count": 2,
        "plan.first_on": "2026-07-01",
        "plan.last_on": "2026-08-01",
        "instalments": [
            {"due_on": "2026-07-01", "amount": "150.00"},
            {"due_on": "2026-08-01", "amount": "150.00"},
        ],
    }

    parts = read_about(plan, [Subject.PLAN])["instalments"]

    assert parts[1] == {
        "number": 2,
        "due_on": dt.date(2026, 8, 1),
        "amount": Decimal("150.00"),
    }
    with pytest.raises(AboutError, match="parts of the plan are missing"):
        read_about(plan | {"instalments": []}, [Subject.PLAN])
    with pytest.raises(AboutError, match="part 1, amount"):
        read_about(plan | {"instalments": [{"due_on": "2026-07-01"}]}, [Subject.PLAN])


def test_a_visit_ends_after_it_begins_and_both_have_a_zone():
    visit = {
        "visit.what": "Meter exchange",
        "visit.starts_at": "2026-06-18T13:00+01:00",
        "visit.ends_at": "2026-06-18T15:00+01:00",
        "visit.place": "12 Mill Lane",
        "visit.rebook_by": "2026-06-16",
    }

    assert read_about(visit, [Subject.VISIT])["visit.starts_at"].hour == 13
    with pytest.raises(AboutError, match="after the beginning"):
        read_about(visit | {"visit.ends_at": visit["visit.starts_at"]}, [Subject.VISIT])
    with pytest.raises(AboutError, match="with its zone"):
        read_about(visit | {"visit.starts_at": "2026-06-18T13:00"}, [Subject.VISIT])
