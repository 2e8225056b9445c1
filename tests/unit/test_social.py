"""Short texts keep whole words, fit their limit, and count what they count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.social import (
    BANNER_LENGTH,
    ELLIPSIS,
    banner_text,
    cut,
    first_sentences,
    social_texts,
)

LINK = "https://bills.northwind.example/n/new-account"
WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyząćęłńóśźżабвг", min_size=1, max_size=30),
    min_size=1,
    max_size=80,
).map(" ".join)


@given(WORDS, st.integers(1, 200))
def test_a_text_is_never_cut_inside_a_word(text: str, room: int) -> None:
    short = cut(text, room)

    assert len(short) <= room
    if short.endswith(ELLIPSIS):
        kept = short.removesuffix(ELLIPSIS)
        assert text.startswith(kept)
        assert text[len(kept)] == " "
    else:
        assert short in {text, ""}


@given(st.text(max_size=400), st.integers(1, 120))
def test_whatever_is_cut_fits(text: str, room: int) -> None:
    assert len(cut(text, room)) <= room


@given(st.lists(st.text(max_size=200), max_size=6), st.booleans())
def test_every_text_fits_its_limit_and_ends_with_the_link(
    lines: list[str], linked: bool
) -> None:
    link = LINK if linked else ""

    for one in social_texts(lines, link, "Northwind Energy"):
        assert one.length == len(one.text) <= one.limit
        assert one.text.endswith(link)


def test_chinese_is_cut_between_signs_and_not_before_a_full_stop() -> None:
    heading = "自二〇二七年九月一日起，我们的银行账户将变更。请仔细阅读。"

    assert cut(heading, 13) == "自二〇二七年九月一日起…"
    assert cut(heading, 16) == "自二〇二七年九月一日起，我们的…"


def test_a_number_in_chinese_text_stays_whole() -> None:
    assert cut("账户将于2027年变更，请注意", 7) == "账户将于…"


def test_one_endless_word_gives_way_to_the_firms_name() -> None:
    [short, *_] = social_texts(["A" * 300], LINK, "Northwind Energy")

    assert short.text == f"Northwind Energy\n\n{LINK}"


def test_a_link_that_is_too_long_leaves_that_length_out() -> None:
    texts = social_texts(["News"], "https://x.example/" + "n" * 100, "Northwind")

    assert [one.limit for one in texts] == [280, 500]


def test_lines_are_added_while_they_fit() -> None:
    short, middle, _ = social_texts(
        ["New account", "From 1 July", "B" * 60, "C" * 300], "", "Northwind"
    )

    assert short.text == "New account\nFrom 1 July\n" + "B" * 60
    assert middle.text == short.text


def test_a_banner_is_one_line() -> None:
    text = banner_text(["New account", "From 1 July · all customers"])

    assert text == "New account · From 1 July · all customers"
    assert len(banner_text(["word " * 100])) <= BANNER_LENGTH


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?\n\n- a list.\n\nFour.", ["One.", "Two!", "Three?", "Four."]),
        ("A heading\n\nOne.", ["One."]),
        ("第一句。第二句。", ["第一句。", "第二句。"]),
    ],
)
def test_only_whole_sentences_are_taken(text: str, sentences: list[str]) -> None:
    assert first_sentences(text) == sentences
