"""Rules of law, merged: the particular place counts, the unknown one is taken strictly,
and no policy comes out looser than firm or law want it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.facts import Caps, Policy
from consent.law import Pack, Rule, Rules, earliest, rules_for, stop_scope, stricter
from consent.packs.editing import text_from_value, value_from_text
from consent.packs.reading import PackError, as_text, read_pack
from consent.packs.shipped import shipped_packs
from consent.quiet_hours import Quiet
from consent.rule_kinds import RULE_KINDS, Days

TODAY = dt.date(2026, 11, 22)
SHIPPED = [
    read_pack(one.definition, version=1, effective_from=one.effective_from)
    for one in shipped_packs()
]


def rule(name: str, value: object, **more: object) -> Rule:
    facts = {
        "source": "a law",
        "checked_on": dt.date(2026, 11, 1),
        "review_by": dt.date(2027, 11, 1),
        "pack": "XX",
        "version": 1,
    } | more
    return Rule(name=name, value=RULE_KINDS[name].read(value), **facts)


def pack(code: str, *rules: Rule, **more: object) -> Pack:
    country, _, region = code.partition("-")
    facts = {
        "version": 1,
        "effective_from": dt.date(2000, 1, 1),
        "country": country,
        "region": region,
    } | more
    return Pack(code=code, name=code, rules=rules, **facts)


def shipped(
    country: str, region: str = "", person: str = "consumer", on: dt.date = TODAY
) -> Rules:
    return rules_for(SHIPPED, country, region, person, on)


# What comes with Duly


def test_every_shipped_rule_says_what_it_rests_on_and_none_claims_counsel() -> None:
    for one in SHIPPED:
        for each in one.rules:
            assert each.source
            assert each.words
            assert each.checked_on < each.review_by
            assert not each.counsel_confirmed


def test_the_places_of_the_reference_are_there() -> None:
    assert {one.code for one in SHIPPED} == {
        *("ANY", "US", "US-PA", "US-WA", "US-UT", "US-NY", "US-MA", "US-CO", "US-MT"),
        *("GB", "EU", "EU-B2B", "DE", "FR", "PL", "CZ"),
    }


def test_american_writings_need_proof_and_german_ones_a_contract() -> None:
    assert shipped("US", "PA").needs_demonstration
    assert shipped("DE").contract_is_enough
    assert shipped("GB").contract_is_enough
    assert shipped("JP").values.get("writings") is None


@pytest.mark.parametrize("state", ["PA", "UT", "NY", ""])
def test_the_end_of_a_service_is_told_on_paper_in_every_state(state: str) -> None:
    assert shipped("US", state).paper_only == {"termination"}


@pytest.mark.parametrize(
    ("state", "may"), [("NY", False), ("PA", False), ("MA", True), ("", False)]
)
def test_a_fee_for_paper_is_forbidden_where_the_state_says_so(
    state: str, may: bool
) -> None:
    assert shipped("US", state).paper_may_cost is may


def test_a_stop_need_end_only_its_topic_until_the_waiver_is_over() -> None:
    before = shipped("US", "TX", on=dt.date(2027, 1, 30))
    after = shipped("US", "TX", on=dt.date(2027, 1, 31))

    assert (before.stop_scope, after.stop_scope) == ("topic", "all")
    assert stop_scope("all", before) == "all"
    assert stop_scope("topic", before) == "topic"
    assert stop_scope("topic", after) == "all"
    assert stop_scope("topic", shipped("DE")) == "topic"


def test_late_fees_are_for_firms_as_the_country_has_them() -> None:
    firm = {
        place: shipped(place, "", "business").values for place in ("ES", "GB", "CZ")
    }

    assert str(firm["ES"]["late_fee"]) == "40.00 EUR"
    assert str(firm["GB"]["late_fee"]).startswith("40.00 GBP below 1000.00 GBP; 70.00")
    assert str(firm["CZ"]["late_fee"]) == "1200.00 CZK"
    assert str(shipped("DE").values["late_fee"]) == "none"
    assert str(shipped("DE").values["late_interest"]).startswith("5 points over")


def test_a_shipped_definition_is_told_in_lines_people_can_compare() -> None:
    [massachusetts] = [
        one.definition for one in shipped_packs() if one.definition["code"] == "US-MA"
    ]

    assert "rule: sms_7d\nvalue: 2\nsource: 940 CMR 7.04(1)(f)" in as_text(
        massachusetts
    )


# Which rule counts


def test_the_more_particular_place_has_its_say() -> None:
    packs = [
        pack("US", rule("sms_7d", 5), rule("sms_24h", 2)),
        pack("US-MA", rule("sms_7d", 9)),
    ]

    found = rules_for(packs, "US", "MA", "consumer", TODAY)

    assert (found.values["sms_7d"], found.values["sms_24h"]) == (9, 2)


def test_where_the_state_is_not_known_the_strictest_counts() -> None:
    packs = [
        pack("US", rule("sms_7d", 5), rule("hours", "08:00-21:00")),
        pack("US-MA", rule("sms_7d", 2, pack="US-MA")),
        pack("US-TX", rule("hours", "09:00-22:00"), rule("paper_only", ["bill"])),
    ]

    found = rules_for(packs, "US", "", "consumer", TODAY)

    assert found.values["sms_7d"] == 2
    assert found.values["hours"] == Quiet(9 * 60, 21 * 60)
    assert found.paper_only == {"bill"}
    assert [one.pack for one in found.grounds["sms_7d"]] == ["US-MA"]


def test_where_nothing_is_known_the_strictest_of_all_counts() -> None:
    found = rules_for(SHIPPED, "", "", "consumer", TODAY)

    assert found.needs_demonstration
    assert found.paper_only == {"termination"}
    assert not found.paper_may_cost


def test_a_rule_for_firms_does_not_bind_what_goes_to_persons() -> None:
    packs = [pack("GB", rule("sms_7d", 1, person="business"))]

    assert "sms_7d" not in rules_for(packs, "GB", "", "consumer", TODAY).values
    assert rules_for(packs, "GB", "", "business", TODAY).values["sms_7d"] == 1


def test_a_version_counts_from_its_day_and_not_before() -> None:
    packs = [
        pack("DE", rule("sms_7d", 5)),
        pack("DE", rule("sms_7d", 1), version=2, effective_from=dt.date(2027, 1, 1)),
    ]

    def on(day: dt.date) -> object:
        return rules_for(packs, "DE", "", "consumer", day).values["sms_7d"]

    assert on(dt.date(2026, 12, 31)) == 5
    assert on(dt.date(2027, 1, 1)) == 1


# Never looser than either


windows = (
    st.tuples(st.integers(0, 1440), st.integers(0, 1440))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: Quiet(*pair))
)
limits = st.none() | st.integers(1, 9)
policies = st.builds(
    Policy,
    quiet=windows,
    email_quiet=st.booleans(),
    sms_number_provided_ok=st.booleans(),
    optional_paper_ok=st.booleans(),
    caps=st.builds(Caps, sms_24h=limits, sms_7d=limits, dunning_7d=limits),
)


def _hours(quiet: Quiet) -> str:
    start, end = (divmod(min(minute, 1439), 60) for minute in (quiet.start, quiet.end))
    return "{:02}:{:02}-{:02}:{:02}".format(*start, *end)


@st.composite
def laws(draw: st.DrawFn) -> list[Rule]:
    drawn = {
        "hours": st.tuples(st.integers(0, 1438), st.integers(1, 1439))
        .filter(lambda pair: pair[0] < pair[1])
        .map(lambda pair: _hours(Quiet(*pair))),
        "sms_24h": st.integers(1, 9),
        "sms_7d": st.integers(1, 9),
        "dunning_7d": st.integers(1, 9),
        "sms_number_provided_ok": st.booleans(),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(drawn))))
    return [rule(name, draw(drawn[name])) for name in sorted(chosen)]


def _no_looser(merged: Policy, other: Policy) -> bool:
    """Whether every message ``merged`` lets through goes under ``other`` too."""
    window = range(merged.quiet.start, merged.quiet.end)
    inside = not window or (
        other.quiet.start <= merged.quiet.start and merged.quiet.end <= other.quiet.end
    )
    caps = all(
        theirs is None or (ours is not None and ours <= theirs)
        for ours, theirs in (
            (merged.caps.sms_24h, other.caps.sms_24h),
            (merged.caps.sms_7d, other.caps.sms_7d),
            (merged.caps.dunning_7d, other.caps.dunning_7d),
        )
    )
    return (
        inside
        and caps
        and (other.sms_number_provided_ok or not merged.sms_number_provided_ok)
        and (merged.email_quiet or not other.email_quiet)
    )


def _as_policy(rules: Rules) -> Policy:
    law = rules.values
    return Policy(
        quiet=law.get("hours", Quiet(0, 1440)),
        sms_number_provided_ok=law.get("sms_number_provided_ok", True),
        caps=Caps(**{n: law.get(n) for n in ("sms_24h", "sms_7d", "dunning_7d")}),
    )


@given(policies, laws())
def test_a_policy_is_never_looser_than_the_firm_or_the_law(
    own: Policy, law: list[Rule]
) -> None:
    rules = rules_for([pack("DE", *law)], "DE", "", "consumer", TODAY)

    merged = stricter(own, rules)

    assert _no_looser(merged, own)
    assert _no_looser(merged, _as_policy(rules))
    assert stricter(merged, rules) == merged


@given(policies, laws(), laws(), laws())
def test_an_unknown_state_is_never_looser_than_any_it_may_be(
    own: Policy, federal: list[Rule], one: list[Rule], other: list[Rule]
) -> None:
    packs = [pack("US", *federal), pack("US-AA", *one), pack("US-BB", *other)]
    unknown = stricter(own, rules_for(packs, "US", "", "consumer", TODAY))

    for region in ("AA", "BB", "CC"):
        known = stricter(own, rules_for(packs, "US", region, "consumer", TODAY))
        assert _no_looser(unknown, known)


@given(
    st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)),
    st.integers(1, 60),
    st.booleans(),
)
def test_a_period_lies_whole_between_telling_and_change(
    told_on: dt.date, count: int, business: bool
) -> None:
    def weekday(day: dt.date) -> bool:
        return day.weekday() < 5

    first = earliest(told_on, Days(count, business), weekday)

    passed = [told_on + dt.timedelta(days=n + 1) for n in range((first - told_on).days)]
    assert sum(weekday(day) or not business for day in passed) == count


# What is refused


def definition(**more: object) -> dict[str, object]:
    raw = {
        "rule": "sms_7d",
        "value": 2,
        "source": "a law",
        "checked_on": "2026-11-01",
        "review_by": "2027-11-01",
    } | more
    return {"code": "ES", "name": "Spain", "country": "ES", "rules": [raw]}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"value": 0}, "ES, sms_7d: Write a number from 1"),
        ({"value": True}, "Write a whole number"),
        ({"rule": "fee"}, "no rule called 'fee'"),
        ({"rule": "hours", "value": "8-20"}, "Write the hours as 08:00-20:00"),
        ({"rule": "hours", "value": "20:00-08:00"}, "the earlier one first"),
        ({"rule": "writings", "value": "maybe"}, "one of contract, agreed, esign"),
        ({"rule": "paper_only", "value": ["bil"]}, "'bil' is no kind of notice"),
        ({"source": " "}, "Name the source"),
        ({"review_by": "2026-10-01"}, "Review it after the day"),
        ({"checked_on": "soon"}, "Write checked_on as a day"),
        (
            {"effective_from": "2027-01-02", "effective_to": "2027-01-01"},
            "The last day comes before the first",
        ),
        ({"person": "child"}, "for consumer, business or both"),
        ({"colour": "red"}, "no 'colour' in a rule"),
    ],
)
def test_a_rule_that_cannot_be_read_says_which_and_why(
    more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(PackError, match=sentence):
        read_pack(definition(**more), version=1, effective_from=TODAY)


def test_two_rules_of_one_day_are_refused() -> None:
    spain = definition(effective_to="2027-01-31")
    spain["rules"] = [
        *spain["rules"],
        *definition(value=1, effective_from="2027-01-31")["rules"],
    ]

    with pytest.raises(PackError, match="hold on the same day"):
        read_pack(spain, version=1, effective_from=TODAY)


@pytest.mark.parametrize(
    "value",
    [30, True, "esign", "08:00-20:00", ["termination"], {"days": 12, "business": True}],
)
def test_a_value_is_written_as_it_is_read(value: object) -> None:
    assert value_from_text(text_from_value(value)) == value


def test_every_shipped_value_can_be_written_again() -> None:
    for one in shipped_packs():
        for raw in one.definition["rules"]:
            kind = RULE_KINDS[raw["rule"]]
            again = value_from_text(text_from_value(raw["value"]))
            assert kind.read(again) == kind.read(raw["value"])
