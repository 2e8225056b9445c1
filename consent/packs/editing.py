"""One change to the rules of a place: a rule put in, put right or taken out.

Definitions in, a definition out; the one given is never altered.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from consent.rule_kinds import RuleKind

_TWO_LETTERS = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def empty_pack(code: str, country_name: str) -> dict[str, Any] | None:
    """Return the definition of a place without rules, None where the code names none.

    ``code`` is a country or a region as ISO 3166 has them, such as ES or US-CA.
    """
    found = _TWO_LETTERS.fullmatch(code)
    if found is None:
        return None
    country, region = found.groups()
    name = f"{country_name}, {region}" if region else country_name
    pack: dict[str, Any] = {"code": code, "name": name, "country": country}
    if region:
        pack["region"] = region
    return pack | {"rules": []}


def mark_of(raw: Mapping[str, Any]) -> str:
    """Return what tells one rule of a definition from its others."""
    parts = (raw.get("rule"), raw.get("person"), raw.get("effective_from"))
    return "|".join(str(part or "") for part in parts)


def without_rule(definition: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """Return the definition without the rule of that mark."""
    rules = [raw for raw in definition.get("rules", ()) if mark_of(raw) != mark]
    return {**definition, "rules": rules}


def with_rule(
    definition: Mapping[str, Any], raw: Mapping[str, Any], *, instead_of: str = ""
) -> dict[str, Any]:
    """Return the definition with a rule put in, in the place of another where that is
    there."""
    rules = list(definition.get("rules", ()))
    marks = [mark_of(one) for one in rules]
    if instead_of in marks:
        rules[marks.index(instead_of)] = dict(raw)
    else:
        rules.append(dict(raw))
    return {**definition, "rules": rules}


def value_from_text(text: str) -> Any:
    """Return what a person wrote as TOML has it: 30, true, { days = 12 }, 08:00-20:00.

    Whatever is none of TOML's is the text itself.
    """
    text = text.strip()
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def text_from_value(value: Any) -> str:
    """Return a value as a person writes it: the reverse of :func:`value_from_text`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        parts = (f"{key} = {_quoted(each)}" for key, each in value.items())
        return "{ " + ", ".join(parts) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    return str(value)


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else text_from_value(value)


def hint_of(kind: RuleKind) -> str:
    """Return one line that says how the value of a kind is written."""
    return f"{kind.label}: {kind.hint}"
