"""The pages of rules of law: what holds, what is overdue, and four eyes on a change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consent.lawbook import lawbook
from consent.models import RulePack
from consent.topic_stops import stop_topic
from tests.factories import NOW, TODAY, make_customer, make_user
from tests.law import enact, raw_rule

pytestmark = pytest.mark.django_db

ALL = ["view_rulepack", "change_rulepack", "approve_rulepack"]


def browser(name: str, *rights: str) -> Client:
    client = Client()
    client.force_login(make_user(name, may=[f"consent.{one}" for one in rights]))
    return client


@pytest.fixture
def lea(noon: None) -> Client:
    """Return the browser of Lea, who may propose and approve."""
    return browser("lea", *ALL)


@pytest.fixture
def leo(noon: None) -> Client:
    """Return the browser of Leo, who may too."""
    return browser("leo", *ALL)


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "rule": "sms_7d",
        "person": "",
        "value": "1",
        "source": "House rule",
        "checked_on": "2026-03-01",
        "review_by": "2027-03-01",
        "used_from": "2026-04-01",
        "why": "Customers complained.",
    } | changes


def propose(client: Client, code: str = "DE", **changes: Any) -> Any:
    return client.post(reverse("rule-change", args=[code]), rule(**changes))


def page(client: Client, code: str = "") -> str:
    address = reverse("rule-pack", args=[code]) if code else reverse("rules")
    return client.get(address).content.decode()


def test_the_rules_are_listed_with_what_they_rest_on(lea: Client) -> None:
    words = page(lea)

    assert "Pennsylvania" in words
    assert "52 Pa. Code 56.261" in words
    assert "Not confirmed" in words
    assert "Overdue" not in words


def test_what_is_past_its_review_is_red(lea: Client) -> None:
    enact("DE", raw_rule("sms_7d", 2, review_by="2026-03-09"))

    words = page(lea)

    assert "Overdue: 9 March 2026" in words
    assert "overdue: 1 rule." in words


def test_a_change_is_proposed_by_one_and_approved_by_another(
    lea: Client, leo: Client
) -> None:
    assert propose(lea)["Location"] == reverse("rule-pack", args=["DE"])
    draft = RulePack.objects.get(state="draft")
    approve = reverse("rule-approve", args=["DE", draft.pk])
    seen = {"seen": _seen(page(leo, "DE"))}

    assert "Approve: use it" not in page(lea, "DE")
    lea.post(approve, seen)
    assert RulePack.objects.get(pk=draft.pk).state == "draft"
    leo.post(approve, seen)

    approved = RulePack.objects.get(pk=draft.pk)
    assert (approved.state, approved.decided_by) == ("in_force", "leo")
    law = lawbook().rules("DE", "", "consumer", dt.date(2026, 4, 1))
    assert law.values["sms_7d"] == 1
    assert "sms_7d" not in lawbook().rules("DE", "", "consumer", TODAY).values


def _seen(words: str) -> str:
    return words.split('name="seen" value="')[1].split('"')[0]


def test_who_approves_sees_what_differs_word_by_word(lea: Client, leo: Client) -> None:
    enact("DE", raw_rule("sms_7d", 5))
    propose(lea, mark="sms_7d||", value="4", source="a law for tests")

    words = page(leo, "DE")

    assert '<del><span class="mark">−</span>5</del>' in words
    assert '<ins><span class="mark">+</span>4</ins>' in words
    assert "Customers complained." in words


def test_a_rule_is_put_right_in_its_place(lea: Client) -> None:
    enact("DE", raw_rule("sms_7d", 5), raw_rule("sms_24h", 1))
    change = reverse("rule-change", args=["DE"])
    form = lea.get(f"{change}?mark=sms_7d%7C%7C").content.decode()
    assert 'value="5"' in form

    propose(lea, mark="sms_7d||", value="4")

    rules = RulePack.objects.get(state="draft").definition["rules"]
    assert [(one["rule"], one["value"]) for one in rules] == [
        ("sms_7d", 4),
        ("sms_24h", 1),
    ]


def test_a_rule_is_taken_out(lea: Client) -> None:
    enact("DE", raw_rule("sms_7d", 5), raw_rule("sms_24h", 1))

    propose(lea, mark="sms_7d||", remove="on")

    rules = RulePack.objects.get(state="draft").definition["rules"]
    assert [one["rule"] for one in rules] == ["sms_24h"]


def test_two_changes_of_one_person_make_one_proposal(lea: Client) -> None:
    enact("DE", raw_rule("sms_7d", 5))

    propose(lea, rule="sms_24h")
    propose(lea, rule="dunning_7d", value="2")

    rules = RulePack.objects.get(state="draft").definition["rules"]
    assert [one["rule"] for one in rules] == ["sms_7d", "sms_24h", "dunning_7d"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": "many"}, "DE, sms_7d: Write a whole number."),
        ({"rule": "hours", "value": "8-20"}, "Write the hours as 08:00-20:00."),
        ({"source": ""}, "Name the source."),
        ({"review_by": ""}, "Say by when to look at it again."),
        ({"why": ""}, "Say why; who approves it will read it."),
        ({"rule": "paper_only", "value": "bil"}, "&#x27;bil&#x27; is no kind"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(
    lea: Client, changes: dict[str, str], sentence: str
) -> None:
    answer = propose(lea, **changes)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not RulePack.objects.filter(state="draft").exists()


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"rule": "hours", "value": "09:00-19:00"}, "09:00-19:00"),
        ({"rule": "writings", "value": "agreed"}, "agreed"),
        ({"rule": "notice_days.terms", "value": "30"}, 30),
        (
            {"rule": "notice_days.terms", "value": "{ days = 12, business = true }"},
            {"days": 12, "business": True},
        ),
        ({"rule": "paper_only", "value": "bill, final_bill"}, ["bill", "final_bill"]),
        ({"rule": "sms_number_provided_ok", "value": "false"}, False),
    ],
)
def test_values_are_written_plainly(
    lea: Client, changes: dict[str, str], value: object
) -> None:
    propose(lea, code="ES", **changes)

    assert RulePack.objects.get(code="ES").definition["rules"][0]["value"] == value


def test_a_place_without_rules_gets_its_first(lea: Client) -> None:
    first = lea.get(reverse("rules-new"), {"code": "us-ca"})
    assert first["Location"] == reverse("rule-change", args=["US-CA"])

    propose(lea, code="US-CA")

    california = RulePack.objects.get(code="US-CA")
    assert (california.name, california.definition["region"]) == (
        "United States, CA",
        "CA",
    )
    assert lea.get(reverse("rules-new"), {"code": "x"})["Location"] == reverse("rules")
    assert lea.get(reverse("rule-pack", args=["QQ"])).status_code == 404


def test_a_proposal_is_set_aside_with_a_reason(lea: Client, leo: Client) -> None:
    propose(lea)
    draft = RulePack.objects.get(state="draft")
    aside = reverse("rule-set-aside", args=["DE", draft.pk])

    assert leo.post(aside, {"reason": ""}).status_code == 422
    leo.post(aside, {"reason": "Not for us."})

    assert RulePack.objects.get(pk=draft.pk).state == "retired"
    assert "Not for us." in page(lea, "DE")


def test_each_right_is_one_of_its_own(noon: None, lea: Client) -> None:
    propose(lea)
    draft = RulePack.objects.get(state="draft")
    viewer, writer = browser("vic", "view_rulepack"), browser("wes", *ALL[:2])
    approve = reverse("rule-approve", args=["DE", draft.pk])

    assert browser("nobody").get(reverse("rules")).status_code == 403
    assert propose(viewer).status_code == 403
    assert "Change<" not in page(viewer, "DE")
    assert writer.post(approve, {"seen": ""}).status_code == 403
    assert "Approve: use it" not in page(writer, "DE")


def test_a_customers_page_says_whose_law_counts(staff: Client) -> None:
    customer = make_customer(country="US", region="PA")

    words = staff.get(reverse("customer", args=[customer.pk])).content.decode()

    assert "PA, United States" in words


def test_a_customers_page_names_the_topics_they_stopped(staff: Client) -> None:
    customer = make_customer()
    stop_topic(customers=[customer], topic="reminders", source="test", now=NOW)

    words = staff.get(reverse("customer", args=[customer.pk])).content.decode()

    assert "Text messages: Payment reminders" in words
    assert "since 10 March 2026, known by: text message" in words
