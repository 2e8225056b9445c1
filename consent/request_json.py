"""Reads the facts of a request from its nested JSON form, as the decision cases use it.

Only the shape is judged here: a truth value where one belongs, an instant with its
zone. Whether a word is known and whether the facts fit together is for the request
to say. Nothing is raised: what cannot be read is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from consent.facts import (
    Account,
    Address,
    Caps,
    CategoryPref,
    History,
    Notice,
    Person,
    Policy,
    Suppressed,
    System,
)
from consent.quiet_hours import Quiet

_NO_INSTANT = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """How one fact is read, and what it is taken for where the JSON is silent."""

    read: Callable[[object], object]
    default: object
    must_be_given: bool = False


@dataclass(frozen=True, slots=True)
class _Branch:
    """A section of facts and the noun it becomes."""

    build: Callable[..., object]
    parts: Mapping[str, _Leaf | _Branch]


def read_facts(given: Mapping[str, object]) -> dict[str, Any]:
    """Return the keyword arguments of a Request, ``unreadable`` included."""
    unreadable: list[str] = []
    facts = _read_parts(_SHAPE, given, "", unreadable)
    return {**facts, "unreadable": tuple(unreadable)}


def _read_parts(
    parts: Mapping[str, _Leaf | _Branch],
    given: object,
    path: str,
    unreadable: list[str],
) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        unreadable.append(path.rstrip(".") or "request")
        given = {}
    unreadable.extend(f"{path}{key}" for key in given if key not in parts)
    facts: dict[str, Any] = {}
    for key, part in parts.items():
        if isinstance(part, _Branch):
            below = _read_parts(
                part.parts, given.get(key, {}), f"{path}{key}.", unreadable
            )
            facts[key] = part.build(**below)
        else:
            facts[key] = _read_leaf(part, given, key, path, unreadable)
    return facts


def _read_leaf(
    leaf: _Leaf,
    given: Mapping[str, object],
    key: str,
    path: str,
    unreadable: list[str],
) -> object:
    if key not in given and not leaf.must_be_given:
        return leaf.default
    try:
        return leaf.read(given.get(key))
    except ValueError:
        unreadable.append(f"{path}{key}")
        return leaf.default


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("A word is expected.")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("True or false is expected.")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("A whole number is expected.")
    return value


def _limit(value: object) -> int | None:
    return None if value is None else _whole(value)


def _instant(value: object) -> datetime:
    moment = datetime.fromisoformat(_word(value))
    if moment.tzinfo is None:
        raise ValueError("A time with its zone is expected.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("A time in the calendar is expected.") from error


def _instant_or_none(value: object) -> datetime | None:
    return None if value is None else _instant(value)


def _instants(value: object) -> tuple[datetime, ...]:
    return tuple(_instant(one) for one in _list(value))


def _words(value: object) -> tuple[str, ...]:
    return tuple(_word(one) for one in _list(value))


def _list(value: object) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("A list is expected.")
    return value


def _clock(value: object) -> int:
    """Return the minutes from midnight of ``HH:MM``, up to and including 24:00."""
    hours, colon, minutes = _word(value).partition(":")
    two_pairs = len(hours) == len(minutes) == 2 and bool(colon)
    digits = (hours + minutes).isascii() and (hours + minutes).isdigit()
    if not two_pairs or not digits or int(minutes) > 59:
        raise ValueError("A time of day as HH:MM is expected.")
    return int(hours) * 60 + int(minutes)


_OFF = _Leaf(_truth, False)
_ON = _Leaf(_truth, True)
_SWITCHED_ON = _Leaf(_word, "on")
_FINE = _Leaf(_word, "ok")
_NOT_SET = _Leaf(_word, "none")
_NO_TIME = _Leaf(_instant_or_none, None)
_NO_TIMES = _Leaf(_instants, ())

# The values a silent JSON stands for are the first of each row of the rule book. It
# names none for the time, the zones and the balance: the time must be given, and the
# other two fall to what lets nothing out.
_SHAPE: Mapping[str, _Leaf | _Branch] = {
    "now": _Leaf(_instant, _NO_INSTANT, must_be_given=True),
    "channel": _Leaf(_word, "email"),
    "sender_role": _Leaf(_word, "first_party"),
    "system": _Branch(
        System,
        {
            "kill_switch": _OFF,
            "approved": _ON,
            "sandbox": _OFF,
            "sandbox_allowed": _OFF,
        },
    ),
    "notice": _Branch(
        Notice,
        {
            "kind": _Leaf(_word, "reminder"),
            "legal": _NOT_SET,
            "dunning": _ON,
            "adverse": _OFF,
            "courtesy": _OFF,
            "fallback": _OFF,
            "already_sent": _OFF,
            "not_after": _NO_TIME,
            "deliver_by": _NO_TIME,
            "revoked_at": _NO_TIME,
        },
    ),
    "person": _Branch(
        Person,
        {
            "type": _Leaf(_word, "consumer"),
            "status": _Leaf(_word, "active"),
            "tz": _Leaf(_words, ()),
        },
    ),
    "account": _Branch(
        Account,
        {
            "status": _Leaf(_word, "active"),
            "balance_due": _Leaf(_whole, 0),
            "dispute": _NOT_SET,
            "moratorium": _OFF,
            "payment_plan": _OFF,
        },
    ),
    "address": _Branch(
        Address, {"email": _FINE, "sms": _FINE, "letter": _FINE, "call": _FINE}
    ),
    "suppression": _Branch(Suppressed, {"email": _NOT_SET, "sms": _NOT_SET}),
    "e_consent": _Leaf(_word, "granted"),
    "b2b_e_election": _OFF,
    "sms_permission": _Leaf(_word, "express"),
    "promo_permission": _OFF,
    "category_pref": _Branch(
        CategoryPref,
        {
            "email": _SWITCHED_ON,
            "sms": _SWITCHED_ON,
            "letter": _SWITCHED_ON,
            "call": _SWITCHED_ON,
        },
    ),
    "paper_pref": _Leaf(_word, "paperless"),
    "history": _Branch(History, {"sms": _NO_TIMES, "dunning": _NO_TIMES}),
    "policy": _Branch(
        Policy,
        {
            "quiet": _Branch(
                Quiet,
                {"start": _Leaf(_clock, 8 * 60), "end": _Leaf(_clock, 20 * 60)},
            ),
            "email_quiet": _OFF,
            "sms_number_provided_ok": _ON,
            "optional_paper_ok": _OFF,
            "caps": _Branch(
                Caps,
                {
                    "sms_24h": _Leaf(_limit, 1),
                    "sms_7d": _Leaf(_limit, 2),
                    "dunning_7d": _Leaf(_limit, 3),
                },
            ),
        },
    ),
}
