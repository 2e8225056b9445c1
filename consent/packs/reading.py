"""Reads the definition of a pack, as TOML and JSON have it, and writes it as text.

Knows no file and no table: a definition in, a pack of typed rules out, or the sentence
that says which rule is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from consent.law import Pack, Rule
from consent.rule_error import RuleError
from consent.rule_kinds import kind_of_rule

_CODE = re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,4})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PERSONS = ("", "consumer", "business")
_PACK_KEYS = {"code", "name", "country", "region", "countries", "person", "rules"}
_RULE_KEYS = (
    "rule",
    "value",
    "person",
    "effective_from",
    "effective_to",
    "source",
    "checked_on",
    "review_by",
    "counsel_confirmed",
    "note",
)


class PackError(ValueError):
    """A definition that cannot be used; the sentence names the rule."""


def read_pack(
    definition: Mapping[str, Any], *, version: int, effective_from: date
) -> Pack:
    """Return the pack that a definition states.

    :raises PackError: naming the rule, and what it should be.
    """
    unknown = definition.keys() - _PACK_KEYS
    code, country = definition.get("code", ""), definition.get("country", "")
    if unknown or not _CODE.fullmatch(code):
        raise PackError(f"A pack has a code such as US-PA, and no {sorted(unknown)}.")
    countries = frozenset(definition.get("countries", ()))
    if not all(_COUNTRY.fullmatch(one) for one in {country, *countries} - {""}):
        raise PackError(f"{code}: Write countries as two letters, such as DE.")
    if definition.get("person", "") not in _PERSONS:
        raise PackError(f"{code}: A pack is for consumer, business or both.")
    return Pack(
        code=code,
        version=version,
        name=str(definition.get("name", code)),
        effective_from=effective_from,
        country=country,
        region=definition.get("region", ""),
        countries=countries,
        person=definition.get("person", ""),
        rules=tuple(_rules(definition, code, version)),
    )


def _rules(definition: Mapping[str, Any], code: str, version: int) -> Iterator[Rule]:
    seen: list[Rule] = []
    for raw in definition.get("rules", ()):
        rule = read_rule(raw, pack=code, version=version)
        for other in seen:
            if _at_once(rule, other):
                raise PackError(
                    f"{code}, {rule.name}: Two of these rules hold on the same day. "
                    "Let one end before the other begins."
                )
        seen.append(rule)
        yield rule


def _at_once(one: Rule, other: Rule) -> bool:
    """Whether two rules of one name and sort of person hold on a common day."""
    if (one.name, one.person) != (other.name, other.person):
        return False
    first, last = date.min, date.max
    return (one.effective_from or first) <= (other.effective_to or last) and (
        other.effective_from or first
    ) <= (one.effective_to or last)


def read_rule(raw: Mapping[str, Any], *, pack: str, version: int) -> Rule:
    """Return one rule of a definition.

    :raises PackError: naming the rule, and what it should be.
    """
    name = str(raw.get("rule", ""))
    where = f"{pack}, {name or 'a rule without a name'}"
    unknown = raw.keys() - set(_RULE_KEYS)
    if unknown:
        raise PackError(f"{where}: There is no {sorted(unknown)[0]!r} in a rule.")
    if raw.get("person", "") not in _PERSONS:
        raise PackError(f"{where}: A rule is for consumer, business or both.")
    if not str(raw.get("source", "")).strip():
        raise PackError(f"{where}: Name the source.")
    try:
        value = kind_of_rule(name).read(raw.get("value"))
        checked_on = _day(raw, "checked_on")
        review_by = _day(raw, "review_by")
        effective_from = _day_if_any(raw, "effective_from")
        effective_to = _day_if_any(raw, "effective_to")
    except RuleError as error:
        raise PackError(f"{where}: {error}") from error
    if effective_from and effective_to and effective_to < effective_from:
        raise PackError(f"{where}: The last day comes before the first.")
    if review_by < checked_on:
        raise PackError(f"{where}: Review it after the day on which it was checked.")
    return Rule(
        name=name,
        value=value,
        source=str(raw["source"]),
        checked_on=checked_on,
        review_by=review_by,
        counsel_confirmed=raw.get("counsel_confirmed", False) is True,
        effective_from=effective_from,
        effective_to=effective_to,
        person=raw.get("person", ""),
        note=str(raw.get("note", "")),
        pack=pack,
        version=version,
    )


def _day_if_any(raw: Mapping[str, Any], key: str) -> date | None:
    return None if raw.get(key) is None else _day(raw, key)


def _day(raw: Mapping[str, Any], key: str) -> date:
    try:
        return date.fromisoformat(str(raw.get(key)))
    except ValueError as error:
        raise RuleError(f"Write {key} as a day, such as 2026-11-01.") from error


def as_text(definition: Mapping[str, Any]) -> str:
    """Return a definition as people compare it: a paragraph a rule, a line a fact."""
    head = "\n".join(
        f"{key}: {_plain(definition[key])}"
        for key in ("code", "name", "country", "region", "countries", "person")
        if definition.get(key)
    )
    rules = [
        "\n".join(
            f"{key}: {_plain(raw[key])}"
            for key in _RULE_KEYS
            if raw.get(key) not in (None, "")
        )
        for raw in definition.get("rules", ())
    ]
    return "\n\n".join([head, *rules]) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return str(value)
