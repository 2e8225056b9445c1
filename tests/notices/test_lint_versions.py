"""The lint over rows: translations, reasons, and the texts that come with Duly."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from notices.kinds import KINDS
from notices.lint import Finding, Severity, lint, versions
from notices.lint.text import Text
from notices.lint.versions import findings_of, house_of, open_findings, text_of
from notices.models import TemplateVersion, Term
from notices.starter import starters
from tests.notices.good_texts import good_text

SHIPPED = [text_of(starter.as_version()) for starter in starters()]


def make_row(
    body: str = "", *, language: str = "en", **changed: object
) -> TemplateVersion:
    """Save a draft of the good reminder with more body."""
    text = good_text()
    return TemplateVersion.objects.create(
        key="mine",
        kind="reminder",
        channel="written",
        language=language,
        subject="About your bill",
        body=text.body + body,
        **changed,
    )


@pytest.mark.parametrize(
    "text",
    SHIPPED,
    ids=[f"{text.language}-{text.key}.{text.form}" for text in SHIPPED],
)
def test_every_shipped_text_is_clean(text) -> None:
    siblings = [other for other in SHIPPED if other.language != text.language]

    found = lint(text, siblings=siblings, house=house_of(text.language))

    assert [each for each in found if each.severity != Severity.HINT] == []


def test_every_shipped_text_belongs_to_a_kind_that_the_lint_knows() -> None:
    assert {text.kind for text in SHIPPED} <= set(KINDS)


@pytest.mark.django_db
def test_a_clean_text_has_nothing_open() -> None:
    assert open_findings(make_row()) == ()


@pytest.mark.django_db
def test_a_reason_closes_a_soft_finding_and_never_a_hard_one() -> None:
    reasons = {"capitals": "It is the name of the product.", "threat": "We mean it."}

    version = make_row("\nOVERDUE. We start legal action.\n", waivers=reasons)

    assert {each.code for each in findings_of(version)} == {"capitals", "threat"}
    assert {each.code for each in open_findings(version)} == {"threat"}


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "   ", None, 1, ["x"]])
def test_an_empty_reason_is_none(reason: object) -> None:
    version = make_row("\nOVERDUE.\n", waivers={"capitals": reason})

    assert {each.code for each in open_findings(version)} == {"capitals"}


@pytest.mark.django_db
def test_a_hint_stands_in_nobodys_way() -> None:
    version = make_row("\nYour remittance has come.\n")

    assert {each.code for each in findings_of(version)} == {"jargon"}
    assert open_findings(version) == ()


@pytest.mark.django_db
def test_the_newest_translation_that_is_not_retired_is_compared() -> None:
    german = make_row(language="de")
    make_row("\n{{ days_late }}\n", version=1)
    make_row(version=2)

    assert "field_missing" not in {each.code for each in findings_of(german)}

    make_row("\n{{ customer.number }}\n", version=3)
    # {% contact %} prints the number already.
    assert "field_missing" not in {each.code for each in findings_of(german)}

    make_row("\n{{ days_late }}\n", version=4)
    assert "field_missing" in {each.code for each in open_findings(german)}


@pytest.mark.django_db
def test_a_text_that_does_not_compile_is_one_hard_finding_with_its_line() -> None:
    version = make_row("\n<b>Pay</b>\n")

    [one] = [each for each in findings_of(version) if each.code == "does_not_compile"]

    assert one.severity == Severity.HARD
    assert one.line == version.body.count("\n")


@pytest.mark.django_db
def test_the_firms_own_name_is_spelt_right(settings) -> None:
    from tests.factories import make_brand

    make_brand(name="Zyblorf Water")
    version = make_row("\nThe zyblorf is here.\n")

    assert "word_unknown" not in {each.code for each in findings_of(version)}


@pytest.mark.django_db
def test_the_same_words_are_read_once_and_other_words_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = []

    def reads(text: Text, **beside: object) -> tuple[Finding, ...]:
        read.append(text.body)
        return lint(text, **beside)

    monkeypatch.setattr(versions, "lint", reads)
    versions._linted.cache_clear()
    version = make_row()

    assert findings_of(version) == findings_of(version)
    assert read == [version.body]

    version.body = "Quite other words, {{ total }}.\n"
    findings_of(version)
    assert len(read) == 2

    make_row(language="de")
    findings_of(version)
    assert len(read) == 3


@pytest.mark.django_db
def test_a_translation_says_what_the_glossary_says() -> None:
    Term.objects.create(word="bill*", language="pl", says="rachun*")
    Term.objects.create(word="meter", language="pl", says="licznik*")
    english = TemplateVersion.objects.create(
        key="own", kind="reminder", channel="call", language="en", body="Your bills.\n"
    )

    def told(body: str, language: str = "pl") -> list[str]:
        version = TemplateVersion(
            key="own", kind="reminder", channel="call", language=language, body=body,
            translated_from=english,
        )  # fmt: skip
        return [one.words for one in findings_of(version) if one.code == "term_missing"]

    assert told("Twoja faktura.\n") == ["rachun*"]
    assert told("Twój rachunek.\n") == []
    assert told("Ihre Rechnung.\n", "de") == []


@pytest.mark.parametrize("words", ["a  b", "(x)", "*", "a_b", " a"])
def test_a_term_is_words_and_nothing_else(words: str) -> None:
    term = Term(word=words, language="pl", says="rachun*")

    with pytest.raises(ValidationError):
        term.full_clean()
