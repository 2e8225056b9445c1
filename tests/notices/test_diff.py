"""What changed between two texts, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notices.diff import Block, Piece, count, diff, paragraphs

TEXT = st.text(alphabet="ab c.\n{}%é漢\t", max_size=60)


def _joined(blocks: tuple[Block, ...], without: str) -> str:
    return "".join(
        piece.text
        for block in blocks
        for piece in block.pieces
        if piece.sign != without
    )


@given(TEXT, TEXT)
def test_the_pieces_are_both_texts_again(old: str, new: str) -> None:
    blocks = diff(old, new)

    assert _joined(blocks, "+") == old
    assert _joined(blocks, "-") == new


@given(TEXT)
def test_a_text_differs_in_nothing_from_itself(text: str) -> None:
    assert all(block.sign == "=" for block in diff(text, text))


@given(TEXT)
def test_paragraphs_are_the_text_again(text: str) -> None:
    assert "".join(paragraphs(text)) == text


def test_one_changed_word_is_one_word_gone_and_one_come() -> None:
    (block,) = diff("Please pay by Monday.", "Please pay by Friday.")

    assert block.sign == "±"
    assert block.pieces == (
        Piece("=", "Please pay by "),
        Piece("-", "Monday"),
        Piece("+", "Friday"),
        Piece("=", "."),
    )


def test_a_field_is_one_word() -> None:
    (block,) = diff("Pay {{ total }}.", "Pay {{ invoice_count }}.")

    assert Piece("-", "{{ total }}") in block.pieces
    assert Piece("+", "{{ invoice_count }}") in block.pieces


def test_a_new_paragraph_leaves_its_neighbours_alone() -> None:
    blocks = diff("One.\n\nThree.\n", "One.\n\nTwo.\n\nThree.\n")

    assert [block.sign for block in blocks] == ["=", "+", "="]


def test_unlike_paragraphs_are_not_mixed_word_by_word() -> None:
    blocks = diff("Thank you for your payment.", "{% payment_details %}")

    assert [block.sign for block in blocks] == ["-", "+"]


def test_windows_line_breaks_are_no_change() -> None:
    assert [block.sign for block in diff("a\r\nb\r\n", "a\nb\n")] == ["="]


def test_words_are_counted_without_signs_and_blanks() -> None:
    counted = count(diff("Pay now, please.", "Pay today, or call."))

    assert (counted.added, counted.removed) == (3, 2)
