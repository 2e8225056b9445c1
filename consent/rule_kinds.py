"""What each rule of law may hold, which of two values is the stricter, and its words.

A table of kinds. Knows no country and no date, and decides about no message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from consent.facts import Kind
from consent.late_payment import lower_fee, read_fee, read_interest
from consent.quiet_hours import Quiet
from consent.rule_error import RuleError

# What a notice period may be about: the changes a firm tells of, and ending a service.
CHANGES: Mapping[str, str] = {
    "paperless": "the end of paper bills",
    "payment_address": "a new payment address",
    "bank_details": "new bank details",
    "minimum_payment": "a new minimum payment",
    "bill_date": "a new bill date",
    "amount": "a new amount",
    "terms": "new terms",
    "procedure": "a new procedure",
    "our_details": "new details of the firm",
    "termination": "the end of the service",
}
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Days:
    """A notice period: so many days, or so many working days (``business``)."""

    count: int
    business: bool = False

    def __str__(self) -> str:
        days = "day" if self.count == 1 else "days"
        return f"{self.count} {'working ' if self.business else ''}{days}"

    @property
    def length(self) -> float:
        """About how many days of the calendar it takes, to compare two of them."""
        return self.count * 7 / 5 if self.business else float(self.count)


@dataclass(frozen=True, slots=True)
class RuleKind:
    """One kind of rule.

    ``read`` takes the value as TOML and JSON have it and raises :class:`RuleError`;
    ``strictest`` picks or makes the stricter of two; ``say`` gives words for staff.
    """

    name: str
    label: str
    read: Callable[[object], Any]
    strictest: Callable[[Any, Any], Any]
    say: Callable[[Any], str]
    hint: str


def kind_of_rule(name: str) -> RuleKind:
    """Return the kind of a rule by its name.

    :raises RuleError: there is none of that name.
    """
    kind = RULE_KINDS.get(name)
    if kind is None:
        raise RuleError(f"There is no rule called {name!r}.")
    return kind


def _words(order: Mapping[str, str]) -> dict[str, Any]:
    """Return how a rule of a few words is read and compared, the loosest first."""
    ranks = list(order)

    def read(value: object) -> str:
        if value not in ranks:
            raise RuleError(f"Write one of {', '.join(ranks)}.")
        return str(value)

    return {
        "read": read,
        "strictest": lambda a, b: max(a, b, key=ranks.index),
        "say": lambda value: order[value],
        "hint": ", ".join(ranks),
    }


def _whole(strictest: Callable[[int, int], int]) -> dict[str, Any]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise RuleError("Write a whole number.")
        if not 1 <= value <= _MOST:
            raise RuleError(f"Write a number from 1 to {_MOST}.")
        return value

    return {
        "read": read,
        "strictest": strictest,
        "say": str,
        "hint": "a whole number, such as 2",
    }


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise RuleError("Write true or false.")
    return value


def _hours(value: object) -> Quiet:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise RuleError("Write the hours as 08:00-20:00.")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    quiet = Quiet(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    if from_minute > 59 or to_minute > 59 or not quiet.is_possible:
        raise RuleError("Write two times of one day, the earlier one first.")
    return quiet


def both_open(one: Quiet, other: Quiet) -> Quiet:
    """Return the hours open in both; ``is_possible`` is false where there are none."""
    return Quiet(max(one.start, other.start), min(one.end, other.end))


def _say_hours(quiet: Quiet) -> str:
    start, end = divmod(quiet.start, 60), divmod(quiet.end, 60)
    return f"{start[0]:02}:{start[1]:02} to {end[0]:02}:{end[1]:02}, local time"


def _kinds(value: object) -> frozenset[str]:
    known = get_args(Kind)
    if not isinstance(value, list) or not value:
        raise RuleError("Write a list of kinds of notice, such as termination.")
    for one in value:
        if one not in known:
            raise RuleError(f"{one!r} is no kind of notice. Known: {', '.join(known)}.")
    return frozenset(value)


def _days(value: object) -> Days:
    read = _whole(max)["read"]
    if not isinstance(value, Mapping):
        return Days(read(value))
    if value.keys() - {"days", "business"}:
        raise RuleError("Write days, and business = true for working days.")
    return Days(read(value.get("days")), _truth(value.get("business", False)))


def _yes_no(yes: str, no: str) -> dict[str, Any]:
    return {"say": lambda value: yes if value else no, "hint": "true or false"}


_TABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "writings": (
        "Bills and notices by e-mail",
        _words(
            {
                "contract": "the contract is enough, unless the customer objects",
                "agreed": "with the customer's proven consent",
                "esign": "with proven consent, after showing that they can open them",
            }
        ),
    ),
    "paper_only": (
        "Always on paper",
        {
            "read": _kinds,
            "strictest": lambda a, b: a | b,
            "say": lambda value: ", ".join(sorted(value)).replace("_", " "),
            "hint": "kinds of notice, such as termination",
        },
    ),
    "paper_fee": (
        "A fee for paper",
        _words({"allowed": "allowed", "forbidden": "forbidden"}),
    ),
    "revert_to_paper": (
        "Back to paper",
        _words(
            {
                "billing_cycle": "within one billing cycle of asking",
                "at_once": "as soon as the customer asks",
            }
        ),
    ),
    "invitations_12m": ("Invitations to go paperless in 12 months", _whole(min)),
    "invitation_pause_months": ("Months without an invitation after a no", _whole(max)),
    "hours": (
        "Hours for texts and calls",
        {
            "read": _hours,
            "strictest": both_open,
            "say": _say_hours,
            "hint": "08:00-20:00",
        },
    ),
    "sms_24h": ("Texts in 24 hours", _whole(min)),
    "sms_7d": ("Texts in 7 days", _whole(min)),
    "dunning_7d": ("Reminders in 7 days", _whole(min)),
    "sms_number_provided_ok": (
        "A number the customer gave may be texted",
        {"read": _truth, "strictest": lambda a, b: a and b}
        | _yes_no("yes, about their own account", "no, only with consent to texts"),
    ),
    "stop_scope": (
        "STOP ends",
        _words(
            {
                "topic": "at least the texts of that sort",
                "all": "all texts of the firm",
            }
        ),
    ),
    "retention_years": ("Years that proof is kept", _whole(max)),
    "late_fee": (
        "Fixed sum for late payment",
        {
            "read": read_fee,
            "strictest": lower_fee,
            "say": str,
            "hint": "currency, and tiers of fee and below",
        },
    ),
    "late_interest": (
        "Interest on late payment",
        {
            "read": read_interest,
            "strictest": lambda a, b: min(a, b, key=lambda one: one.points),
            "say": str,
            "hint": "points, and what they are over",
        },
    ),
    "first_reminder_free": (
        "The first reminder is free",
        {"read": _truth, "strictest": lambda a, b: a or b} | _yes_no("yes", "no"),
    ),
}
_PERIOD: dict[str, Any] = {
    "read": _days,
    "strictest": lambda a, b: max(a, b, key=lambda one: one.length),
    "say": str,
    "hint": "days, such as 30; or days and business = true",
}
RULE_KINDS: Mapping[str, RuleKind] = {
    name: RuleKind(name=name, label=label, **how)
    for name, (label, how) in (
        _TABLE
        | {
            f"notice_days.{change}": (f"Notice before {words}", _PERIOD)
            for change, words in CHANGES.items()
        }
    ).items()
}
