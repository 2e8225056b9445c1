"""Messages in Arabic: counts in their six forms, sides exchanged, commas of its own."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace

import pytest

from notices.render import render
from notices.samples import sample_facts
from tests.notices.test_library import compiled_text, said


def facts_of(kind: str, channel: str, *, days_late: int):
    facts = sample_facts(kind, channel, language="ar", case="one_invoice")
    [invoice] = facts.invoices
    return replace(facts, invoices=(replace(invoice, days_late=days_late),))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "منذ يوم واحد)"),
        (2, "منذ يومين)"),
        (3, "منذ 3 أيام)"),
        (10, "منذ 10 أيام)"),
        (11, "منذ 11 يومًا)"),
        (99, "منذ 99 يومًا)"),
        (100, "منذ 100 يوم)"),
        (102, "منذ 102 يوم)"),
        (103, "منذ 103 أيام)"),
    ],
)
def test_days_are_counted_as_arabic_counts_them(days, words):
    facts = facts_of("reminder", "email", days_late=days)

    assert words in said("reminder", "email", "ar", facts=facts)[1]


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "على قسط واحد "), (2, "على قسطين "), (3, "على 3 أقساط "), (12, "12 قسطًا ")],
)
def test_parts_of_a_plan_are_counted_too(count, words):
    facts = sample_facts("plan_confirmed", "email", language="ar")
    facts = replace(facts, about={**facts.about, "plan.count": count})

    assert words in said("plan-confirmed", "email", "ar", facts=facts)[0]


def html_of(language: str) -> str:
    facts = sample_facts("reminder", "email", language=language, case="every_clause")
    body = render(compiled_text("reminder", "email", language), facts).body
    message = email.message_from_bytes(body, policy=email.policy.default)
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content()


def test_a_mail_is_set_from_the_right_with_its_room_on_that_side():
    arabic, english = html_of("ar"), html_of("en")

    assert '<html lang="ar" dir="rtl"' in arabic
    assert "padding: 0 24px 0 0;" in arabic
    assert "padding: 0 0 0 24px;" not in arabic
    assert "padding: 0 0 0 24px;" in english


def test_the_telephone_number_of_a_department_keeps_its_order():
    assert "المدفوعات، \u200e+966 11 000 0102" in html_of("ar")


def test_an_address_has_the_comma_of_its_script():
    _, text = said("reminder", "email", "ar")

    assert "شارع السلام 1، الرياض 12211" in text
    assert ", " not in text


def test_a_text_message_of_a_firm_with_a_latin_name_is_still_arabic():
    facts = sample_facts("reminder", "sms", language="ar")
    facts = replace(facts, brand=replace(facts.brand, name="Northwind Energy"))
    text = render(compiled_text("reminder", "sms", "ar"), facts).text

    assert text.startswith("\u200fNorthwind Energy: ")


def test_a_sum_in_a_subject_keeps_its_marks():
    subject, _ = said("reminder", "email", "ar")

    assert "\u200f220.50 ر.س.\u200f" in subject
