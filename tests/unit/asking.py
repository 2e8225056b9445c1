"""A request in a few words, and the decision on it in one line."""

from __future__ import annotations

from typing import Any

from consent.rules import Request, decide

NOON = "2026-11-24T16:00:00Z"
TWO_HOURS_AGO = "2026-11-24T14:00:00Z"
NIGHT = "2026-11-24T08:00:00Z"
MORNING = "2026-11-24T13:00:00Z"
BILL = {"notice.kind": "bill", "notice.legal": "writing", "notice.dunning": False}
DEMAND = {"notice.kind": "overdue", "notice.legal": "writing"}
CUT_OFF = {
    "notice.kind": "termination",
    "notice.legal": "paper_only",
    "notice.adverse": True,
}
COPY = {**CUT_OFF, "notice.courtesy": True}
PROMO = {"notice.kind": "promo", "notice.dunning": False}
SMS = {"channel": "sms"}
CALL = {"channel": "call"}
LETTER = {"channel": "letter"}
PAPER_OK = {"policy.optional_paper_ok": True}
COLLECTOR = {"sender_role": "third_party"}
STOPPED = {
    **SMS,
    "notice.kind": "stop_confirmation",
    "notice.dunning": False,
    "suppression.sms": "stop",
    "sms_permission": "revoked",
}


def ask(*overrides: dict[str, Any]) -> Request:
    """Return a request for a reminder by e-mail to a customer in New York."""
    given: dict[str, Any] = {
        "now": NOON,
        "person": {"tz": ["America/New_York"]},
        "account": {"balance_due": 4200},
    }
    for dotted in overrides:
        for path, value in dotted.items():
            *sections, key = path.split(".")
            section = given
            for name in sections:
                section = section.setdefault(name, {})
            section[key] = value
    return Request.from_dict(given)


def told(*overrides: dict[str, Any]) -> str:
    """Return the decision in one line: outcome, reason, channel, cause and time."""
    decision = decide(ask(*overrides)).as_dict()
    words = [decision["outcome"], decision["reason"]]
    for key, sign in (("use_channel", "->"), ("cause", "for"), ("not_before", "until")):
        if decision[key] is not None:
            words += [sign, decision[key]]
    return " ".join(map(str, words))


def duties(*overrides: dict[str, Any]) -> set[str]:
    return {str(duty) for duty in decide(ask(*overrides)).obligations}


def check(expected: str, *overrides: dict[str, Any]) -> None:
    assert told(*overrides) == expected
