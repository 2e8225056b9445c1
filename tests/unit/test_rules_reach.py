"""P9 to P12 and P15 of the rule book: who can be reached, and what they are owed."""

from __future__ import annotations

from typing import Any

import pytest

from consent.rules import decide
from tests.unit.asking import (
    BILL,
    CALL,
    COLLECTOR,
    COPY,
    CUT_OFF,
    DEMAND,
    LETTER,
    MORNING,
    NIGHT,
    PAPER_OK,
    PROMO,
    SMS,
    TWO_HOURS_AGO,
    ask,
    check,
    duties,
)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("missing", "ADDR_MISSING"),
        ("malformed", "ADDR_MALFORMED"),
        ("unverified", "ADDR_UNVERIFIED"),
    ],
)
def test_a_bad_e_mail_address_sends_a_bill_to_paper(
    condition: str, reason: str
) -> None:
    bad = {"address.email": condition}

    check(f"BLOCK {reason}", bad)
    check(f"SUBSTITUTE {reason} -> letter", BILL, bad)
    check(
        f"REVIEW SOLE_CHANNEL_LOST for {reason}",
        BILL,
        bad,
        {"address.letter": "returned"},
    )
    assert duties(BILL, bad) == {"REVERT_TO_PAPER", "OPEN_CONTACT_TASK"}


@pytest.mark.parametrize("condition", ["missing", "malformed", "landline"])
def test_a_text_needs_a_mobile_number(condition: str) -> None:
    check(f"BLOCK ADDR_{condition.upper()}", SMS, {"address.sms": condition})


@pytest.mark.parametrize(
    "suppression",
    [
        "hard_bounce",
        "soft_limit",
        "complaint",
        "unsub_all",
        "stop",
        "invalid",
        "manual",
    ],
)
def test_a_suppressed_address_gets_nothing_and_its_owner_paper(
    suppression: str,
) -> None:
    reason = f"SUPP_{suppression.upper()}"
    gone = {"suppression.email": suppression}

    check(f"BLOCK {reason}", gone)
    check(f"BLOCK {reason}", COPY, gone)
    check(f"BLOCK {reason}", SMS, {"suppression.sms": suppression})
    check(f"SUBSTITUTE {reason} -> letter", BILL, gone)
    assert duties(BILL, gone) == {"REVERT_TO_PAPER", "OPEN_CONTACT_TASK"}
    assert duties(BILL, gone, {"e_consent": "none"}) == set()


def test_a_suppression_stays_on_its_channel() -> None:
    check("ALLOW OK", {"suppression.sms": "stop", "sms_permission": "revoked"})
    check("ALLOW OK", SMS, {"suppression.email": "complaint"})


@pytest.mark.parametrize(
    "state",
    [
        "none",
        "pending",
        "unproven",
        "stale",
        "expired",
        "withdrawn",
        "wrong_scope",
        "address_changed",
    ],
)
def test_a_writing_by_e_mail_needs_proven_consent(state: str) -> None:
    reason = f"CONSENT_{state.upper()}"
    unproven = {"e_consent": state}

    check(f"SUBSTITUTE {reason} -> letter", BILL, unproven)
    check(f"BLOCK {reason}", BILL, {"notice.courtesy": True}, unproven)
    check("ALLOW OK", unproven)
    check("ALLOW OK_COURTESY", COPY, unproven)
    assert duties(BILL, unproven) == set()


def test_a_business_needs_its_election_and_nothing_else_will_do() -> None:
    firm = {"person.type": "business"}
    elected = {"b2b_e_election": True, "e_consent": "none"}

    check("SUBSTITUTE CONSENT_B2B_NO_ELECTION -> letter", BILL, firm)
    check("ALLOW OK", BILL, firm, elected)
    check("SUBSTITUTE CONSENT_NONE -> letter", BILL, elected)
    assert "REVERT_TO_PAPER" in duties(
        BILL, firm, elected, {"suppression.email": "invalid"}
    )


@pytest.mark.parametrize(
    ("permission", "number_ok", "expected"),
    [
        ("express", False, "ALLOW OK"),
        ("express_written", False, "ALLOW OK"),
        ("number_provided", True, "ALLOW OK"),
        ("number_provided", False, "BLOCK CONSENT_SMS_NONE"),
        ("none", True, "BLOCK CONSENT_SMS_NONE"),
        ("revoked", True, "BLOCK CONSENT_SMS_REVOKED"),
    ],
)
def test_a_text_needs_a_permission(
    permission: str, number_ok: bool, expected: str
) -> None:
    policy = {"policy.sms_number_provided_ok": number_ok}

    check(expected, SMS, {"sms_permission": permission}, policy)


