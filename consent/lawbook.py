"""The packs in use, read once for some seconds and asked a million times.

A worker asks about every notice; the answer is the same for everybody of one sort in
one place on one day, so it is made once. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable

from consent.facts import Policy
from consent.law import Pack, Rules, rules_for, stricter
from consent.models import RulePack
from consent.packs.reading import read_pack

# An approved change reaches every process within this many seconds.
KEPT_SECONDS = 5.0


class Lawbook:
    """The packs in force with the answers they have given."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Begin with no answer."""
        self.packs = tuple(packs)
        self._rules: dict[tuple[str, str, str, dt.date], Rules] = {}
        self._policies: dict[tuple[Policy, str, str, str, dt.date], Policy] = {}

    def rules(self, country: str, region: str, person_type: str, on: dt.date) -> Rules:
        """Return the rules for such a customer on a day (consent.law.rules_for)."""
        key = (country, region, person_type, on)
        found = self._rules.get(key)
        if found is None:
            found = self._rules[key] = rules_for(self.packs, *key)
        return found

    def policy(self, own: Policy, rules: Rules) -> Policy:
        """Return a firm's policy no looser than these rules (consent.law.stricter)."""
        key = (own, rules.country, rules.region, rules.person_type, rules.on)
        found = self._policies.get(key)
        if found is None:
            found = self._policies[key] = stricter(own, rules)
        return found


_kept: tuple[float, Lawbook] | None = None


def lawbook() -> Lawbook:
    """Return the packs in force: a query every few seconds at most."""
    global _kept
    # Read once: another thread may forget it at any moment.
    kept = _kept
    if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
        kept = _kept = (time.monotonic(), Lawbook(packs_in_force()))
    return kept[1]


def forget() -> None:
    """Have the packs read anew when they are next asked for, in this process."""
    global _kept
    _kept = None


def packs_in_force() -> list[Pack]:
    """Return every version that is or was in force, or will be: one query."""
    return [
        read_pack(
            row.definition, version=row.version, effective_from=row.effective_from
        )
        for row in RulePack.objects.filter(state=RulePack.State.IN_FORCE)
    ]
