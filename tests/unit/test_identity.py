"""The one fact that is asked for before a copy opens."""

from __future__ import annotations

import pytest

from consent.identity import (
    Fact,
    NothingToAsk,
    Question,
    is_same,
    is_same_number,
    question,
)

BOTH = {Fact.POSTCODE: "LS1 1AA", Fact.PHONE: "+447700900123"}


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("ls11aa", "LS1 1AA"),
        (" LS1-1AA ", "LS1 1AA"),
        ("LS1–1AA", "LS1 1AA"),
        ("００950", "00-950"),
        ("١٢٣٤٥", "12345"),
    ],
)
def test_case_blanks_dashes_and_digits_of_any_script_are_one_spelling(typed, known):
    assert is_same(typed, known)


@pytest.mark.parametrize("typed", ["", "   ", "LS1 1AB", "LS1 1A", "LS1 1AAX"])
def test_another_fact_or_half_of_it_is_wrong(typed):
    assert not is_same(typed, "LS1 1AA")


def test_nothing_is_never_the_right_answer():
    assert not is_same("", "")
    assert not is_same("-", " ")
    assert not is_same_number("", "")
    assert not Question(Fact.PHONE, "").is_right("0000000")


@pytest.mark.parametrize(
    "typed", ["+44 7700 900123", "07700 900123", "0044-7700-900123", "7700900123"]
)
def test_a_number_is_right_with_its_country_and_without(typed):
    assert is_same_number(typed, "+447700900123")


@pytest.mark.parametrize(
    "typed", ["", "23", "0123", "900123", "07700 900124", "x" * 40]
)
def test_the_few_digits_that_a_page_shows_are_not_enough(typed):
    assert not is_same_number(typed, "+447700900123")


def test_the_firm_says_what_is_asked_first():
    assert question("postcode", BOTH, channels=["email"]).fact == Fact.POSTCODE
    assert question("phone", BOTH, channels=["email"]).fact == Fact.PHONE
    assert question("", BOTH, channels=["email"]) is None


@pytest.mark.parametrize(
    ("channel", "asked"),
    [
        ("email", Fact.POSTCODE),
        ("letter", Fact.PHONE),
        ("postcard", Fact.PHONE),
        ("sms", Fact.POSTCODE),
    ],
)
def test_what_the_message_tells_is_not_asked(channel, asked):
    assert question("postcode", BOTH, channels=[channel]).fact == asked


def test_the_other_fact_is_asked_where_the_first_is_not_known():
    known = {**BOTH, Fact.POSTCODE: ""}
    found = question("postcode", known, channels=["email"])
    assert (found.fact, found.is_right("07700900123")) == (Fact.PHONE, True)


@pytest.mark.parametrize(
    ("known", "channel"),
    [({}, "email"), ({Fact.POSTCODE: "-"}, "email"), ({Fact.POSTCODE: "1"}, "letter")],
)
def test_where_nothing_can_be_asked_nothing_opens(known, channel):
    with pytest.raises(NothingToAsk):
        question("postcode", known, channels=[channel])
