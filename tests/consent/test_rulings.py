"""Rules of law are installed once, changed by two people, and never rewritten."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import Error, IntegrityError, connection, transaction

from consent import installing, rulings
from consent.apps import ConsentConfig
from consent.lawbook import forget, lawbook
from consent.models import RuleAcceptance, RulePack
from consent.packs.reading import PackError
from consent.packs.shipped import Shipped, shipped_packs
from consent.rulings import RulingError, approve, digest, install_shipped, propose
from tests.factories import NOW
from tests.law import definition_of, enact, raw_rule

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
JANUARY = dt.date(2027, 1, 1)


def proposal(value: int = 1, *, by: str = "lea", code: str = "DE") -> RulePack:
    return propose(
        code=code,
        definition=definition_of(code, raw_rule("sms_7d", value)),
        effective_from=JANUARY,
        why="stricter",
        by=by,
        now=NOW,
    )


def texts_a_week(country: str, day: dt.date) -> object:
    return lawbook().rules(country, "", "consumer", day).values.get("sms_7d")


# What comes with Duly


def test_a_migrated_house_has_the_rules_that_come_with_duly() -> None:
    codes = {one.definition["code"] for one in shipped_packs()}

    standing = RulePack.objects.filter(state="in_force", version=1)

    assert {one.code for one in standing} == codes
    assert {one.decided_by for one in standing} == {"Duly"}


def test_installing_again_changes_nothing(capsys: Any) -> None:
    assert install_shipped(now=NOW) == []
    call_command("load_packs")

    assert "known already" in capsys.readouterr().out


@pytest.fixture
def newer_germany(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the next version of Duly bring other rules for Germany."""
    packs = [copy.deepcopy(one) for one in shipped_packs()]
    for one in packs:
        if one.definition["code"] == "DE":
            one.definition["rules"].append(raw_rule("sms_7d", 4))
    monkeypatch.setattr(rulings, "shipped_packs", lambda: packs)


def test_an_upgrade_proposes_and_changes_nothing_by_itself(newer_germany: None) -> None:
    assert install_shipped(now=NOW) == ["DE"]
    assert install_shipped(now=NOW) == []

    offered = RulePack.objects.get(code="DE", state="draft")
    assert (offered.version, offered.proposed_by) == (2, "Duly")
    assert texts_a_week("DE", JANUARY) is None
    approve(pack=offered, seen=digest(offered), by="leo", now=NOW)
    assert texts_a_week("DE", TODAY) == 4


def test_an_upgrade_never_overwrites_what_the_firm_changed(newer_germany: None) -> None:
    enact("DE", raw_rule("sms_7d", 1))

    install_shipped(now=NOW)

    assert texts_a_week("DE", JANUARY) == 1
    assert RulePack.objects.get(code="DE", state="draft").version == 3


def test_an_upgrade_that_was_set_aside_does_not_come_back(newer_germany: None) -> None:
    install_shipped(now=NOW)
    offered = RulePack.objects.get(code="DE", state="draft")
    rulings.set_aside(pack=offered, reason="does not apply", by="leo", now=NOW)

    assert install_shipped(now=NOW) == []


def test_an_upgrade_waits_for_a_proposal_that_is_open(newer_germany: None) -> None:
    proposal()

    assert install_shipped(now=NOW) == []


def test_legal_may_approve_rules_from_the_first_day_on() -> None:
    legal = Group.objects.get(name="Legal")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE consent_rulepack")
    legal.permissions.clear()

    installing.after_migrate(_config(), apps=_apps(), using="default")
    rights = set(legal.permissions.values_list("codename", flat=True))
    legal.permissions.remove(Permission.objects.get(codename="change_rulepack"))
    installing.after_migrate(_config(), apps=_apps(), using="default")

    assert "approve_rulepack" in rights
    assert not legal.permissions.filter(codename="change_rulepack").exists()


def _config() -> ConsentConfig:
    config = _apps().get_app_config("consent")
    assert isinstance(config, ConsentConfig)
    return config


def _apps() -> Any:
    from django.apps import apps

    return apps


# Four eyes


def test_a_change_counts_once_approved_from_its_day_and_not_before() -> None:
    pack = proposal()
    assert texts_a_week("DE", JANUARY) is None

    approve(pack=pack, seen=digest(pack), by="leo", now=NOW)

    assert texts_a_week("DE", JANUARY) == 1
    assert texts_a_week("DE", JANUARY - dt.timedelta(days=1)) is None


