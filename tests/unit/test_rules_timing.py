"""P13 and P14 of the rule book: caps and quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from consent.quiet_hours import Quiet
from consent.rules import decide
from tests.unit.asking import (
    BILL,
    CALL,
    COLLECTOR,
    CUT_OFF,
    DEMAND,
    LETTER,
    MORNING,
    NIGHT,
    NOON,
    PAPER_OK,
    SMS,
    TWO_HOURS_AGO,
    ask,
    check,
)

THREE_DEMANDS = {
    "history.dunning": [
        "2026-11-19T15:00:00Z",
        "2026-11-21T15:00:00Z",
        "2026-11-23T15:00:00Z",
    ]
}


@pytest.mark.parametrize("channel", ["email", "sms", "letter", "call"])
def test_a_fourth_demand_in_a_week_waits_for_the_first_to_age(channel: str) -> None:
    by = {"channel": channel, **PAPER_OK}

    check(
        "DEFER CAP_DUNNING_7D until 2026-11-26T15:00:00Z",
        by,
        THREE_DEMANDS,
    )
    check("ALLOW OK", by, THREE_DEMANDS, {"notice.dunning": False})


def test_the_latest_of_all_caps_wins() -> None:
    texts = {"history.sms": [TWO_HOURS_AGO, "2026-11-20T10:00:00Z"]}

    check("DEFER CAP_SMS_7D until 2026-11-27T10:00:00Z", SMS, texts)
    check("DEFER CAP_SMS_7D until 2026-11-27T10:00:00Z", SMS, texts, THREE_DEMANDS)


def test_a_text_leaves_the_window_at_its_very_end() -> None:
    check("ALLOW OK", SMS, {"history.sms": ["2026-11-23T16:00:00Z"]})


def test_a_day_is_24_hours_even_where_the_clocks_change() -> None:
    sent = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/London"))
    request = ask(SMS, {"now": "2026-03-28T13:00:00Z"})
    request = replace(request, history=replace(request.history, sms=(sent,)))

    decision = decide(request)

    assert decision.not_before == datetime(2026, 3, 29, 12, tzinfo=UTC)


def test_no_cap_is_no_cap() -> None:
    caps = {
        "policy.caps.sms_24h": None,
        "policy.caps.sms_7d": None,
        "policy.caps.dunning_7d": None,
    }
    busy = {"history.sms": [TWO_HOURS_AGO] * 9, **THREE_DEMANDS}

    check("ALLOW OK", SMS, busy, caps)


def test_required_notices_and_safety_alerts_know_no_caps() -> None:
    alert = {"notice.kind": "safety_alert"}
    busy = {"history.sms": [TWO_HOURS_AGO], **THREE_DEMANDS}

    check("ALLOW OK", DEMAND, THREE_DEMANDS)
    check("ALLOW OK", SMS, alert, busy)


def test_a_cap_that_outlives_the_notice_ends_it() -> None:
    text = {**SMS, "history.sms": [TWO_HOURS_AGO]}
    released = "2026-11-25T14:00:00Z"

    check(
        f"DEFER CAP_SMS_24H until {released}",
        text,
        {"notice.not_after": released},
    )
    for deadline in ("notice.not_after", "notice.deliver_by"):
        check(
            "BLOCK CAP_EXPIRES_NOTICE for CAP_SMS_24H",
            text,
            {deadline: "2026-11-25T13:59:59Z"},
        )


ALL_NIGHT = {"now": NIGHT}
UNTIL_EIGHT = f"DEFER QUIET_HOURS until {MORNING}"


@pytest.mark.parametrize("channel", ["sms", "call"])
def test_nothing_rings_at_night(channel: str) -> None:
    by = {"channel": channel}

    check(UNTIL_EIGHT, by, ALL_NIGHT)
    check(UNTIL_EIGHT, by, {"now": "2026-11-24T12:59:59Z"})
    check("ALLOW OK", by, {"now": MORNING})
    check("REVIEW TZ_UNKNOWN", by, {"person.tz": []})
    check("REVIEW TZ_UNKNOWN", by, {"person.tz": ["Etc/Unknown"]})


def test_e_mail_rests_at_night_for_collectors_or_where_the_firm_says_so() -> None:
    check("ALLOW OK", ALL_NIGHT)
    check(UNTIL_EIGHT, ALL_NIGHT, {"policy.email_quiet": True})
    check(UNTIL_EIGHT, ALL_NIGHT, COLLECTOR)
    check("ALLOW OK", ALL_NIGHT, COLLECTOR, {"notice.dunning": False})
    check(UNTIL_EIGHT, ALL_NIGHT, COLLECTOR, DEMAND)
    check("REVIEW TZ_UNKNOWN", COLLECTOR, DEMAND, {"person.tz": []})


def test_letters_are_printed_at_any_hour() -> None:
    check("ALLOW OK", ALL_NIGHT, COLLECTOR, CUT_OFF, LETTER, {"person.tz": []})


def test_a_safety_alert_wakes_people_up() -> None:
    alert = {"notice.kind": "safety_alert", "notice.dunning": False}

    check("ALLOW OK", ALL_NIGHT, alert, SMS)
    check("ALLOW OK", alert, SMS, {"person.tz": []})
    assert decide(ask(ALL_NIGHT, alert, SMS)).provider_ttl_s == 3600


def test_quiet_hours_that_outlast_the_notice_end_it_or_print_it() -> None:
    early = {**ALL_NIGHT, "policy.email_quiet": True}

    for deadline in ("notice.deliver_by", "notice.not_after"):
        short = {deadline: "2026-11-24T12:59:59Z"}
        check("BLOCK QUIET_EXPIRES_NOTICE", early, short)
        check("SUBSTITUTE QUIET_EXPIRES_NOTICE -> letter", BILL, early, short)
        check(
            "REVIEW SOLE_CHANNEL_LOST for QUIET_EXPIRES_NOTICE",
            BILL,
            early,
            short,
            {"address.letter": "returned"},
        )
        check(UNTIL_EIGHT, BILL, early, {deadline: MORNING})


def test_zones_without_a_common_hour_need_a_person() -> None:
    two_hours = {"policy.quiet.start": "10:00", "policy.quiet.end": "12:00"}
    coasts = {"person.tz": ["America/New_York", "America/Los_Angeles"]}

    check("REVIEW TZ_NO_OVERLAP", SMS, two_hours, coasts)


def test_a_window_ends_where_the_first_zone_goes_to_bed() -> None:
    coasts = {"person.tz": ["America/New_York", "America/Los_Angeles"]}
    late = {"now": "2026-11-25T00:30:00Z"}
    after = {"now": "2026-11-25T01:00:00Z"}

    assert decide(ask(SMS, coasts, late)).provider_ttl_s == 1800
    check("DEFER QUIET_HOURS until 2026-11-25T16:00:00Z", SMS, coasts, after)


@pytest.mark.parametrize(
    ("now", "release"),
    [
        ("2026-11-01T05:30:00Z", "2026-11-01T13:00:00Z"),
        ("2026-11-01T00:30:00Z", "2026-11-01T13:00:00Z"),
        ("2027-03-14T01:30:00Z", "2027-03-14T12:00:00Z"),
    ],
)
def test_the_morning_moves_with_the_clocks(now: str, release: str) -> None:
    check(f"DEFER QUIET_HOURS until {release}", SMS, {"now": now})


@pytest.mark.parametrize(
    ("now", "ttl"),
    [
        (NOON, 3600),
        ("2026-11-25T00:00:00Z", 3600),
        ("2026-11-25T00:55:00Z", 300),
        ("2026-11-25T00:55:00.500Z", 299),
        ("2026-11-25T00:59:30Z", 60),
    ],
)
def test_a_provider_may_not_hold_a_text_past_the_window(now: str, ttl: int) -> None:
    assert decide(ask(SMS, {"now": now})).provider_ttl_s == ttl


def test_only_texts_carry_a_time_to_live() -> None:
    assert decide(ask()).provider_ttl_s is None
    assert decide(ask(CALL)).provider_ttl_s is None


def test_a_whole_day_window_asks_for_no_zone() -> None:
    always = {"policy.quiet.start": "00:00", "policy.quiet.end": "24:00"}

    check("ALLOW OK", SMS, ALL_NIGHT, always)
    check("ALLOW OK", SMS, always, {"person.tz": []})
    assert decide(ask(SMS, always, {"person.tz": []})).provider_ttl_s == 3600


def test_a_window_is_read_from_times_of_day() -> None:
    assert Quiet.between(time(8, 30), time(20)) == Quiet(510, 1200)
    assert Quiet.between(None, None).is_whole_day


@pytest.mark.parametrize(
    ("start", "end", "now", "expected"),
    [
        # 01:30 comes twice: the first may still be night, the second ends the day.
        ("01:30", "20:00", "2026-11-01T05:45:00Z", "2026-11-01T06:30:00Z"),
        ("00:00", "01:30", "2026-11-01T06:15:00Z", "2026-11-02T05:00:00Z"),
    ],
)
def test_a_doubtful_hour_counts_as_quiet(
    start: str, end: str, now: str, expected: str
) -> None:
    window = {"policy.quiet.start": start, "policy.quiet.end": end}

    check(f"DEFER QUIET_HOURS until {expected}", SMS, window, {"now": now})
