"""What law says where the customer lives, asked at the last moment before a message."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from consent.actions import record_consent, suppress
from customers.models import Customer
from notices import dispatch
from notices.gate import verdicts
from notices.models import Notice, Stream
from notices.people import lock_people
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_address,
    make_consent,
    make_customer,
    make_notice,
    make_stream,
    number,
)
from tests.law import enact, enact_beside, raw_rule

pytestmark = pytest.mark.django_db

# NOW is 10:00 in London and 6:00 in New York; this is 10:00 in New York.
AFTERNOON = NOW + dt.timedelta(hours=4)


@pytest.fixture
def stream() -> Stream:
    """Return a running stream whose own policy has neither caps nor quiet hours."""
    return make_stream()


def customer(country: str = "US", **more: Any) -> Customer:
    zones = {"US": "America/New_York", "DE": "Europe/Berlin"}
    facts = {"time_zone": zones.get(country, ""), "mobile": f"+4477009{number():05}"}
    one = make_customer(country=country, **facts | more)
    make_consent(one, subject="sms")
    return one


def told(notice: Notice, at: dt.datetime = NOW) -> str:
    """Return what the gate says of a notice at a moment: outcome and reason."""
    people = lock_people([notice.customer_id])
    [verdict] = verdicts([notice], people, at)
    decision = verdict.decision
    return f"{decision.outcome} {decision.reason}"


def bill(one: Customer, stream: Stream, **more: Any) -> Notice:
    facts = {"kind": "bill", "legal": "writing", "dunning": False} | more
    return make_notice(one, stream=stream, **facts)


def text(one: Customer, stream: Stream, **more: Any) -> Notice:
    facts = {"kind": "change_notice", "dunning": False, "channel": "sms"} | more
    return make_notice(one, stream=stream, **facts)


# Hours and caps


def test_a_text_keeps_the_hours_of_the_law_where_the_customer_lives(
    stream: Stream,
) -> None:
    to_america, to_germany = text(customer("US"), stream), text(customer("DE"), stream)
    at_eight = dt.datetime(2026, 3, 10, 15, 0, tzinfo=dt.UTC)

    assert told(to_america) == "DEFER QUIET_HOURS"
    assert told(to_america, at_eight) == "ALLOW OK"
    assert told(to_germany) == "ALLOW OK"


def test_the_cap_of_a_state_is_told_from_the_zip_code(stream: Stream) -> None:
    boston = customer(time_zone="America/New_York")
    make_address(boston, country="US", postcode="02139")
    for day in (1, 3):
        gone = NOW - dt.timedelta(days=day)
        text(boston, stream, state=State.SENT, sent_at=gone)

    assert told(text(boston, stream), AFTERNOON) == "DEFER CAP_SMS_7D"


def test_another_state_has_no_such_cap(stream: Stream) -> None:
    austin = customer(time_zone="America/New_York", region="TX")
    for day in (1, 3):
        gone = NOW - dt.timedelta(days=day)
        text(austin, stream, state=State.SENT, sent_at=gone)

    assert told(text(austin, stream), AFTERNOON) == "ALLOW OK"


def test_a_rule_counts_from_the_customers_own_day_on(stream: Stream) -> None:
    enact("DE", raw_rule("hours", "13:00-20:00"), effective_from=TODAY)
    yesterday = dt.datetime(2026, 3, 9, 11, 0, tzinfo=dt.UTC)
    before, after = customer("DE"), customer("DE")

    assert told(text(before, stream), yesterday) == "ALLOW OK"
    assert told(text(after, stream)) == "DEFER QUIET_HOURS"


def test_the_customers_day_is_not_the_firms(stream: Stream) -> None:
    enact("NZ", raw_rule("hours", "13:00-20:00"), effective_from=TODAY)
    # In London it is still Monday; in Auckland Tuesday, noon.
    monday = dt.datetime(2026, 3, 9, 23, 0, tzinfo=dt.UTC)
    kiwi = customer("NZ", time_zone="Pacific/Auckland")

    assert told(text(kiwi, stream), monday) == "DEFER QUIET_HOURS"


# On paper, by contract, by consent


@pytest.mark.parametrize("legal", ["none", "writing"])
def test_the_end_of_a_service_is_never_told_by_mail_in_america(
    stream: Stream, legal: str
) -> None:
    one = customer("US", address=True)
    record_consent(
        customer=one, subject="e_delivery", state="granted", method="agent",
        effective_on=TODAY,
    )  # fmt: skip
    notice = bill(one, stream, kind="termination", legal=legal)

    assert told(notice) == "SUBSTITUTE LEGAL_PAPER_ONLY"


def test_where_the_contract_is_enough_a_bill_goes_without_consent(
    stream: Stream,
) -> None:
    german = customer("DE", e_delivery=False)
    american = customer("US", e_delivery=False, address=True)

    assert told(bill(german, stream)) == "ALLOW OK"
    assert told(bill(american, stream)) == "SUBSTITUTE CONSENT_NONE"


def test_a_firm_that_said_yes_fares_no_worse_than_one_never_asked(
    stream: Stream,
) -> None:
    asked, unasked = (
        customer("DE", kind="business", e_delivery=False, address=True)
        for _ in range(2)
    )
    record_consent(
        customer=asked, subject="e_delivery", state="granted", method="agent",
        effective_on=TODAY,
    )  # fmt: skip

    assert told(bill(unasked, stream)) == "ALLOW OK"
    assert told(bill(asked, stream)) == "ALLOW OK"


def test_an_imported_note_is_enough_in_germany_and_not_in_america(
    stream: Stream,
) -> None:
    german = customer("DE", e_delivery=False)
    american = customer("US", e_delivery=False, address=True)
    for one in (german, american):
        make_consent(one, state="unproven")

    assert told(bill(german, stream)) == "ALLOW OK"
    assert told(bill(american, stream)) == "SUBSTITUTE CONSENT_UNPROVEN"


def test_who_withdrew_gets_paper_whatever_the_contract_says(stream: Stream) -> None:
    german = customer("DE", e_delivery=False, address=True)
    make_consent(german, state="withdrawn", on=TODAY)

    assert told(bill(german, stream)) == "SUBSTITUTE CONSENT_WITHDRAWN"


def test_a_contract_does_not_help_where_the_address_bounced(stream: Stream) -> None:
    german = customer("DE", e_delivery=False, email="gone@example.com", address=True)
    suppress(
        channel="email", address="gone@example.com", reason="hard_bounce",
        source="test", now=NOW,
    )  # fmt: skip

    assert told(bill(german, stream)) == "SUBSTITUTE SUPP_HARD_BOUNCE"


def test_a_reminder_needs_consent_to_mail_in_germany_too(stream: Stream) -> None:
    german = customer("DE", e_delivery=False)
    notice = make_notice(german, stream=stream, kind="change_notice", dunning=False)

    assert told(notice) == "BLOCK PREF_CATEGORY_OFF"


@pytest.mark.parametrize(
    ("basis", "becomes"),
    [
        ("contract", "ALLOW OK"),
        ("", "SUBSTITUTE CONSENT_B2B_NO_ELECTION"),
    ],
)
def test_an_american_firm_agrees_by_a_clause_of_its_contract(
    stream: Stream, basis: str, becomes: str
) -> None:
    firm = customer("US", kind="business", e_delivery=False, address=True)
    record_consent(
        customer=firm, subject="e_delivery", state="granted", method="agent",
        effective_on=TODAY, basis=basis,
    )  # fmt: skip

    assert told(bill(firm, stream)) == becomes


def test_where_nobody_knows_where_they_live_the_strictest_counts(
    stream: Stream,
) -> None:
    stranger = customer("", e_delivery=False)

    assert told(bill(stranger, stream)) == "REVIEW SOLE_CHANNEL_LOST"


def test_hours_that_never_meet_are_for_staff(stream: Stream) -> None:
    stream.policy.quiet_start, stream.policy.quiet_end = dt.time(8), dt.time(9)
    stream.policy.save()
    enact_beside("DE", raw_rule("hours", "10:00-20:00"))

    assert told(text(customer("DE"), stream)) == "REVIEW INPUT_INVALID"


# What it costs


def test_a_group_of_many_places_asks_for_the_rules_once(
    stream: Stream, django_assert_max_num_queries: Any
) -> None:
    for country in ("US", "DE", "FR", "GB", "PL") * 3:
        bill(customer(country), stream)

    with django_assert_max_num_queries(46 + 15 + 1):
        dispatch.drain(stream_id=stream.pk, channel="email", clock=lambda: NOW)
