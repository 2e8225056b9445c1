"""The shipped texts: each as a rendered sample, and what every one of them owes.

The samples stand in ``tests/notices/golden/<language>/<key>.<channel>.txt``, subject
first. After a change that is meant, write them anew and read the difference:

    GOLDEN=write python -m pytest tests/notices/test_library.py
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from consent.inbound import says_read
from notices.fields import Subject
from notices.kinds import KINDS, Form, channels_of
from notices.models import TemplateVersion
from notices.render import BrandFacts, CustomerFacts, Facts, compile_version, render
from notices.render.compiled import CompiledTemplate
from notices.render.texts import subject_of, text_of
from notices.render.values import values_of
from notices.samples import CASES, MOST_INVOICES, sample_facts, world_of
from notices.sms import measure
from notices.starter import starters
from notices.starter.catalogue import TITLES
from tests.notices.writing import BRAND

GOLDEN = Path(__file__).parent / "golden"
# Each shipped text by key, what it goes out as, and language.
TEXTS: dict[tuple[str, str, str], TemplateVersion] = {
    (starter.key, channel, starter.language): starter.as_version()
    for starter in starters()
    for channel in channels_of(starter.form)
}
EVERY = sorted(TEXTS)
ENGLISH = [which for which in EVERY if which[2] == "en"]
OPEN = [which for which in EVERY if which[1] in {Form.PUBLIC, Form.INSERT}]
RENDERED = ("email", "sms", "call")

_TONE = re.compile(
    r"!|valued customer|immediately|failure to|legal action|\bcourt\b|bailiff|solicitor"
    r"|debtor|delinquent|\bdemand|(?<!too )\bsoon\b|shortly|coming weeks",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_KNOWN_CAPITALS = {"STOP", "START", "READ", "IBAN", "BIC", "PDF"}
_TYPED_AMOUNT = re.compile(r"[£€$]\s*\d|\d+[.,]\d\d\b")
_CHANGES = sorted(
    (key, channel) for key, channel, _ in ENGLISH if KINDS[TITLES[key][0]].is_change
)
_DEARER = (
    "change-amount",
    "change-minimum-payment",
    "change-terms",
    "change-procedure",
)


@cache
def compiled_text(key: str, channel: str, language: str) -> CompiledTemplate:
    """Return a shipped text, compiled once for all tests here."""
    return compile_version(TEXTS[key, channel, language], channel)


def said(
    key: str,
    channel: str,
    language: str = "en",
    *,
    case: str = "typical",
    facts: Facts | None = None,
) -> tuple[str, str]:
    """Return subject and text of a shipped text for a sample customer."""
    version = TEXTS[key, channel, language]
    facts = facts or sample_facts(version.kind, channel, language=language, case=case)
    compiled = compiled_text(key, channel, language)
    values = values_of(facts, language, compiled.kind.subjects)
    number = facts.customer.number
    return subject_of(compiled, values, number), text_of(compiled, values, number)


def source(key: str, channel: str, language: str = "en") -> str:
    """Return a shipped text as its author wrote it."""
    version = TEXTS[key, channel, language]
    return f"{version.subject}\n{version.body}"


@pytest.mark.parametrize(("key", "channel", "language"), EVERY)
def test_a_shipped_text_reads_as_its_sample(key, channel, language):
    subject, text = said(key, channel, language)
    path = GOLDEN / language / f"{key}.{channel}.txt"
    sample = f"{subject}\n\n{text}" if subject else text
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sample, encoding="utf-8")

    assert path.is_file(), f"{path} is missing; run with GOLDEN=write and read it."
    assert sample == path.read_text(encoding="utf-8")


def test_no_sample_is_left_of_a_text_that_is_gone():
    kept = {
        (*path.stem.split("."), path.parent.name) for path in GOLDEN.glob("*/*.txt")
    }

    assert kept <= set(TEXTS)


@pytest.mark.parametrize(
    ("key", "language"),
    [
        (key, language)
        for key, channel, language in EVERY
        if channel == "sms" and KINDS[TITLES[key][0]].is_change
    ],
)
def test_a_change_by_text_names_the_word_to_text_back(key, language):
    kind = TEXTS[key, "sms", language].kind
    facts = sample_facts(kind, "sms", language=language)
    facts = replace(facts, obligations=frozenset())
    _, named = said(key, "sms", language, facts=facts)
    _, without = said(key, "sms", language, facts=replace(facts, takes_texts=False))

    assert named.startswith(without.rstrip())
    sentence = named.removeprefix(without.rstrip()).strip()
    assert bool(sentence) == ("change.old" in facts.about)
    assert not sentence or says_read(re.findall(r"\w+", sentence)[-1])


@pytest.mark.parametrize("key", TITLES)
def test_every_key_of_the_catalogue_has_an_english_text(key):
    assert any(which[0] == key for which in ENGLISH)


def test_every_text_is_of_a_form_that_its_kind_knows():
    for starter in starters():
        assert KINDS[starter.kind].fits(starter.form), (starter.key, starter.form)


# One test a text, so that it is compiled once for all its customers.
@pytest.mark.parametrize(("key", "channel", "language"), EVERY)
def test_a_text_can_be_filled_for_every_awkward_customer(key, channel, language):
    version = TEXTS[key, channel, language]
    for case in CASES:
        facts = sample_facts(version.kind, channel, language=language, case=case)
        if channel in RENDERED:
            text = render(compiled_text(key, channel, language), facts).text
        else:
            _, text = said(key, channel, language, facts=facts)

        for fault in ("{{", "{%", "None", "Dear ,"):
            assert fault not in text, case


@pytest.mark.parametrize(
    "key", [key for key, channel, _ in ENGLISH if channel == "sms"]
)
def test_a_text_message_fits_two_segments_names_the_firm_and_a_number(key):
    _, text = said(key, "sms")
    size = measure(text.strip())

    assert (size.encoding, size.segments <= 2) == ("gsm7", True)
    assert text.startswith("Northwind Energy: ")
    assert "+44 113 496 0000" in text
    # Who has just stopped is told how to come back.
    last = (
        "Reply STOP to opt out."
        if not key.startswith("stop-confirmation")
        else "+44 113 496 0000."
    )
    assert text.strip().endswith(last)


@pytest.mark.parametrize(("key", "channel", "language"), OPEN)
def test_what_anybody_may_read_names_no_customer(key, channel, language):
    version = TEXTS[key, channel, language]
    facts = replace(
        sample_facts(version.kind, channel, language=language),
        customer=CustomerFacts("SECRET-7", "Secret Name"),
        answer_url="https://secret.example/r/1",
    )

    subject, text = said(key, channel, language, facts=facts)

    assert "secret" not in f"{subject}\n{text}".lower()


@pytest.mark.parametrize("case", ["typical", "every_clause"])
@pytest.mark.parametrize("key", ["paperless-postcard", "paperless-last-call"])
def test_an_open_card_shows_no_money_and_no_customer_number(key, case):
    _, text = said(key, "postcard", case=case)

    assert "£" not in text
    assert "1.50" not in text
    assert "C-10442" not in text
    assert "7QK2M9XW4BTD" not in text


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("key", "most"), [("paperless-insert-short", 200), ("paperless-insert-long", 600)]
)
def test_a_bill_message_keeps_to_its_length(key, most, case):
    assert len(said(key, "insert", case=case)[1].strip()) <= most


@pytest.mark.parametrize(("key", "channel", "language"), ENGLISH)
def test_no_text_threatens_shouts_flatters_or_stays_vague(key, channel, language):
    words = source(key, channel, language)
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", words)

    assert not _TONE.search(bare)
    assert set(_CAPITALS.findall(bare)) <= _KNOWN_CAPITALS
    assert not _TYPED_AMOUNT.search(bare)


@pytest.mark.parametrize(("key", "channel", "language"), ENGLISH)
def test_sentences_are_short(key, channel, language):
    _, text = said(key, channel)
    prose = text.removeprefix("Northwind Energy: ").split("\n--\n")[0]
    if channel not in {"sms", "insert"}:
        # Rows of tables and lists are no sentences.
        prose = re.sub(r"^(- .*|[^.?!]*:.*)$", "", prose, flags=re.M)
    sentences = [
        sentence
        for sentence in re.split(r"(?<=[.?!])[”\"]?\s+", prose)
        if len(sentence.split()) > 1
    ]

    assert sum(len(one.split()) for one in sentences) / len(sentences) <= 16


def test_the_word_final_and_consequences_wait_for_their_step():
    for key, channel, _ in ENGLISH:
        words = source(key, channel)
        assert key == "final" or not re.search(r"\bfinal\b", words, re.IGNORECASE)
        assert key in {"formal", "final"} or "consequences" not in words


@pytest.mark.parametrize("key", ["formal", "final"])
def test_consequences_are_told_only_while_they_are_so(key):
    held = "we hold further deliveries"

    assert held not in said(key, "email")[1]
    assert held in said(key, "email", case="every_clause")[1]


@pytest.mark.parametrize(
    ("key", "channel"),
    [
        (key, channel)
        for key, channel, _ in ENGLISH
        if Subject.DEBT in KINDS[TITLES[key][0]].subjects
        and channel in {"email", "letter", "sms"}
    ],
)
def test_a_text_about_money_owed_admits_that_payment_may_have_crossed(key, channel):
    _, text = said(key, channel)

    if channel == "sms":
        assert re.search("Just paid|Already paid", text)
    else:
        assert "If you have paid in the last few days, thank you" in text
        assert "received by 4 June 2026, 19:30 BST" in text


@pytest.mark.parametrize("key", ["reminder", "call", "formal", "final"])
def test_from_the_second_step_on_a_text_tells_how_things_stand(key):
    assert "- 31 May 2026, by " in said(key, "email")[1]
    assert "So far" not in said(key, "email", case="one_invoice")[1]


@pytest.mark.parametrize(("key", "channel"), _CHANGES)
def test_a_change_tells_firm_date_old_and_new(key, channel):
    subject, text = said(key, channel)
    opening = text.split("\n\n")[1 if channel in {"email", "letter"} else 0]

    assert "Northwind Energy" in opening
    assert "1 Sept" in opening
    if channel == "sms":
        return
    assert len(opening.split()) <= 60
    assert opening.startswith("Thank you")
    assert "1 September 2026" in subject
    for label in (
        "Until now: ",
        "From 1 September 2026: ",
        "Why: ",
        "Whom it concerns: ",
    ):
        assert label in text
    assert "Jane Hill, Billing" in text


@pytest.mark.parametrize("channel", ["email", "sms", "public"])
@pytest.mark.parametrize("key", _DEARER)
def test_a_change_that_costs_more_says_so_first(key, channel):
    subject, text = said(key, channel, case="every_clause")

    assert re.search("rises|pay more", subject or text[:70])
    assert channel == "sms" or "You will pay more than until now." in text


def test_a_change_that_costs_nothing_says_nothing_of_it():
    subject, text = said("change-terms", "email")

    assert "pay more" not in f"{subject}\n{text}"


@pytest.mark.parametrize("channel", ["email", "letter", "sms", "public"])
def test_bank_details_are_masked_and_can_be_checked(channel):
    _, text = said("change-bank-details", channel)

    assert "5555 5555" not in text
    assert "1530" not in text
    assert "earlier bill" in text
    assert "+44 113 496 0000" in text


@pytest.mark.parametrize("channel", ["email", "letter", "sms"])
def test_the_old_address_is_told_of_a_change_but_not_of_the_new_value(channel):
    _, text = said("your-details-old", channel)

    assert "3 Park Row" not in text
    assert "If this was not you" in text or "This was not you?" in text


@pytest.mark.parametrize("channel", ["email", "letter", "call", "public"])
def test_going_paperless_tells_everything_a_choice_needs(channel):
    free = " ".join(said("paperless-announcement", channel)[1].split())
    dear = said("paperless-announcement", channel, case="every_clause")[1]

    for part in (
        "bills and reminders",
        "PDF",
        "go back to paper at any time",
        "stay free of charge",
        "The choice is yours",
        "terms of your contract do not change",
        "3 August 2026",
        "1 September 2026",
        "20 July 2026",
    ):
        assert part in free
    assert "A bill on paper will then cost £1.50." in dear
    assert "You still have the right to ask for paper." in dear
    assert "The contract terms change with it" in dear


def test_a_sample_can_wear_the_firms_own_letterhead():
    facts = sample_facts("reminder", "email", brand=BRAND)

    assert isinstance(facts.brand, BrandFacts)
    assert facts.brand is BRAND


def test_the_most_invoices_and_the_same_question_give_the_same_facts():
    asked = [sample_facts("final", "letter", case="most_invoices") for _ in range(2)]

    assert asked[0] == asked[1]
    assert len(asked[0].invoices) == MOST_INVOICES
    assert [one.due_on for one in asked[0].invoices] == sorted(
        one.due_on for one in asked[0].invoices
    )


def test_a_sample_of_an_unknown_kind_or_case_is_refused():
    with pytest.raises(KeyError):
        sample_facts("nonsense", "email")
    with pytest.raises(KeyError):
        sample_facts("reminder", "email", case="nonsense")


@pytest.mark.parametrize("language", ["en", "pl", "fr", "cs", "zh", "ru", "de", "ar"])
def test_each_language_has_a_whole_invented_world_of_its_own(language):
    english, own = _shape(world_of("en")), _shape(world_of(language))

    assert own == english
    assert language == "en" or world_of(language) != world_of("en")
    for kind in KINDS:
        for case in CASES:
            facts = sample_facts(kind, "letter", language=language, case=case)
            assert len(facts.customer.name) <= 300


def _shape(world: object) -> object:
    if isinstance(world, dict):
        return {name: _shape(part) for name, part in world.items()}
    return type(world)
