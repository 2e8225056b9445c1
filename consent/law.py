"""Which rules of law hold for a customer on a day, and a policy no looser than them.

Rules come in packs, one a place: everywhere, a union of countries, a country, one of
its regions. The more particular pack has its say, rule by rule; where we do not know
in which country or region somebody lives, the strictest of all they may live in
counts. Refuses to know where packs are kept, what day it is, and what is to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from types import MappingProxyType
from typing import Any, Literal

from consent.facts import Caps, Policy
from consent.quiet_hours import Quiet
from consent.rule_kinds import Days, both_open, kind_of_rule

StopScope = Literal["topic", "all"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one pack, with what it rests on.

    ``effective_from`` None: already in force when it was checked; ``effective_to`` is
    the last day. ``person`` is empty where it holds for consumers and businesses.
    """

    name: str
    value: Any
    source: str
    checked_on: date
    review_by: date
    counsel_confirmed: bool = False
    effective_from: date | None = None
    effective_to: date | None = None
    person: str = ""
    note: str = ""
    pack: str = ""
    version: int = 0

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on ``day``."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    def is_stale(self, today: date) -> bool:
        """Whether the day by which somebody was to look at it again is past."""
        return self.review_by < today

    @property
    def words(self) -> str:
        """What it says, for staff."""
        return kind_of_rule(self.name).say(self.value)

    @property
    def label(self) -> str:
        """What it is about, for staff."""
        return kind_of_rule(self.name).label

    def doubt(self, today: date) -> str:
        """Return why it cannot simply be relied on, empty where it can."""
        if self.is_stale(today):
            return f"to be looked at again by {self.review_by}"
        return "" if self.counsel_confirmed else "not confirmed by counsel"

    def ident(self, today: date) -> str:
        """Return what the audit log calls it: a new version or an overdue review is
        another matter to go on with."""
        parts = [self.pack, str(self.version), self.name]
        parts += [self.person] if self.person else []
        parts += ["overdue"] if self.is_stale(today) else []
        return "/".join(parts)


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of one place's rules, to be used from ``effective_from`` on."""

    code: str
    version: int
    name: str
    effective_from: date
    rules: tuple[Rule, ...]
    country: str = ""
    region: str = ""
    countries: frozenset[str] = frozenset()
    person: str = ""

    @property
    def rank(self) -> int:
        """How particular it is: everywhere, a union, a country, a region."""
        if self.region:
            return 4
        if self.country:
            return 3
        return (2 if self.person else 1) if self.countries else 0

    def covers(self, country: str, region: str, person_type: str) -> bool:
        """Whether it speaks of such a customer; ``region`` empty for no region."""
        if self.person and self.person != person_type:
            return False
        if self.countries:
            return country in self.countries
        return (not self.country or self.country == country) and (
            not self.region or self.region == region
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one sort of customer on one day.

    ``values`` by name of the rule, typed as ``consent.rule_kinds`` reads them;
    ``grounds`` says for each which rules it comes from.
    """

    country: str
    region: str
    person_type: str
    on: date
    values: Mapping[str, Any]
    grounds: Mapping[str, tuple[Rule, ...]]

    @property
    def contract_is_enough(self) -> bool:
        """Whether writings may go by e-mail without the customer's consent."""
        return self.values.get("writings") == "contract"

    @property
    def needs_demonstration(self) -> bool:
        """Whether consent to e-mail takes proof that the customer can open the form."""
        return self.values.get("writings") == "esign"

    @property
    def paper_only(self) -> frozenset[str]:
        """Kinds of notice that law keeps on paper."""
        found: frozenset[str] = self.values.get("paper_only", frozenset())
        return found

    @property
    def paper_may_cost(self) -> bool:
        """Whether a fee may be asked for paper; where no rule speaks, it may."""
        return self.values.get("paper_fee") != "forbidden"

    @property
    def stop_scope(self) -> StopScope | None:
        """What a STOP must end at least; None where no rule speaks."""
        return self.values.get("stop_scope")

    def notice_days(self, change: str) -> Days | None:
        """Return the notice period for a change, None where no rule speaks."""
        return self.values.get(f"notice_days.{change}")

    def grounds_of(self, names: Iterable[str]) -> tuple[Rule, ...]:
        """Return what these of its rules rest on, each once."""
        found = [rule for name in names for rule in self.grounds.get(name, ())]
        return tuple(dict.fromkeys(found))


def in_force(packs: Iterable[Pack], on: date) -> dict[str, Pack]:
    """Return the version of each pack that is to be used on a day, by code.

    The one that took effect last; of two of the same day the higher version.
    """
    found: dict[str, Pack] = {}
    for pack in sorted(packs, key=lambda one: (one.effective_from, one.version)):
        if pack.effective_from <= on:
            found[pack.code] = pack
    return found


def rules_for(
    packs: Iterable[Pack], country: str, region: str, person_type: str, on: date
) -> Rules:
    """Return the rules for a customer of a country and region (ISO 3166) on a day.

    ``country`` and ``region`` (without the country before it) may be empty: unknown.
    """
    current = list(in_force(packs, on).values())
    answers = [
        _of_one_place(current, *place, person_type, on)
        for place in _places(current, country, region)
    ]
    grounds = reduce(_strictest, answers)
    return Rules(
        country=country,
        region=region,
        person_type=person_type,
        on=on,
        values=MappingProxyType({name: value for name, (value, _) in grounds.items()}),
        grounds=MappingProxyType({name: rules for name, (_, rules) in grounds.items()}),
    )


_Found = dict[str, tuple[Any, tuple[Rule, ...]]]


def _places(packs: Sequence[Pack], country: str, region: str) -> list[tuple[str, str]]:
    """Return every place such a customer may live in, as far as packs tell."""
    if country and region:
        return [(country, region)]
    if country:
        regions = {one.region for one in packs if one.country == country}
        return [(country, each) for each in sorted({"", *regions})]
    named = {(one.country, one.region) for one in packs}
    united = {(each, "") for one in packs for each in one.countries}
    return sorted({("", ""), *named, *united})


def _of_one_place(
    packs: Sequence[Pack], country: str, region: str, person_type: str, on: date
) -> _Found:
    """Return each rule as the most particular pack that speaks of it has it."""
    found: _Found = {}
    covering = [one for one in packs if one.covers(country, region, person_type)]
    for pack in sorted(covering, key=lambda one: (one.rank, one.code)):
        own: _Found = {}
        for rule in pack.rules:
            if rule.holds_on(on) and rule.person in {"", person_type}:
                own = _strictest(own, {rule.name: (rule.value, (rule,))})
        found |= own
    return found


def _strictest(one: _Found, other: _Found) -> _Found:
    """Return every rule of both, the stricter value where both speak."""
    merged = dict(one)
    for name, (value, grounds) in other.items():
        if name not in merged:
            merged[name] = value, grounds
            continue
        standing, known = merged[name]
        stricter_value = kind_of_rule(name).strictest(standing, value)
        if value == standing or stricter_value not in (standing, value):
            grounds = tuple(dict.fromkeys((*known, *grounds)))
        elif stricter_value == standing:
            grounds = known
        merged[name] = stricter_value, grounds
    return merged


def stricter(policy: Policy, rules: Rules) -> Policy:
    """Return the firm's policy with the law's limits beside its own: no looser than
    either.

    Where the hours of both have nothing in common, the window is impossible
    (``Quiet.is_possible``), and the decision hands every notice to staff.
    """
    law = rules.values
    quiet: Quiet | None = law.get("hours")
    caps = policy.caps
    return replace(
        policy,
        quiet=both_open(policy.quiet, quiet) if quiet else policy.quiet,
        sms_number_provided_ok=policy.sms_number_provided_ok
        and law.get("sms_number_provided_ok", True),
        caps=Caps(
            sms_24h=_fewer(caps.sms_24h, law.get("sms_24h")),
            sms_7d=_fewer(caps.sms_7d, law.get("sms_7d")),
            dunning_7d=_fewer(caps.dunning_7d, law.get("dunning_7d")),
        ),
    )


def _fewer(one: int | None, other: int | None) -> int | None:
    known = [limit for limit in (one, other) if limit is not None]
    return min(known, default=None)


def stop_scope(chosen: StopScope, rules: Rules) -> StopScope:
    """Return what a STOP ends: what the firm chose, or more where law wants more."""
    return "all" if "all" in {chosen, rules.stop_scope} else "topic"


def earliest(
    told_on: date, period: Days, is_business_day: Callable[[date], bool]
) -> date:
    """Return the first day on which a change may take effect, told on ``told_on``.

    The whole period lies between the two: told on the 1st, a change with ten days'
    notice may take effect on the 11th.
    """
    if not period.business:
        return told_on + timedelta(days=period.count)
    day, left = told_on, period.count
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day)
    return day
