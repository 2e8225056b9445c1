"""P1 to P8 of the rule book, for required and for optional notices, and the order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.asking import (
    BILL,
    COPY,
    CUT_OFF,
    DEMAND,
    LETTER,
    NIGHT,
    NOON,
    PAPER_OK,
    PROMO,
    SMS,
    STOPPED,
    TWO_HOURS_AGO,
    check,
    duties,
    told,
)


@pytest.mark.parametrize("notice", [{}, BILL], ids=["optional", "required"])
@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ({"system.kill_switch": True}, "DEFER SYS_KILL_SWITCH"),
        ({"system.approved": False}, "DEFER SYS_NOT_APPROVED"),
        ({"system.sandbox": True}, "BLOCK SYS_SANDBOX"),
        ({"system.sandbox": True, "system.sandbox_allowed": True}, "ALLOW OK"),
        ({"notice.already_sent": True}, "BLOCK DUP_ALREADY_SENT"),
    ],
)
def test_the_house_comes_first(
    system: dict[str, Any], expected: str, notice: dict[str, Any]
) -> None:
    check(expected, notice, system)


@pytest.mark.parametrize("deadline", ["notice.not_after", "notice.deliver_by"])
def test_a_notice_past_its_deadline_is_dropped_or_shown_to_staff(deadline: str) -> None:
    past = {deadline: "2026-11-24T15:59:59Z"}

    check("BLOCK NOTICE_EXPIRED", past)
    check("REVIEW NOTICE_DEADLINE_MISSED", BILL, past)


@pytest.mark.parametrize("deadline", ["notice.not_after", "notice.deliver_by"])
def test_a_notice_may_still_go_at_its_deadline(deadline: str) -> None:
    check("ALLOW OK", {deadline: NOON})
    check("ALLOW OK", BILL, {deadline: NOON})


@pytest.mark.parametrize(
    ("revoked_at", "expected"),
    [
        (NOON, "ALLOW OK_STOP_CONFIRMATION"),
        ("2026-11-24T15:55:00Z", "ALLOW OK_STOP_CONFIRMATION"),
        ("2026-11-24T15:54:59Z", "BLOCK STOP_CONFIRM_WINDOW"),
        ("2026-11-24T16:00:01Z", "BLOCK STOP_CONFIRM_WINDOW"),
        (None, "BLOCK STOP_CONFIRM_WINDOW"),
    ],
)
def test_a_stop_is_confirmed_within_five_minutes(
    revoked_at: str | None, expected: str
) -> None:
    check(expected, STOPPED, {"notice.revoked_at": revoked_at})


@pytest.mark.parametrize(
    "obstacle",
    [
        {"person.status": "bankrupt", "notice.dunning": True},
        {"account.status": "closed", "account.balance_due": 0},
        {"address.sms": "missing"},
        {"category_pref.sms": "off"},
        {"history.sms": ["2026-11-24T15:00:00Z"]},
        {"person.tz": []},
        {"now": NIGHT, "notice.revoked_at": NIGHT},
    ],
    ids=lambda obstacle: next(iter(obstacle)),
)
def test_a_stop_or_help_is_answered_past_every_later_check(
    obstacle: dict[str, Any],
) -> None:
    stop = {**STOPPED, "notice.revoked_at": NOON}

    check("ALLOW OK_STOP_CONFIRMATION", stop, obstacle)
    check("ALLOW OK_HELP_REPLY", stop, {"notice.kind": "help_reply"}, obstacle)


def test_a_stop_confirmation_carries_no_marketing() -> None:
    assert duties(STOPPED, {"notice.revoked_at": NOON}) == {
        "SMS_BRAND_AND_STOP_TEXT",
        "NO_MARKETING_TEXT",
    }


@pytest.mark.parametrize("kind", ["stop_confirmation", "help_reply"])
def test_not_even_a_keyword_reply_goes_to_the_deceased(kind: str) -> None:
    dead = {"person.status": "deceased", "notice.revoked_at": NOON}

    check("BLOCK PERSON_DECEASED", STOPPED, {"notice.kind": kind}, dead)


def test_a_keyword_reply_by_e_mail_is_an_ordinary_message() -> None:
    check(
        "BLOCK SUPP_COMPLAINT",
        {"notice.kind": "help_reply", "suppression.email": "complaint"},
    )


@pytest.mark.parametrize(
    ("status", "reason", "optional"),
    [
        ("deceased", "PERSON_DECEASED", "BLOCK"),
        ("bankrupt", "PERSON_BANKRUPTCY", "BLOCK"),
        ("represented", "PERSON_REPRESENTED", "REVIEW"),
        ("cease_contact", "PERSON_CEASE_CONTACT", "BLOCK"),
    ],
)
def test_a_person_in_trouble_is_not_pressed(
    status: str, reason: str, optional: str
) -> None:
    person = {"person.status": status}

    check(f"{optional} {reason}", person)
    check(f"REVIEW {reason}", DEMAND, person)
    check(f"REVIEW {reason}", CUT_OFF, {"notice.dunning": False}, person)
    check(f"{optional} {reason}", COPY, {"notice.dunning": False}, person)


@pytest.mark.parametrize("status", ["bankrupt", "represented", "cease_contact"])
def test_a_notice_that_does_not_press_still_goes(status: str) -> None:
    check("ALLOW OK", {"person.status": status, "notice.dunning": False})
    check("ALLOW OK", BILL, {"person.status": status})


@pytest.mark.parametrize("channel", ["email", "sms", "letter", "call"])
def test_nothing_goes_to_the_deceased(channel: str) -> None:
    dead = {"person.status": "deceased", "channel": channel}

    check("BLOCK PERSON_DECEASED", dead, {"notice.dunning": False})
    check("REVIEW PERSON_DECEASED", BILL, dead)


@pytest.mark.parametrize(
    ("account", "reason", "optional"),
    [
        ({"status": "closed", "balance_due": 0}, "ACCT_CLOSED", "BLOCK"),
        ({"status": "closed", "balance_due": -5}, "ACCT_CLOSED", "BLOCK"),
        ({"balance_due": 0}, "ACCT_NOTHING_DUE", "BLOCK"),
        ({"balance_due": -1}, "ACCT_NOTHING_DUE", "BLOCK"),
        ({"dispute": "open"}, "ACCT_DISPUTE_HOLD", "DEFER"),
        ({"payment_plan": True}, "ACCT_PAYMENT_PLAN", "BLOCK"),
    ],
)
def test_a_reason_to_wait_stops_what_presses(
    account: dict[str, Any], reason: str, optional: str
) -> None:
    hold = {f"account.{key}": value for key, value in account.items()}

    check(f"{optional} {reason}", hold)
    check(f"REVIEW {reason}", DEMAND, hold)
    check("ALLOW OK", BILL, hold)


def test_a_moratorium_stops_adverse_notices_only() -> None:
    winter = {"account.moratorium": True}

    check("REVIEW ACCT_MORATORIUM", CUT_OFF, LETTER, winter)
    check("BLOCK ACCT_MORATORIUM", COPY, winter)
    check("ALLOW OK", winter)
    check("ALLOW OK", DEMAND, winter)


def test_a_closed_account_with_nothing_owed_gets_its_final_bill_and_no_more() -> None:
    closed = {"account.status": "closed", "account.balance_due": 0}

    check("ALLOW OK", BILL, {"notice.kind": "final_bill"}, closed)
    check("BLOCK ACCT_CLOSED", {"notice.dunning": False}, closed)
    check("ALLOW OK", {"account.status": "closed"})


@pytest.mark.parametrize("channel", ["email", "sms", "call"])
def test_a_paper_only_notice_goes_by_letter(channel: str) -> None:
    by = {"channel": channel}

    check("SUBSTITUTE LEGAL_PAPER_ONLY -> letter", CUT_OFF, by)
    check("ALLOW OK_COURTESY", COPY, by)
    check(
        "REVIEW SOLE_CHANNEL_LOST for LEGAL_PAPER_ONLY",
        CUT_OFF,
        by,
        {"address.letter": "missing"},
    )


@pytest.mark.parametrize("channel", ["sms", "call"])
@pytest.mark.parametrize(
    "no_email",
    [
        {"address.email": "missing"},
        {"suppression.email": "unsub_all"},
        {"e_consent": "stale"},
        {"category_pref.email": "off"},
    ],
    ids=lambda no_email: next(iter(no_email)),
)
def test_a_writing_never_goes_by_text_or_telephone(
    channel: str, no_email: dict[str, Any]
) -> None:
    by = {"channel": channel}

    check("SUBSTITUTE CHANNEL_NOT_SUFFICIENT -> email", BILL, by)
    check("SUBSTITUTE CHANNEL_NOT_SUFFICIENT -> letter", BILL, by, no_email)
    check(
        "REVIEW SOLE_CHANNEL_LOST for CHANNEL_NOT_SUFFICIENT",
        BILL,
        by,
        no_email,
        {"address.letter": "malformed"},
    )


def test_a_text_is_not_moved_to_an_e_mail_that_would_come_too_late() -> None:
    too_late = {
        "now": NIGHT,
        "policy.email_quiet": True,
        "notice.deliver_by": "2026-11-24T12:00:00Z",
    }

    check("SUBSTITUTE CHANNEL_NOT_SUFFICIENT -> letter", BILL, SMS, too_late)


@pytest.mark.parametrize("condition", ["missing", "malformed", "returned"])
def test_a_bad_postal_address_moves_a_writing_to_e_mail(condition: str) -> None:
    nowhere = {**LETTER, "address.letter": condition}

    check("SUBSTITUTE ADDR_POSTAL_BAD -> email", BILL, nowhere)
    check("SUBSTITUTE ADDR_POSTAL_BAD -> email", BILL, nowhere, {"paper_pref": "paper"})
    check(
        "REVIEW SOLE_CHANNEL_LOST for ADDR_POSTAL_BAD",
        BILL,
        nowhere,
        {"e_consent": "withdrawn"},
    )
    check("REVIEW SOLE_CHANNEL_LOST for ADDR_POSTAL_BAD", CUT_OFF, nowhere)
    check("BLOCK ADDR_POSTAL_BAD", nowhere, PAPER_OK)


def test_a_paperless_customer_gets_the_writing_by_e_mail() -> None:
    check("SUBSTITUTE PREF_PAPERLESS -> email", BILL, LETTER)
    check("ALLOW OK_FALLBACK", BILL, LETTER, {"notice.fallback": True})
    check("ALLOW OK", CUT_OFF, LETTER)


@pytest.mark.parametrize(
    "reason_for_paper",
    [
        {"paper_pref": "paper"},
        {"paper_pref": "both"},
        {"e_consent": "expired"},
        {"address.email": "unverified"},
        {"suppression.email": "hard_bounce"},
        {"category_pref.email": "off"},
        {"person.type": "business"},
        {"policy.email_quiet": True, "person.tz": []},
    ],
    ids=lambda reason_for_paper: next(iter(reason_for_paper)),
)
def test_a_letter_stays_a_letter_without_a_valid_electronic_path(
    reason_for_paper: dict[str, Any],
) -> None:
    check("ALLOW OK", BILL, LETTER, reason_for_paper)


def test_an_optional_letter_has_to_be_wanted_and_worth_its_cost() -> None:
    off = {"category_pref.letter": "off"}

    check("BLOCK POLICY_NO_OPTIONAL_PAPER", LETTER)
    check("BLOCK PREF_CATEGORY_OFF", LETTER, off)
    check("BLOCK PREF_CATEGORY_OFF", LETTER, PAPER_OK, off)
    check("ALLOW OK", LETTER, PAPER_OK)
    check("ALLOW OK_COURTESY", COPY, LETTER, PAPER_OK)
    check("ALLOW OK", BILL, LETTER, off, {"paper_pref": "both"})


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"system.kill_switch": True, "channel": "fax"}, "REVIEW INPUT_INVALID"),
        (
            {"system.sandbox": True, "notice.already_sent": True},
            "BLOCK SYS_SANDBOX",
        ),
        (
            {"notice.already_sent": True, "notice.not_after": NIGHT},
            "BLOCK DUP_ALREADY_SENT",
        ),
        (
            {"notice.not_after": NIGHT, "person.status": "deceased"},
            "BLOCK NOTICE_EXPIRED",
        ),
        (
            {"person.status": "represented", "account.balance_due": 0},
            "REVIEW PERSON_REPRESENTED",
        ),
        (
            {**CUT_OFF, "account.dispute": "open"},
            "REVIEW ACCT_DISPUTE_HOLD",
        ),
        (
            {"address.email": "malformed", "suppression.email": "invalid"},
            "BLOCK ADDR_MALFORMED",
        ),
        (
            {"suppression.email": "complaint", "category_pref.email": "off"},
            "BLOCK SUPP_COMPLAINT",
        ),
        (
            {**PROMO, **SMS, "sms_permission": "none", "category_pref.sms": "off"},
            "BLOCK CONSENT_SMS_NONE",
        ),
        (
            {**SMS, "sms_permission": "revoked", "history.sms": [TWO_HOURS_AGO]},
            "BLOCK CONSENT_SMS_REVOKED",
        ),
    ],
)
def test_the_first_row_that_answers_wins(
    overrides: dict[str, Any], expected: str
) -> None:
    assert told(overrides).startswith(expected)
