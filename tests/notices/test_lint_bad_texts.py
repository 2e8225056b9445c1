"""Each bad text is caught by exactly the rule meant for it, in each language."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from notices.lint import House, Severity, Text, lint
from notices.lint.findings import catalogue
from notices.lint.parts import tables
from notices.lint.versions import block_sources, fault_of
from notices.lint.words import languages
from tests.notices.good_texts import OPENINGS, good_text

FOLDER = Path(__file__).parent / "bad_texts"
# What only a comparison, an unknown language or a second rule can show; see
# test_lint.py and test_lint_versions.py.
ELSEWHERE = {
    "field_missing", "field_only_here", "words_missing", "words_unknown",
    "words_differ", "term_missing", "language_unlisted", "word_unknown", "period",
    "firm_without_number",
}  # fmt: skip
CASES = [
    (path.stem, case)
    for path in sorted(FOLDER.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["texts"]
]


def bad_text(language: str, case: dict[str, str]) -> Text:
    """Return the good text of a kind and form with the fault of a case in it."""
    text = good_text(
        case.get("kind", "reminder"), case.get("form", "written"), language
    )
    body = case.get("body", text.body)
    if part := case.get("without"):
        assert part in body
        body = body.replace(part, "")
    if opening := case.get("opening"):
        body = body.replace(OPENINGS[language], opening)
    body = case.get("before", "") + body
    many = case.get("plant_many", "") * int(case.get("times", 40))
    plant = case.get("plant", "") + many
    if plant and text.form == "sms":
        body = body.replace("{% if must_offer_stop", f"{plant} {{% if must_offer_stop")
    elif plant:
        body = body.rstrip() + f"\n\n{plant}\n"
    return replace(text, subject=case.get("subject", text.subject), body=body)


def house(language: str) -> House:
    """Return our blocks of English, which are the same in every language."""
    return House(
        blocks=block_sources("en"),
        compile=fault_of if language == "en" else lambda text: None,
        missing_glyphs=lambda text: {sign for sign in text if sign >= "\U00013000"},
    )


@pytest.mark.parametrize(
    ("language", "case"),
    CASES,
    ids=[f"{language}-{case['code']}" for language, case in CASES],
)
def test_a_bad_text_is_caught_by_the_rule_that_is_meant(
    language: str, case: dict[str, str]
) -> None:
    found = lint(bad_text(language, case), house=house(language))

    wanted = case["code"]
    heavy = {each.code for each in found if each.severity != Severity.HINT}
    assert wanted in {each.code for each in found}, found
    assert heavy <= {wanted}, found


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("reminder", "written"),
        ("formal", "written"),
        ("reminder", "sms"),
        ("reminder", "call"),
        ("procedure", "written"),
        ("bank_details", "written"),
        ("procedure", "public"),
        ("paperless", "written"),
        ("paperless", "postcard"),
        ("paperless", "insert"),
        ("event", "sms"),
    ],
)
def test_the_text_without_a_fault_passes(kind: str, form: str, language: str) -> None:
    found = lint(good_text(kind, form, language), house=house(language))

    assert [each for each in found if each.severity != Severity.HINT] == []


def test_every_rule_of_the_catalogue_has_a_bad_text() -> None:
    caught = {case["code"] for _, case in CASES}

    assert set(catalogue()) - caught == ELSEWHERE


def test_every_part_that_is_asked_for_is_known_and_every_known_part_is_asked_for() -> (
    None
):
    parts, rules = tables()

    asked = {name for rule in rules for _, names in rule.asked for name in names}

    assert asked == set(parts)


@pytest.mark.parametrize("language", languages())
def test_each_language_has_a_table_for_each_kind_of_fault(language: str) -> None:
    wanted = {"threat", "blame", "formula", "court_lookalike", "informal"}
    wanted |= {"final_too_early", "consequence_early", "promotion", "vague_date"}
    wanted |= {"period_for_date", "amount_typed", "date_typed", "jargon"}
    wanted |= {"price_rise_unnamed"}

    assert wanted <= {case["code"] for tongue, case in CASES if tongue == language}
