"""Blocks whose words hold a value: how they break, and how their lines are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from notices.replay.breaking import BREAK, SURE, Line, Token, Undecided, broken
from notices.replay.marks import Part
from notices.replay.shaping import Shaped, Shaper, Unprintable
from notices.replay.weasy import Box, Tree, texts_of
from notices.replay.writing import place

# What a block remembers of its words: how they break, and how they are written.
MOST_KNOWN = 64
# Pixels by which a place may differ from the full layout: a rounding, no more.
EXACT = 0.01

# Words that begin or end with these take a closer look.
_EDGE = ("", " ", BREAK)

Words = tuple[str, ...]
T = TypeVar("T")
Placed = list[tuple[Shaper, str, float]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a block in one style: fixed words, and numbers of values."""

    parts: tuple[Part, ...]
    shaper: Shaper
    wraps: bool

    def words(self, values: Sequence[str]) -> str:
        """Return the words with the values in their places."""
        return "".join(
            [part if type(part) is str else values[part] for part in self.parts]  # type: ignore[index]
        )

    def token(self, words: str) -> Token:
        """Return words of this style, to be broken."""
        return Token(words, self._measure, self.wraps)

    def _measure(self, words: str) -> float:
        return self.shaper(words).width


class Mark(NamedTuple):
    """Words at their place: what sets their colour and their font, what shows them."""

    colour: str
    font: str
    operators: str


@dataclass(frozen=True, slots=True)
class Written:
    """The lines of a block, ready for the page: marks with their page, and words."""

    marks: tuple[tuple[int, Mark], ...]
    words: tuple[Shaped, ...]


@dataclass(slots=True)
class Stand:
    """Where a block stands that takes so many lines; lengths in CSS pixels.

    ``places`` are the page and the baseline of each of its lines.
    """

    left: float
    width: float
    places: tuple[tuple[int, float], ...]
    _written: dict[Words, Written] = field(default_factory=dict, compare=False)

    def written(self, block: Block, words: Words, lines: Sequence[Line]) -> Written:
        """Return the lines of these words, written at their places.

        :raises Unprintable: a line is wider than the block.
        """
        return _remembered(self._written, words, lambda: self._write(block, lines))

    def placed(self, block: Block, line: Line) -> Placed:
        """Return the words of a line with where each begins.

        :raises Unprintable: the line is wider than the block.
        """
        shaped = [(block.pieces[at].shaper, words) for at, words in line]
        widths = [shaper(words).width for shaper, words in shaped[:-1]]
        # The blank at the end of a line takes no room.
        shaper, words = shaped[-1]
        widths.append(shaper(words.rstrip(" ")).width)
        spare = self.width - sum(widths)
        if spare < -EXACT:
            raise Unprintable(" ".join(words for _, words in line))
        left = self.left
        if block.align != "left":
            left += spare if block.align == "right" else spare / 2
        found: Placed = []
        for (shaper, words), width in zip(shaped, widths, strict=True):
            found.append((shaper, words, left))
            left += width
        return found

    def _write(self, block: Block, lines: Sequence[Line]) -> Written:
        marks, words = [], []
        for (page, base), line in zip(self.places, lines, strict=True):
            down = place(base)
            for shaper, text, left in self.placed(block, line):
                shaped = shaper(text)
                words.append(shaped)
                operators = f"1 0 0 -1 {place(left)} {down} Tm{shaped.operators}"
                marks.append((page, Mark(shaper.colour, shaper.set_font, operators)))
        return Written(tuple(marks), tuple(words))


@dataclass(slots=True)
class Block:
    """A block whose words hold a value, and how wide it may be, in CSS pixels.

    ``line`` and ``container`` are what WeasyPrint breaks anew, ``texts`` the words in
    it. ``region`` is the number of the region in which it stands, if it is in one.
    """

    pieces: tuple[Piece, ...]
    align: str
    width: float = 0.0
    region: int | None = None
    line: Box = None
    container: Box = None
    texts: list[Box] = field(default_factory=list)
    _known: dict[Words, list[Line]] = field(default_factory=dict)

    def words(self, values: Sequence[str]) -> Words:
        """Return the words of each piece."""
        return tuple([piece.words(values) for piece in self.pieces])

    def lines(self, tree: Tree, words: Words) -> list[Line]:
        """Return the lines that the block makes with these words.

        :raises Unprintable: not even WeasyPrint can be asked for them.
        """
        return _remembered(self._known, words, lambda: self._broken(tree, words))

    def _broken(self, tree: Tree, words: Words) -> list[Line]:
        if self._fits(words):
            return [list(enumerate(words))]
        tokens = [
            piece.token(each) for piece, each in zip(self.pieces, words, strict=True)
        ]
        try:
            return broken(tokens, self.width)
        except Undecided:
            return self._asked(tree, words)

    def _fits(self, words: Words) -> bool:
        """Whether words surely stand on one line just as they are."""
        if words[0][:1] in _EDGE or words[-1][-1:] in _EDGE or BREAK in words:
            return False
        room = self.width - SURE
        for piece, each in zip(self.pieces, words, strict=True):
            room -= piece.shaper(each).width
        return room >= 0 and "" not in words

    def _asked(self, tree: Tree, words: Words) -> list[Line]:
        """Return the lines as WeasyPrint itself breaks them."""
        if self.line is None:
            raise Unprintable(" ".join(words))
        for text, said in zip(self.texts, words, strict=True):
            text.text = said
        return [
            [(text.duly_piece, text.pango_layout.text) for text in drawn_in(line)]
            for line in tree.break_again(self.line, self.container)
        ]


def _remembered(known: dict[Words, T], words: Words, make: Callable[[], T]) -> T:
    found = known.get(words)
    if found is None:
        if len(known) >= MOST_KNOWN:
            known.clear()
        found = known[words] = make()
    return found


def drawn_in(line: Box) -> list[Box]:
    """Return the words of a laid-out line that are drawn."""
    return [text for text in texts_of(line) if text.text.strip(BREAK)]
