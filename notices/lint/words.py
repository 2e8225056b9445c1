"""The words of each language, read once from ``data/<language>.toml``.

A phrase there is words with blanks between; ``*`` stands for any ending of a word and
``#`` for a number, in digits or in words. Patterns are made of nothing else, so that
none can be slow.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from notices.lint.source import TAG

DATA = Path(__file__).resolve().parent / "data"
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list of phrases, and what looks like one of them but is harmless."""

    pattern: re.Pattern[str]
    harmless: re.Pattern[str]

    def found_in(self, prose: str) -> Iterator[re.Match[str]]:
        """Yield each place of a phrase that no harmless one covers."""
        spared = [match.span() for match in self.harmless.finditer(prose)]
        for match in self.pattern.finditer(prose):
            if not any(a <= match.start() and match.end() <= b for a, b in spared):
                yield match

    def is_in(self, prose: str) -> bool:
        """Whether one of the phrases stands there."""
        return next(self.found_in(prose), None) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """One language as the lint knows it."""

    language: str
    phrases: Mapping[str, Phrases]
    jargon: Mapping[str, str]
    jargon_pattern: Phrases
    limits: Mapping[str, int]
    lists: Mapping[str, tuple[str, ...]]
    spelling: str
    currency: str
    is_spaced: bool

    def phrase(self, name: str) -> Phrases:
        """Return a list of phrases; an empty one where the language has none."""
        return self.phrases.get(name) or _NO_PHRASES

    def list_of(self, name: str) -> tuple[str, ...]:
        """Return a plain list of words."""
        return self.lists.get(name, ())

    def limit(self, name: str) -> int:
        """Return a limit of the language, or the common one."""
        return self.limits.get(name, _LIMITS[name])


_NO_PHRASES = Phrases(_NOTHING, _NOTHING)
_LIMITS = {"sentence": 30, "letters": 18, "segments": 2, "subject": 60}


@lru_cache(maxsize=32)
def words_of(language: str) -> Words:
    """Return the words of a language; almost none for one we do not know."""
    path = DATA / f"{language}.toml"
    raw: dict[str, Any] = {}
    if re.fullmatch(r"[a-z]{2,3}", language) and path.is_file():
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    spaced: bool = raw.get("spaced", True)
    numbers = tuple(raw.get("numbers", ()))
    phrases = {
        name: phrases_of(table["words"], table.get("but", ()), numbers, spaced=spaced)
        for name, table in raw.get("phrases", {}).items()
    }
    jargon = {word.casefold(): plain for word, plain in raw.get("jargon", {}).items()}
    return Words(
        language=language,
        phrases=phrases,
        jargon=jargon,
        jargon_pattern=phrases_of(jargon, (), numbers, spaced=spaced),
        limits=raw.get("limits", {}),
        lists={name: tuple(words) for name, words in raw.get("lists", {}).items()},
        spelling=raw.get("spelling", ""),
        currency=raw.get("currency", "EUR"),
        is_spaced=spaced,
    )


def is_known(language: str) -> bool:
    """Whether there is a table for the language."""
    return bool(words_of(language).phrases)


def languages() -> tuple[str, ...]:
    """Return the languages that have a table."""
    return tuple(sorted(path.stem for path in DATA.glob("??.toml")))


def phrases_of(
    words: Iterable[str],
    but: Iterable[str] = (),
    numbers: Iterable[str] = (),
    *,
    spaced: bool = True,
) -> Phrases:
    """Return a list of phrases, ready to be looked for."""
    number = "|".join([r"\d{1,3}", *map(re.escape, numbers)])
    return Phrases(
        _pattern(words, number, spaced=spaced), _pattern(but, number, spaced=spaced)
    )


def _pattern(words: Iterable[str], number: str, *, spaced: bool) -> re.Pattern[str]:
    # The longest first: of two that begin alike the fuller is named.
    each = [_one(phrase, number) for phrase in sorted(words, key=len, reverse=True)]
    if not each:
        return _NOTHING
    choice = f"(?:{'|'.join(each)})"
    edged = rf"(?<!\w){choice}(?!\w)" if spaced else choice
    return re.compile(edged, re.IGNORECASE)


def _one(phrase: str, number: str) -> str:
    gap = rf"[\s{TAG}]+"
    return gap.join(
        re.escape(word).replace(r"\*", r"\w{0,20}").replace(r"\#", f"(?:{number})")
        for word in phrase.split()
    )
