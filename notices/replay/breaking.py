"""Breaks the words of a block into lines as WeasyPrint would, where that is certain.

Certain are words between which blanks are the only places to break: then a line takes
as many as fit. Where more would have to be known (a hyphen or slash at the end of a
line, a word longer than a line, a hair's breadth between fitting and not) nothing is
guessed: :class:`Undecided` says that WeasyPrint has to be asked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

# The words of a token that does nothing but end a line.
BREAK = "\n"

# Shaped together words may be this much narrower or wider than alone, in pixels.
KERNED = 1.0
# And this far from the edge a line surely fits, or surely does not.
SURE = 0.05

# Between signs of these no line breaks (Unicode annex 14: letters and digits, what is
# set close to them, and quotation marks of one side), whatever their order.
_LETTERS = "0-9A-Za-z\u00aa\u00ba\u00c0-\u024f\u0370-\u0481\u048a-\u052f"
_UNBROKEN = re.compile(
    f"(?:[{_LETTERS}&*=@#'\"\u2019\u00a0]"
    # A currency belongs to what follows it, but not to a colon in front of it.
    f"|[.,:;](?![$£€])|[$£€](?=[{_LETTERS}.,]|$)"
    "|-(?=[0-9]))*"
)
# What may stand around them: opening in front, closing behind.
_FRAME = re.compile(r"[(„“‘]*(?P<core>.*?)%?[)”!?]*[.,:;]*", re.DOTALL)
_WORDS = re.compile(r"[^ ]* +|[^ ]+")

# A blank ends a line surely between signs like these: before others (a colon, say), or
# behind them (a bracket that opens), it may have to stay.
_BEHIND = re.compile(f"[{_LETTERS}.,:;!?)%&@#$£€]")
_BEFORE = re.compile(f"[{_LETTERS}&@#$£€(]")

Measure = Callable[[str], float]


class Undecided(Exception):
    """Where a line ends cannot be said here."""


@dataclass(frozen=True, slots=True)
class Token:
    """Words in one style; ``wraps`` says whether its blanks may end a line."""

    text: str
    measure: Measure
    wraps: bool = True


# A line: which token, and which of its words. Where a token ends with its line, the
# blank at its end is still there: WeasyPrint draws it, though it takes no room.
Line = list[tuple[int, str]]


def broken(tokens: Sequence[Token], room: float) -> list[Line]:
    """Return the lines that tokens make in so many pixels.

    :raises Undecided: it takes more than widths to say.
    """
    lines: list[Line] = []
    part: Line = []
    for at, token in enumerate(tokens):
        if token.text == BREAK:
            lines += _broken(tokens, part, room)
            part = []
        elif token.text:
            part.append((at, token.text))
    return lines + _broken(tokens, part, room) if part else lines


def _broken(tokens: Sequence[Token], part: Line, room: float) -> list[Line]:
    """Return the lines of words between which none has to end."""
    if _width(tokens, part) <= room - SURE:
        _require_room_for_blank(tokens, part, room)
        return [_ended(part)]
    lines: list[Line] = []
    line = _LineUp(tokens, room)
    units = _units(tokens, part)
    for unit, following in zip_longest(units, units[1:]):
        closes = following is None or following[0][0] != unit[-1][0]
        if line.takes(unit):
            line.add(unit)
            if closes:
                _require_room_for_blank(tokens, line.pieces, room)
            continue
        _require_sure(tokens, line, unit)
        goes_on = unit[0][0] == line.pieces[-1][0]
        lines.append(_trimmed(line.pieces) if goes_on else _ended(line.pieces))
        line = _LineUp(tokens, room)
        if not line.takes(unit):
            raise Undecided
        line.add(unit)
        if closes:
            _require_room_for_blank(tokens, line.pieces, room)
    if line.pieces:
        lines.append(_ended(line.pieces))
    return lines


def _require_sure(tokens: Sequence[Token], line: _LineUp, unit: Unit) -> None:
    """Return when a line that does not take a unit surely ends before it.

    :raises Undecided: it may end within the unit, or further back.
    """
    if not line.pieces or not is_unbroken(_seen(tokens, unit)):
        raise Undecided
    if not ends_at(line.pieces[-1][1].rstrip(" ")[-1:], unit[0][1][:1]):
        raise Undecided
    if len(unit) > 1 and line.takes(unit[:1]):
        # Where a word of several styles fits in part, WeasyPrint steps back further
        # than to the last blank.
        raise Undecided


def _width(tokens: Sequence[Token], pieces: Line) -> float:
    """Return the width of a line; the blanks at its ends take no room."""
    return sum(tokens[at].measure(words) for at, words in _trimmed(pieces))


def _require_room_for_blank(tokens: Sequence[Token], pieces: Line, room: float) -> None:
    """Leave it to WeasyPrint where the last blank of a token sticks out of its line.

    It then breaks the token once more, though without the blank it would fit.

    :raises Undecided: it does.
    """
    at, words = pieces[-1]
    if words[-1] == " ":
        blank = tokens[at].measure("a ") - tokens[at].measure("a")
        if _width(tokens, pieces) + blank > room - KERNED:
            raise Undecided


Unit = list[tuple[int, str]]


def _units(tokens: Sequence[Token], part: Line) -> list[Unit]:
    """Return the words cut at blanks that may end a line, each with its blank."""
    units: list[Unit] = []
    unit: Unit = []
    for at, text in part:
        wraps = tokens[at].wraps
        for words in words_of(text) if wraps else (text,):
            unit.append((at, words))
            if wraps and words[-1] == " ":
                units.append(unit)
                unit = []
    if unit:
        units.append(unit)
    return units


def _seen(tokens: Sequence[Token], unit: Unit) -> str:
    """Return the words of a unit; blanks that end no line are part of a word."""
    return "".join(
        words if tokens[at].wraps else words.replace(" ", "\u00a0")
        for at, words in unit
    )


def ends_at(behind: str, before: str) -> bool:
    """Whether a line may surely end at a blank between two signs."""
    return bool(_BEHIND.match(behind) and _BEFORE.match(before))


class _LineUp:
    """A line that takes units one after the other while they fit."""

    def __init__(self, tokens: Sequence[Token], room: float) -> None:
        self.pieces: Line = []
        self._tokens = tokens
        self._room = room
        self._width = 0.0

    def takes(self, unit: Unit) -> bool:
        """Whether the unit stands on this line.

        :raises Undecided: it is too close to call.
        """
        width = self._width
        for at, words in unit[:-1]:
            width += self._tokens[at].measure(words)
        at, words = unit[-1]
        width += self._tokens[at].measure(words.rstrip(" "))
        if width <= self._room - KERNED:
            return True
        if width > self._room + KERNED:
            return False
        exact = _width(self._tokens, _joined([*self.pieces, *unit]))
        if abs(exact - self._room) < SURE:
            raise Undecided
        return exact <= self._room

    def add(self, unit: Unit) -> None:
        """Set the unit at the end of the line."""
        self.pieces = _joined([*self.pieces, *unit])
        for at, words in unit:
            self._width += self._tokens[at].measure(words)


def _joined(pieces: Line) -> Line:
    """Return the pieces with neighbours of one token put together."""
    joined: Line = []
    for at, words in pieces:
        if joined and joined[-1][0] == at:
            joined[-1] = (at, joined[-1][1] + words)
        else:
            joined.append((at, words))
    return joined


def _trimmed(pieces: Line) -> Line:
    """Return the pieces without the blanks at the ends of their line."""
    kept = list(pieces)
    while kept:
        at, words = kept[0]
        if words := words.lstrip(" "):
            kept[0] = (at, words)
            break
        del kept[0]
    while kept:
        at, words = kept[-1]
        if words := words.rstrip(" "):
            kept[-1] = (at, words)
            break
        del kept[-1]
    return kept


def _ended(pieces: Line) -> Line:
    """Return a trimmed line that keeps the blank of a token that ends with it."""
    kept = _trimmed(pieces)
    if kept and kept[-1][0] == pieces[-1][0]:
        at, words = kept[-1]
        kept[-1] = (at, words + " " if pieces[-1][1][-1] == " " else words)
    return kept


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return a text cut behind its blanks."""
    return tuple(_WORDS.findall(text))


@lru_cache(maxsize=20_000)
def is_unbroken(word: str) -> bool:
    """Whether no line can end inside a word (its own blanks behind it aside)."""
    frame = _FRAME.fullmatch(word.rstrip(" "))
    return frame is not None and bool(_UNBROKEN.fullmatch(frame["core"]))
