"""Rules of law for tests: a place's pack put in force, or one rule of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from consent.models import RulePack
from consent.rulings import approve, digest, newest_in_force, propose
from tests.factories import NOW

LONG_SINCE = dt.date(2001, 1, 1)


def raw_rule(name: str, value: object, **more: Any) -> dict[str, Any]:
    """Return one rule of a definition, confirmed by counsel unless told otherwise."""
    return {
        "rule": name,
        "value": value,
        "source": "a law for tests",
        "checked_on": "2026-01-01",
        "review_by": "2027-01-01",
        "counsel_confirmed": True,
    } | more


def definition_of(code: str, *rules: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of a country or region with these rules alone."""
    country, _, region = code.partition("-")
    pack: dict[str, Any] = {"code": code, "name": code, "country": country}
    if region:
        pack["region"] = region
    return pack | {"rules": list(rules)}


def enact(
    code: str, *rules: dict[str, Any], effective_from: dt.date = LONG_SINCE
) -> RulePack:
    """Put these rules of a place in force: Lea proposes them, Leo approves them."""
    pack = propose(
        code=code,
        definition=definition_of(code, *rules),
        effective_from=effective_from,
        why="for a test",
        by="lea",
        now=NOW,
    )
    return approve(pack=pack, seen=digest(pack), by="leo", now=NOW)


def enact_beside(
    code: str, *rules: dict[str, Any], effective_from: dt.date = LONG_SINCE
) -> RulePack:
    """Put these rules in force beside those the place has."""
    newest = newest_in_force(code)
    standing = newest.definition["rules"] if newest else []
    return enact(code, *standing, *rules, effective_from=effective_from)
