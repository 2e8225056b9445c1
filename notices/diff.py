"""What changed between two texts, word by word, paragraph by paragraph.

Pure: strings in, pieces with a sign out. The pieces without a plus are the old text
again, those without a minus the new one, sign for sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Sign = Literal["=", "+", "-"]

# A Liquid output or tag is one word; so is a blank, a line break, or a sign.
_WORDS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\n|[^\S\n]+|\w+|[^\w\s]", re.DOTALL)
_PARAGRAPHS = re.compile(r"(?<=\n)(?:[^\S\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stayed (``=``), came (``+``) or went (``-``)."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, with its pieces in reading order."""

    pieces: tuple[Piece, ...]

    @property
    def sign(self) -> Literal["=", "+", "-", "±"]:
        """What became of the paragraph: all of it stayed, came, went, or some did."""
        signs = {piece.sign for piece in self.pieces}
        return signs.pop() if len(signs) == 1 else "±"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many words came and went."""

    added: int
    removed: int


def diff(old: str, new: str) -> tuple[Block, ...]:
    """Return the paragraphs of both texts in order, with what changed in each."""
    before, after = paragraphs(old), paragraphs(new)
    blocks: list[Block] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            blocks += [Block((Piece("=", text),)) for text in after[j1:j2]]
        else:
            blocks += _changed(before[i1:i2], after[j1:j2])
    return tuple(blocks)


def count(blocks: Sequence[Block]) -> Counted:
    """Return how many words came and went; blanks and punctuation are no words."""
    words = {"+": 0, "-": 0, "=": 0}
    for block in blocks:
        for piece in block.pieces:
            words[piece.sign] += len(re.findall(r"\w+", piece.text))
    return Counted(added=words["+"], removed=words["-"])


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each with the empty lines that follow it."""
    text = text.replace("\r\n", "\n")
    found, at = [], 0
    for gap in _PARAGRAPHS.finditer(text):
        found.append(text[at : gap.end()])
        at = gap.end()
    return [*found, text[at:]] if text[at:] else found


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[Block]:
    """Yield changed paragraphs, each beside the one it was made from."""
    for old, new in _paired(before, after):
        if not new:
            yield Block((Piece("-", old),))
        elif not old:
            yield Block((Piece("+", new),))
        else:
            yield Block(tuple(_pieces(_WORDS.findall(old), _WORDS.findall(new))))


# How alike two paragraphs must be to be shown as one that was changed.
_ALIKE = 0.4


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each paragraph with its like, in order, or with nothing."""
    start = 0
    for old in before:
        words = _WORDS.findall(old)
        like = next(
            (
                place
                for place in range(start, len(after))
                if SequenceMatcher(
                    None, words, _WORDS.findall(after[place]), autojunk=False
                ).ratio()
                >= _ALIKE
            ),
            None,
        )
        if like is None:
            yield old, ""
            continue
        for new in after[start:like]:
            yield "", new
        yield old, after[like]
        start = like + 1
    for new in after[start:]:
        yield "", new


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            yield Piece("=", "".join(old[i1:i2]))
            continue
        if i2 > i1:
            yield Piece("-", "".join(old[i1:i2]))
        if j2 > j1:
            yield Piece("+", "".join(new[j1:j2]))
