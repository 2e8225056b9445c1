"""The lint: what it reads past, what it compares, and that no text makes it slow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notices.fields import FIELDS, field_at
from notices.kinds import KINDS, Form
from notices.lint import Finding, House, Severity, Text, lint
from notices.lint.check import LONGEST
from notices.lint.parity import sentence_parity
from notices.lint.parts import tables
from notices.lint.sample import sample
from notices.lint.source import Source
from notices.lint.words import languages, words_of
from notices.render.blocks import languages as block_languages
from notices.render.blocks import words_of as block_words_of
from notices.sms import MOST_SEGMENTS
from tests.notices.good_texts import good_text


def codes(*found: Finding) -> set[str]:
    """Return the codes of findings."""
    return {each.code for each in found}


def lint_body(body: str, **changed: str) -> tuple[Finding, ...]:
    """Return the findings of a reminder with more body."""
    text = good_text()
    return lint(replace(text, body=f"{text.body}\n{body}\n", **changed))


# What a finding says


def test_a_finding_names_line_words_and_what_to_do() -> None:
    text = Text("t", "reminder", "written", "en", "Bill", "One.\n\nThis is OVERDUE.\n")

    found = [each for each in lint(text) if each.code == "capitals"]

    assert [(each.line, each.words) for each in found] == [(3, "OVERDUE")]
    assert found[0].sentence == "“OVERDUE” in capitals shouts."
    assert found[0].suggestion.endswith(".")


def test_a_finding_in_the_subject_has_no_line() -> None:
    found = lint(replace(good_text(), subject="Pay now!"))

    assert [each.line for each in found if each.code == "exclamation"] == [0]


def test_the_gravest_finding_comes_first() -> None:
    found = lint_body("Hey. We will start legal action. Your remittance!")

    assert [each.severity for each in found] == sorted(
        (each.severity for each in found), key=list(Severity).index
    )
    assert found[0].severity == Severity.HARD


def test_the_same_fault_in_one_line_is_told_once() -> None:
    found = lint_body("OVERDUE OVERDUE")

    assert len([each for each in found if each.code == "capitals"]) == 1


def test_a_missing_part_says_what_to_write() -> None:
    found = lint(replace(good_text(), body="Good day."))

    [one] = [each for each in found if each.code == "missing_ways_to_pay"]
    assert one.suggestion == (
        "Write {% payment_details %}, or {{ brand.iban }} and "
        "{{ payment_reference }}, or {{ answer_link }} and {{ payment_reference }}."
    )


# What is read and what is not


@pytest.mark.parametrize(
    "harmless",
    [
        "Once paid, we will send a receipt as soon as it arrives.",
        "See https://example.org/FINAL-NOTICE/court for more.",
        "[Our page](https://example.org/COURT!) tells more.",
        "Pay by IBAN or in the app.",
        "Courtesy matters to us.",
        "We will answer by {{ reply_by }}.",
        "{% if holds_goods %}Ask us.{% endif %}",
        "Our office opens at 9:00 in 24 towns.",
        "We had had no note of it, and so on.",
    ],
)
def test_words_that_only_look_alike_are_let_pass(harmless: str) -> None:
    found = lint_body(harmless)

    assert [each for each in found if each.severity != Severity.HINT] == [
        each for each in lint(good_text()) if each.severity != Severity.HINT
    ]


def test_a_chinese_word_with_letters_in_it_is_not_in_capitals() -> None:
    text = good_text(language="zh")

    found = lint(replace(text, body=f"{text.body}\n能打开PDF文件的程序。\n"))

    assert "capitals" not in codes(*found)


def test_the_words_for_a_count_are_read_too() -> None:
    found = lint_body('{{ invoice_count | plural: "court order", "court orders" }}')

    assert "court_lookalike" in codes(*found)


def test_both_branches_of_a_choice_are_read() -> None:
    found = lint_body("{% if is_late %}Fine.{% else %}You failed us.{% endif %}")

    assert "blame" in codes(*found)


def test_a_threat_is_found_across_a_line_break_and_a_tag() -> None:
    assert "threat" in codes(*lint_body("We take legal\naction."))
    assert "threat" in codes(
        *lint_body("We take legal {% if is_late %}action.{% endif %}")
    )


def test_only_the_first_branch_counts_for_the_length_of_a_sentence() -> None:
    branch = "one two three four five six seven eight nine ten eleven twelve "
    body = f"We {{% if is_late %}}{branch}{{% else %}}{branch}{branch}{{% endif %}}go."

    assert "long_sentence" not in codes(*lint_body(body))
    assert "long_sentence" in codes(*lint_body(f"We {branch}{branch}{branch} go."))


def test_a_period_that_asks_for_nothing_is_only_a_hint() -> None:
    found = lint_body("We answer within 2 days.")

    assert [each.severity for each in found if each.code.startswith("period")] == [
        Severity.HINT
    ]


# Steps and kinds


def test_consequences_wait_for_the_third_step_even_in_a_formal_text() -> None:
    text = good_text("formal")
    body = f"{text.body}\n{{% consequences %}}\n"

    early = lint(replace(text, body=body, step=2))
    late = lint(replace(text, body=body, step=3))

    assert "consequence_early" in codes(*early)
    assert "consequence_early" not in codes(*late)


def test_the_word_final_is_for_the_last_step() -> None:
    subject = "Final notice: {{ total }}"

    assert "final_too_early" in codes(
        *lint(replace(good_text("formal"), subject=subject))
    )
    assert "final_too_early" not in codes(
        *lint(replace(good_text("final"), subject=subject))
    )


def test_promotion_in_a_reminder_is_refused_and_elsewhere_needs_a_reason() -> None:
    def severities(kind: str) -> set[Severity]:
        text = good_text(kind)
        body = f"{text.body}\nA special offer.\n"
        found = lint(replace(text, body=body))
        return {each.severity for each in found if each.code == "promotion"}

    assert severities("reminder") == {Severity.HARD}
    assert severities("procedure") == {Severity.SOFT}


def test_a_subject_that_names_the_rise_passes() -> None:
    subject = "Your amount{% if change.costs_more %} goes up{% endif %}"

    found = lint(replace(good_text("amount"), subject=subject))

    assert "price_rise_unnamed" not in codes(*found)


def test_only_sums_and_dates_may_be_bold() -> None:
    assert "bold_elsewhere" not in codes(*lint_body("It is **{{ total }}**."))
    assert "bold_elsewhere" in codes(*lint_body("It is **{{ brand.name }}**."))
    assert "bold_elsewhere" in codes(*lint_body("It is **only {{ total }}**."))


def test_a_figure_with_its_source_passes() -> None:
    text = good_text("paperless")
    plant = "Source of the 17 trees: the report of the forest office.\n"

    found = lint(replace(text, body=text.body + "\n" + plant))

    assert "figure_without_source" not in codes(*found)


def test_an_unknown_kind_is_a_finding_and_no_crash() -> None:
    assert codes(*lint(replace(good_text(), kind="gossip"))) == {"form_unfit"}


def test_a_language_without_a_list_says_so() -> None:
    assert "language_unlisted" in codes(*lint(replace(good_text(), language="eo")))


@pytest.mark.parametrize("language", ["", "EN", "../en", "zz", "a" * 12])
def test_a_language_is_never_a_path(language: str) -> None:
    assert not words_of(language).phrases


# The house's own words


def test_the_firms_own_jargon_is_told_with_its_plain_word() -> None:
    text = replace(good_text(), body="Your KVN has come.")

    found = lint(text, house=House(jargon={"KVN": "meter"}))

    [one] = [each for each in found if each.code == "jargon"]
    assert one.suggestion == "Say: meter."


def test_names_of_the_house_are_spelt_right() -> None:
    text = replace(good_text(), body="the zyblorf is here")

    assert "word_unknown" in codes(*lint(text))
    assert "word_unknown" not in codes(
        *lint(text, house=House(names=frozenset({"Zyblorf"})))
    )


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("en", "invoice", "invioce"),
        ("fr", "l'adresse", "l'adrresse"),
        ("de", "Zahlungserinnerung", "Zahlungserinerung"),
        ("de", "außer", "Rehnung"),
    ],
)
def test_spelling_knows_elisions_and_compounds(
    language: str, right: str, wrong: str
) -> None:
    text = replace(good_text(), language=language)

    assert not codes(*lint(replace(text, body=right))) & {"misspelt", "word_unknown"}
    assert codes(*lint(replace(text, body=wrong))) & {"misspelt", "word_unknown"}


# Languages side by side


def test_a_field_that_another_language_has_is_missed() -> None:
    english = good_text()
    polish = replace(
        good_text(language="pl"), body=english.body.replace("{% help %}", "{{ total }}")
    )

    found = lint(polish, siblings=[english])

    [one] = [each for each in found if each.code == "field_missing"]
    assert (one.words, one.severity) == ("{% help %}", Severity.HARD)
    assert codes(*lint(english, siblings=[polish])) >= {"field_only_here"}


def test_the_source_may_lose_what_its_translations_still_have() -> None:
    english = good_text()
    shorter = replace(english, body=english.body.replace("{% help %}", "Call us."))
    others = [good_text(language=tongue) for tongue in ("de", "pl")]

    assert "field_missing" not in codes(*lint(shorter, siblings=others))
    stale = lint(others[0], siblings=[shorter, others[1]])
    assert "field_only_here" in codes(*stale)


def test_what_many_languages_lack_is_told_once() -> None:
    english = good_text()
    others = [
        replace(
            good_text(language=tongue), body=english.body.replace("{% help %}", "x")
        )
        for tongue in ("de", "pl", "cs")
    ]

    found = lint(english, siblings=others)

    [one] = [each for each in found if each.code == "field_only_here"]
    assert "cs, de, pl" in one.sentence


def test_a_block_is_matched_by_the_fields_it_prints() -> None:
    blocks = {"help": "Tell us by {{ reply_by }}."}
    english = good_text()
    polish = replace(
        good_text(language="pl"),
        body=english.body.replace("{% help %}", "Do {{ reply_by }}."),
    )

    found = lint(polish, siblings=[english], house=House(blocks=blocks))

    assert "field_missing" not in codes(*found)


def test_grammar_is_not_compared() -> None:
    english = replace(
        good_text(),
        body='{% if is_late %}x{% endif %}{{ invoice_count | plural: "a", "b" }}',
    )
    chinese = replace(good_text(language="zh"), body="账单")

    found = lint(chinese, siblings=[english])

    assert "field_missing" not in codes(*found)


def test_another_text_is_no_translation() -> None:
    other = replace(good_text(language="pl"), key="u")

    assert "field_only_here" not in codes(*lint(good_text(), siblings=[other]))


def test_sentences_of_blocks_need_the_same_names_and_fields() -> None:
    english = {"help": "By {{ reply_by }}.", "due": "Due", "page_of": "{page}/{pages}"}
    french = {"help": "Bientôt.", "dû": "Dû", "page_of": "{page}"}

    found = sentence_parity(english, french, "fr")

    assert {(each.code, each.words) for each in found} == {
        ("words_missing", "due"),
        ("words_unknown", "dû"),
        ("words_differ", "help"),
        ("words_differ", "page_of"),
    }


@pytest.mark.parametrize("language", block_languages())
def test_our_blocks_say_the_same_in_every_language(language: str) -> None:
    found = sentence_parity(block_words_of("en"), block_words_of(language), language)

    assert found == ()


# Text messages


def test_the_parts_of_a_message_are_counted_with_examples() -> None:
    body = "{{ brand.name }}: {{ total }} is due on {{ pay_by | short }}."

    assert sample(Source(body), "en", "GBP") == (
        "Northwind Energy: £184.20 is due on 12 Jun 2026."
    )


def test_a_message_of_more_parts_than_arrive_is_refused() -> None:
    body = good_text(form="sms").body + "The bill is here. " * 60

    found = lint(replace(good_text(form="sms"), body=body))

    [one] = [each for each in found if each.code == "sms_too_long"]
    assert str(MOST_SEGMENTS) in one.sentence


def test_script_that_is_never_plain_is_not_told_to_be() -> None:
    found = lint(good_text(form="sms", language="ru"))

    assert not codes(*found) & {"sms_unicode", "sms_made_plain"}


# Tables


def test_every_field_and_kind_of_the_tables_exists() -> None:
    parts, rules = tables()

    paths = {
        name
        for part in parts.values()
        for way in part.ways
        for name in way
        if not name.startswith("%")
    }
    assert {path for path in paths if field_at(path) is None} == set()
    assert {kind for rule in rules for kind in rule.kinds} == set(KINDS)
    assert {form for rule in rules for form in rule.forms} <= set(Form)


def test_every_language_has_the_same_lists() -> None:
    names = {language: set(words_of(language).phrases) for language in languages()}

    assert len(names) == 8
    assert all(each == names["en"] for each in names.values()), names


# Hostile texts: whatever the length, each is read once

HOSTILE = [
    " ",
    "\n",
    "{{",
    "{%",
    "{{ total }}",
    "{% if is_late %}",
    "{% else %}",
    "{% endif %}",
    "**",
    "](",
    "a",
    "A ",
    "1",
    "1.",
    "1 ",
    ". ",
    "a@",
    "https://",
    '"',
    "within 1",
    "legal ",
    "\ue000",
    "\ue001",
    "\u00a0",
    "你",
    "#",
    "- ",
    "_",
    "'",
    "\x00",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_of_one_piece_repeated_is_read(piece: str) -> None:
    body = piece * ((LONGEST - 10) // len(piece))

    for form in ("written", "sms"):
        assert lint(replace(good_text(form=form), body=body))


def test_what_is_longer_than_any_notice_is_not_read_at_all() -> None:
    found = lint(replace(good_text(), body=" " * 1_000_000))

    assert codes(*found) == {"text_too_long"}


def test_private_signs_in_a_text_do_not_confuse_it() -> None:
    body = "\ue000\ue001 {{ total }} {% else %} {% endif %} {% if"

    assert Source(body).paths == {"total"}
    assert len(Source(body).prose) == len(Source(body).shown_once) == len(body)


def test_examples_of_all_fields_can_be_shown() -> None:
    for path in FIELDS:
        for language in (*languages(), "zz"):
            assert isinstance(sample(Source(f"{{{{ {path} }}}}"), language, "EUR"), str)


def test_one_shout_is_one_finding() -> None:
    text = good_text("reminder", "written", "en")
    found = [
        (one.code, one.words)
        for one in lint(replace(text, body=text.body + "\nURGENT!!!\n"))
        if one.code in {"exclamation", "capitals"}
    ]

    assert found == [("exclamation", "URGENT!!!")]


def test_capitals_without_a_mark_are_still_told() -> None:
    text = good_text("reminder", "written", "en")
    found = lint(replace(text, body=text.body + "\nThis is URGENT. Now!\n"))

    assert {"capitals", "exclamation"} <= {one.code for one in found}