@pytest.mark.parametrize("channel", ["email", "sms", "letter", "call"])
def test_advertising_needs_leave_on_every_channel(channel: str) -> None:
    by = {"channel": channel, "sms_permission": "express_written", **PAPER_OK}

    check("BLOCK CONSENT_PROMO", PROMO, by)
    check("ALLOW OK", PROMO, by, {"promo_permission": True})


def test_advertising_by_text_needs_leave_in_writing() -> None:
    check("BLOCK CONSENT_PROMO", PROMO, SMS, {"promo_permission": True})


@pytest.mark.parametrize("channel", ["email", "sms", "call"])
def test_a_category_switched_off_stays_off(channel: str) -> None:
    off = {"channel": channel, f"category_pref.{channel}": "off"}

    check("BLOCK PREF_CATEGORY_OFF", off)
    check("BLOCK PREF_CATEGORY_OFF", off, {"notice.kind": "safety_alert"})


def test_a_required_bill_switched_off_by_e_mail_is_printed() -> None:
    check(
        "SUBSTITUTE PREF_CATEGORY_OFF -> letter", BILL, {"category_pref.email": "off"}
    )


def test_an_opt_in_request_may_use_an_unverified_address() -> None:
    opt_in = {"notice.kind": "opt_in_request", "notice.dunning": False}

    check("ALLOW OK", opt_in, {"address.email": "unverified"})
    check("BLOCK PREF_CATEGORY_OFF", opt_in, {"category_pref.email": "off"})
    check("ALLOW OK", opt_in, SMS, {"category_pref.sms": "off"})
    check("BLOCK SUPP_STOP", opt_in, SMS, {"suppression.sms": "stop"})


def test_a_call_needs_a_number_and_no_permission_to_text() -> None:
    stopped = {"sms_permission": "revoked", "suppression.sms": "stop"}
    texts = {"history.sms": [TWO_HOURS_AGO] * 3}

    check("ALLOW OK", CALL, stopped, texts)
    check("BLOCK ADDR_MISSING", CALL, {"address.call": "missing"})
    check("BLOCK PERSON_BANKRUPTCY", CALL, {"person.status": "bankrupt"})
    check("BLOCK ACCT_PAYMENT_PLAN", CALL, {"account.payment_plan": True})


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, {"LIST_UNSUB_ONE_CLICK"}),
        (BILL, {"ARCHIVE_DOCUMENT_HASH", "PAPER_COPY_AND_WITHDRAW_LINK"}),
        (SMS, {"SMS_BRAND_AND_STOP_TEXT"}),
        (CALL, set()),
        ({**CUT_OFF, **LETTER}, {"PROOF_OF_MAILING"}),
        ({**BILL, **LETTER, "paper_pref": "paper"}, set()),
        (COPY, {"LIST_UNSUB_ONE_CLICK", "MARK_AS_COURTESY_COPY"}),
        ({**COPY, **SMS}, {"SMS_BRAND_AND_STOP_TEXT", "MARK_AS_COURTESY_COPY"}),
        (COLLECTOR, {"LIST_UNSUB_ONE_CLICK", "REG_F_OPT_OUT_TEXT"}),
        (
            {**COLLECTOR, **SMS},
            {"SMS_BRAND_AND_STOP_TEXT", "REG_F_OPT_OUT_TEXT"},
        ),
        (
            {**COLLECTOR, **DEMAND},
            {
                "ARCHIVE_DOCUMENT_HASH",
                "PAPER_COPY_AND_WITHDRAW_LINK",
                "REG_F_OPT_OUT_TEXT",
            },
        ),
        ({**COLLECTOR, **CUT_OFF, **LETTER}, {"PROOF_OF_MAILING"}),
        ({**COLLECTOR, **BILL, "channel": "letter", "paper_pref": "paper"}, set()),
        ({**COLLECTOR, "notice.dunning": False}, {"LIST_UNSUB_ONE_CLICK"}),
    ],
)
def test_an_allowed_notice_owes_its_reader_what_the_rule_book_says(
    overrides: dict[str, Any], expected: set[str]
) -> None:
    decision = decide(ask(overrides))

    assert decision.outcome == "ALLOW"
    assert set(decision.obligations) == expected


def test_a_fallback_is_named_for_required_notices_only() -> None:
    fallback = {"notice.fallback": True}

    check("ALLOW OK_FALLBACK", BILL, fallback)
    check("ALLOW OK", fallback)
    check("ALLOW OK_COURTESY", COPY, fallback)


def test_a_decision_is_told_in_plain_values() -> None:
    found = decide(ask(SMS, {"now": NIGHT})).as_dict()

    assert found == {
        "outcome": "DEFER",
        "reason": "QUIET_HOURS",
        "cause": None,
        "not_before": MORNING,
        "use_channel": None,
        "provider_ttl_s": None,
        "obligations": [],
    }
    assert {type(found["outcome"]), type(found["reason"])} == {str}
