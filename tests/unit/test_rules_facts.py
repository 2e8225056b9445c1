"""P0 of the rule book: facts that make no sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from consent.rules import Request, decide
from tests.unit.asking import NOON, PROMO, ask, check


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("channel", "fax"),
        ("channel", []),
        ("sender_role", "cousin"),
        ("notice.kind", "poem"),
        ("notice.legal", None),
        ("notice.dunning", "yes"),
        ("notice.not_after", "2026-11-25T03:00:00"),
        ("notice.deliver_by", 17),
        ("person.type", "cat"),
        ("person.status", "asleep"),
        ("person.tz", "America/New_York"),
        ("person.tz", ["Mars/Olympus"]),
        ("account.balance_due", 42.0),
        ("account.balance_due", True),
        ("account.dispute", "maybe"),
        ("address.email", "landline"),
        ("address.sms", "returned"),
        ("address.letter", "unverified"),
        ("address.call", "landline"),
        ("suppression.sms", "angry"),
        ("e_consent", "perhaps"),
        ("sms_permission", "granted"),
        ("category_pref.call", "loud"),
        ("paper_pref", "stone"),
        ("history.sms", ["yesterday"]),
        ("history.dunning", "2026-11-24T13:00:00Z"),
        ("policy.quiet.start", "8"),
        ("policy.quiet.end", "20:60"),
        ("policy.caps.sms_24h", 0),
        ("policy.caps.dunning_7d", "3"),
        ("policy.caps.monthly", 3),
        ("suppression.letter", "none"),
        ("weather", "fine"),
        ("now", None),
        ("now", "9999-12-31T23:59:59Z"),
        ("now", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_fact_that_makes_no_sense_goes_to_staff_by_name(
    path: str, value: object
) -> None:
    decision = decide(ask({path: value}))

    assert (decision.outcome, decision.reason) == ("REVIEW", "INPUT_INVALID")
    assert decision.cause == path


@pytest.mark.parametrize("section", ["system", "notice", "policy", "person"])
def test_a_section_that_is_none_goes_to_staff_by_name(section: str) -> None:
    given = {"now": NOON, section: None}

    assert decide(Request.from_dict(given)).cause == section


def test_a_request_that_is_no_mapping_goes_to_staff() -> None:
    decision = decide(Request.from_dict(["email"]))  # type: ignore[arg-type]

    assert decision.cause == "request"


def test_a_window_that_closes_before_it_opens_goes_to_staff() -> None:
    overnight = {"policy.quiet.start": "20:00", "policy.quiet.end": "08:00"}

    check("REVIEW INPUT_INVALID for policy.quiet", overnight)


def test_advertising_cannot_be_required_by_law() -> None:
    check("REVIEW INPUT_INVALID for notice.legal", PROMO, {"notice.legal": "writing"})


def test_an_adverse_notice_has_a_legal_form() -> None:
    check("REVIEW INPUT_INVALID for notice.legal", {"notice.adverse": True})


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_time_that_is_not_utc_goes_to_staff(zone: timezone | None) -> None:
    request = replace(ask(), now=datetime(2026, 11, 24, 16, tzinfo=zone))

    assert decide(request).cause == "now"


def test_an_empty_request_lets_nothing_out() -> None:
    assert decide(Request.from_dict({"now": NOON})).reason == "ACCT_NOTHING_DUE"
