"""Takes a text apart for the lint: its words, its fields and tags, each with its line.

Fields and tags are put out of sight by as many signs as they had, so that every place
in what is left is a place in the text. One pass, whatever the text: no pattern here
can be made to look at a sign over and over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

# Stand where a field or a tag stood; neither is a letter, a digit or a blank.
FIELD, TAG = "\ue000", "\ue001"

_OPENERS = re.compile(r"\{[{%]")
_PATH = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Where a link leads is not something the reader reads.
_ADDRESSES = re.compile(r"(?<=\]\()[^()\s]+(?=\))|https?://\S+|[\w.+-]{1,64}@[\w.-]+")
_ENDS = re.compile(r"(?<=[.!?:。！？])[\s\ue001\"”»)]+|(?<=[。！？])")
_BULLET = re.compile(r"\s{0,3}(?:#{1,6}|[-*+]|\d{1,2}[.)])\s")


@dataclass(frozen=True, slots=True)
class Mark:
    """One ``{{ output }}`` or ``{% tag %}`` and where it stands."""

    start: int
    end: int
    inner: str
    is_tag: bool

    @property
    def words(self) -> list[str]:
        """What stands in it, without quoted words."""
        return _QUOTED.sub(" ", self.inner.strip("-")).split()

    @property
    def path(self) -> str:
        """The field an output prints; empty for a tag."""
        words = self.words
        return words[0].partition("|")[0] if words and not self.is_tag else ""

    @property
    def is_grammar(self) -> bool:
        """Whether it only chooses the word that goes with a count."""
        return not self.is_tag and "plural" in self.inner


@dataclass(frozen=True, slots=True)
class Sentence:
    """A run of words between two ends, as the reader meets it."""

    start: int
    words: str


class Source:
    """A subject or a body, read once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = tuple(_marks(text))
        self._breaks = [at for at, sign in enumerate(text) if sign == "\n"]

    def line_at(self, index: int) -> int:
        """Return the line, from 1, of that place."""
        return bisect_right(self._breaks, index - 1) + 1 if index else 1

    @cached_property
    def prose(self) -> str:
        """The text with fields and tags as signs, each sign in its place."""
        parts, at = [], 0
        for mark in self.marks:
            parts += [self.text[at : mark.start], _hidden(self.text, mark)]
            at = mark.end
        parts.append(self.text[at:])
        return _ADDRESSES.sub(lambda match: FIELD * len(match[0]), "".join(parts))

    @cached_property
    def shown_once(self) -> str:
        """The prose with only the first branch of each choice."""
        parts, at, hidden = [], 0, [False]
        for mark in self.marks:
            parts.append(_blanked(self.prose[at : mark.start], any(hidden)))
            parts.append(_blanked(self.prose[mark.start : mark.end], any(hidden)))
            at = mark.end
            _enter(mark, hidden)
        parts.append(_blanked(self.prose[at:], any(hidden)))
        return "".join(parts)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The fields that are printed or asked about."""
        found: set[str] = set()
        for mark in self.marks:
            # The first word of a tag is its name, not a field.
            for word in mark.words[1:] if mark.is_tag else mark.words:
                found.update(_PATH.findall(word))
        return frozenset(found - _LIQUID)

    @cached_property
    def printed(self) -> frozenset[str]:
        """The fields whose value the reader sees."""
        return frozenset(
            mark.path for mark in self.marks if mark.path and not mark.is_grammar
        )

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The name of each block, as often as it stands there."""
        names = [mark.words[0] for mark in self.marks if mark.is_tag and mark.words]
        return tuple(name for name in names if name not in _LIQUID)

    def words(self) -> Iterator[re.Match[str]]:
        """Yield each word the reader reads."""
        return _WORD.finditer(self.prose)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield each line of the first branches with the place where it begins."""
        at = 0
        for line in self.shown_once.splitlines(keepends=True):
            yield at, line
            at += len(line)

    def paragraphs(self) -> Iterator[Sentence]:
        """Yield what stands between empty lines, headings and bullets."""
        start, gathered = 0, ""
        for at, line in self.lines():
            bare = line.strip(f" \t\r\n\f\v{TAG}")
            if not bare or _BULLET.match(line):
                if gathered:
                    yield Sentence(start, gathered)
                gathered = ""
            if bare:
                start = start if gathered else at
                gathered += line
        if gathered:
            yield Sentence(start, gathered)

    def sentences(self) -> Iterator[Sentence]:
        """Yield the sentences of every paragraph."""
        for paragraph in self.paragraphs():
            at = 0
            for end in [*_ENDS.finditer(paragraph.words), None]:
                stop = end.start() if end else len(paragraph.words)
                if paragraph.words[at:stop].strip():
                    yield Sentence(paragraph.start + at, paragraph.words[at:stop])
                at = end.end() if end else stop


@lru_cache(maxsize=512)
def source_of(text: str) -> Source:
    """Return a short text of ours, such as a block, read once in a process."""
    return Source(text)


_LIQUID = frozenset(
    {"if", "elsif", "else", "endif", "unless", "endunless", "for", "endfor", "in"}
    | {"and", "or", "not", "contains", "true", "false", "plural", "short", "time"}
)


def _marks(text: str) -> Iterator[Mark]:
    """Yield fields and tags; what is never closed is left to the compiler."""
    at, open_ended = 0, set()
    while opener := _OPENERS.search(text, at):
        closing = "}}" if opener[0] == "{{" else "%}"
        end = -1 if closing in open_ended else text.find(closing, opener.end())
        if end < 0:
            open_ended.add(closing)
            at = opener.end()
            continue
        yield Mark(opener.start(), end + 2, text[opener.end() : end], opener[0] == "{%")
        at = end + 2


def _hidden(text: str, mark: Mark) -> str:
    sign = TAG if mark.is_tag else FIELD
    if not mark.is_grammar:
        return sign * (mark.end - mark.start)
    # The words for a count are read like all others, one at a time.
    kept, at = [], mark.start
    for quoted in _QUOTED.finditer(text, mark.start, mark.end):
        kept.append(sign * (quoted.start() + 1 - at) + quoted[0][1:-1])
        at = quoted.end() - 1
    return "".join(kept) + sign * (mark.end - at)


def _blanked(text: str, hidden: bool) -> str:
    return re.sub(r"[^\n]", TAG, text) if hidden else text


def _enter(mark: Mark, hidden: list[bool]) -> None:
    """Keep account of the choices a tag opens, changes or closes."""
    name = mark.words[0] if mark.is_tag and mark.words else ""
    if name in {"if", "unless"}:
        hidden.append(False)
    elif name in {"else", "elsif"}:
        hidden[-1] = len(hidden) > 1
    elif name in {"endif", "endunless"} and len(hidden) > 1:
        hidden.pop()
