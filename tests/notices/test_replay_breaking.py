"""Replay breaks lines where WeasyPrint does, or asks it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from weasyprint import CSS

from notices.render.press import Fetcher, fonts
from notices.render.qr import picture
from notices.replay.breaking import BREAK, Token, Undecided, broken, is_unbroken
from notices.replay.conditions import Unprovable
from notices.replay.engine import Replay
from notices.replay.marks import Apart
from notices.replay.parts import Laid
from notices.replay.prototype import laid_out as keep
from notices.replay.shaping import Unprintable
from notices.replay.weasy import Setting

WORDS = st.text(
    alphabet="AVTWaefilostvy.,-/:;!?%()&'0147äéłßçŞø€£–“”", min_size=1, max_size=14
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
PAGES = [
    "<p>Dear <bdi>", "</bdi>, please pay <b class='value'>", "</b> by ",
    " at the latest; see <i>", "</i>. Thank you.</p>",
]  # fmt: skip


def laid_out(values: list[str], width: int, align: str = "left") -> Laid:
    """Lay a paragraph out; its own lines are set again and have to be the same."""
    css = (
        "@page { size: A4; margin: 0 } body { font: 10pt 'Noto Sans'; margin: 0 }"
        f"p {{ width: {width}px; text-align: {align}; overflow-wrap: anywhere }}"
        ".value { white-space: nowrap }"
    )
    style = CSS(string=css, font_config=fonts())
    return keep(
        Apart(PAGES, values),
        Setting(fonts(), [style], Fetcher()),
        {},
        picture=picture,
        check=lambda pages: None,
    )


@settings(
    max_examples=100,
    deadline=None,
    # Finding the shortest words that differ takes minutes; any will do.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(SENTENCES, min_size=4, max_size=4), st.integers(90, 700))
def test_random_words_break_as_weasyprint_breaks_them(
    values: list[str], width: int
) -> None:
    try:
        proof = laid_out(values, width)
    except Unprintable:
        return  # such words go the full way
    except Unprovable as fault:
        # A line of blanks and the like; never lines that differ.
        assert "Its own lines differ" not in str(fault), str(fault)
        return
    assert sum(proof.lines) > 0


def test_another_letter_breaks_as_its_own_layout_would() -> None:
    names = ["Anna", "Maximiliana Featherstonehaugh", "AV To-Ty", "a/b (c) d-e"]
    shared = laid_out(["Anna", "£1.00", "5 June", "R-1"], 260)
    for name in names:
        values = [name, "£1,234,567.00", "12 December 2026", "R-2026-0815"]
        block = shared.blocks[0]
        own = laid_out(values, 260)

        lines = block.lines(shared.tree, block.words(values))

        assert len(lines) == own.lines[0]


@pytest.mark.parametrize("align", ["right", "center"])
def test_lines_are_aligned_as_their_block_is(align: str) -> None:
    assert laid_out(["Anna", "£1", "today", "R-1"], 200, align).lines[0] > 1


def test_justified_lines_are_left_to_the_full_way() -> None:
    with pytest.raises(Unprovable, match="justified"):
        laid_out(["Anna", "£1", "today", "R-1"], 200, "justify")


def token(text: str, *, wraps: bool = True) -> Token:
    """Return words in a style in which every sign is ten pixels wide."""
    return Token(text, lambda words: 10.0 * len(words), wraps)


def test_a_line_takes_as_many_words_as_fit() -> None:
    assert broken([token("one two three")], 80) == [[(0, "one two")], [(0, "three")]]


def test_what_must_not_break_goes_to_the_next_line_whole() -> None:
    tokens = [token("by "), token("5 June", wraps=False), token(".")]

    assert broken(tokens, 75) == [[(0, "by ")], [(1, "5 June"), (2, ".")]]


def test_a_forced_end_begins_a_new_line() -> None:
    lines = broken([token("a"), token(BREAK), token("b")], 100)

    assert lines == [[(0, "a")], [(2, "b")]]


@pytest.mark.parametrize("text", ["one two-three", "one two/three", "a" * 12])
def test_words_that_could_end_a_line_within_are_not_guessed(text: str) -> None:
    with pytest.raises(Undecided):
        broken([token(text)], 85)


def test_a_line_that_nearly_fits_is_not_guessed() -> None:
    with pytest.raises(Undecided):
        broken([token("one two three")], 70.04)


def test_unbroken_are_words_without_a_place_to_break() -> None:
    sure = ["12", "June", "C-10442", "(foo).", "“foo”,", "£1,234.50", "don't", "a@b.c"]
    unsure = ["a-b", "a/b", "Mo–Fr", "wow!yes", "漢字", "co\u00adop", "a(b"]

    assert [word for word in sure if not is_unbroken(word)] == []
    assert [word for word in unsure if is_unbroken(word)] == []


def test_a_shape_is_forgotten_before_memory_runs_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from notices.replay import engine

    monkeypatch.setattr(engine, "MOST_SHAPES", 2)
    replay = Replay()
    for number in range(5):
        replay._shapes[number] = "for nothing"
        replay._forget()

    assert all(a < b for a, b in pairwise(replay._shapes))  # type: ignore[operator]
    assert list(replay._shapes) == [3, 4]