def test_nobody_approves_an_own_change() -> None:
    pack = proposal(by="lea")

    with pytest.raises(RulingError, match="A colleague has to approve it"):
        approve(pack=pack, seen=digest(pack), by="lea", now=NOW)

    pack.refresh_from_db()
    assert pack.state == "draft"


def test_the_database_itself_wants_four_eyes() -> None:
    pack = proposal(by="lea")

    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        RulePack.objects.filter(pk=pack.pk).update(state="in_force", decided_by="lea")


def test_what_was_changed_since_it_was_read_is_not_approved() -> None:
    pack = proposal(1)
    seen = digest(pack)
    proposal(3)

    with pytest.raises(RulingError, match="Read it again"):
        approve(pack=pack, seen=seen, by="leo", now=NOW)


def test_one_change_of_a_place_is_open_at_a_time() -> None:
    proposal(by="lea")

    with pytest.raises(RulingError, match="lea has proposed a change"):
        proposal(2, by="max")


def test_what_does_not_differ_is_no_change() -> None:
    enact("DE", raw_rule("sms_7d", 1))

    with pytest.raises(RulingError, match="Nothing differs"):
        proposal(1)


def test_a_change_without_a_reason_or_that_cannot_be_read_is_refused() -> None:
    facts = {"code": "DE", "effective_from": JANUARY, "by": "lea", "now": NOW}

    with pytest.raises(RulingError, match="Say why"):
        propose(definition=definition_of("DE"), why="  ", **facts)
    with pytest.raises(PackError, match="DE, sms_7d"):
        propose(definition=definition_of("DE", raw_rule("sms_7d", 0)), why="x", **facts)
    with pytest.raises(RulingError, match="not of DE"):
        propose(definition=definition_of("FR"), why="x", **facts)


def test_a_change_set_aside_stays_known_with_its_reason() -> None:
    pack = rulings.set_aside(pack=proposal(), reason="not ours", by="lea", now=NOW)

    assert (pack.state, pack.answer, pack.decided_by) == ("retired", "not ours", "lea")
    assert texts_a_week("DE", JANUARY) is None
    with pytest.raises(RulingError, match="decided by lea meanwhile"):
        approve(pack=pack, seen=digest(pack), by="leo", now=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_rulepack SET definition = '{}' WHERE state = 'in_force'",
        "DELETE FROM consent_rulepack WHERE state = 'in_force'",
        "UPDATE consent_ruleacceptance SET reason = 'another'",
        "DELETE FROM consent_ruleacceptance",
    ],
)
def test_what_was_decided_stands_in_the_database(statement: str) -> None:
    rulings.go_on(matter="campaign:1", rules=[], reason="known", by="sam", now=NOW)

    with (
        pytest.raises(Error, match="stands"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# Going on with rules in doubt


def test_going_on_is_kept_and_an_overdue_review_is_another_matter() -> None:
    book = lawbook().rules("US", "TX", "consumer", TODAY)
    hours = list(book.grounds["hours"])
    assert rulings.not_gone_on_with("campaign:1", hours, today=TODAY) == hours

    rulings.go_on(matter="campaign:1", rules=hours, reason="known", by="sam", now=NOW)

    later = dt.date(2028, 1, 1)
    assert rulings.not_gone_on_with("campaign:1", hours, today=TODAY) == []
    assert rulings.not_gone_on_with("campaign:2", hours, today=TODAY) == hours
    assert rulings.not_gone_on_with("campaign:1", hours, today=later) == hours
    assert RuleAcceptance.objects.get().rules == ["US/1/hours"]


def test_going_on_needs_a_reason() -> None:
    with pytest.raises(RulingError, match="Say why"):
        rulings.go_on(matter="campaign:1", rules=[], reason=" ", by="sam", now=NOW)


# Read once


def test_a_batch_asks_for_the_rules_once(django_assert_num_queries: Any) -> None:
    forget()
    with django_assert_num_queries(1):
        for _ in range(100):
            lawbook().rules("US", "PA", "consumer", TODAY)


def test_a_shipped_pack_is_what_its_file_says() -> None:
    [germany] = [one for one in shipped_packs() if one.definition["code"] == "DE"]

    assert isinstance(germany, Shipped)
    assert RulePack.objects.get(code="DE").definition == germany.definition
