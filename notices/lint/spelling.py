"""Spelling, by word lists, in the languages that have one that is good enough.

Only advises: a list knows no names and no compound of this morning. Loaded with the
first text of a language; the words of the last three stay at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from spellchecker import SpellChecker

from notices.lint.findings import finding, line_of
from notices.lint.source import Source
from notices.lint.text import Finding, Text
from notices.lint.words import Words, words_of

MOST_FINDINGS = 25
# Shorter ones are abbreviations as often as not.
LEAST_LETTERS = 3
_SHORTEST_PART = 4


def spelling_findings(
    text: Text, words: Words, names: frozenset[str]
) -> Iterator[Finding]:
    """Yield words that the language's list does not know; ``names`` are right here."""
    if not words.spelling:
        return
    allowed = frozenset(name.lower() for name in names)
    told: set[str] = set()
    for source, has_lines in text.places:
        for place, word in _doubtful(source, words, allowed):
            if word.lower() in told or len(told) >= MOST_FINDINGS:
                continue
            told.add(word.lower())
            line = line_of(source, place, has_lines=has_lines)
            meant = _meant(word.lower(), words.language)
            code = "misspelt" if meant else "word_unknown"
            yield finding(code, line, word, meant=meant)


def _doubtful(
    source: Source, words: Words, allowed: frozenset[str]
) -> Iterator[tuple[int, str]]:
    for match in source.words():
        word = match[0].replace("’", "'")
        # Not folded: that would write ß as ss.
        bare = word.lower()
        for elision in words.list_of("elisions"):
            bare = bare.removeprefix(elision)
        bare = bare.removesuffix("'s").strip("'")
        if len(bare) < LEAST_LETTERS or bare in allowed or word.isupper():
            continue
        # Within a sentence a capital begins a name, save in German.
        if word[0].isupper() and words.language != "de" and not _begins(source, match):
            continue
        if not is_spelt_right(bare, words.language):
            yield match.start(), word


def _begins(source: Source, match: object) -> bool:
    start = match.start()  # type: ignore[attr-defined]
    before = source.prose[max(0, start - 4) : start].rstrip(" \t")
    return not before or before[-1] in '.!?:#*-\n"“„«(\ue001'


def is_spelt_right(word: str, language: str) -> bool:
    """Whether a word in lower case is in the list, or is made of words that are."""
    known = _known(language)
    if language != "de":
        return word in known
    return word in known or _is_compound(word, known)


def _is_compound(word: str, known: frozenset[str], depth: int = 2) -> bool:
    """Whether a German word is others put together, with or without an s between."""
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        head, tail = word[:cut], word[cut:]
        if head not in known and head.removesuffix("s") not in known:
            continue
        if tail in known or (depth > 1 and _is_compound(tail, known, depth - 1)):
            return True
    return False


# About 25 to 50 MB a language, so no more than there are lists in use.
@lru_cache(maxsize=3)
def _known(language: str) -> frozenset[str]:
    words = words_of(language)
    checker = SpellChecker(language=words.spelling, distance=1)
    listed = checker.word_frequency.dictionary
    return frozenset(listed) | frozenset(words.list_of("spelt_right"))


def _meant(word: str, language: str) -> str:
    """Return the word one slip away, or nothing; of several the first by alphabet."""
    if len(word) > 2 * MOST_FINDINGS:
        return ""
    known, letters = _known(language), words_of(language).list_of("alphabet")
    alphabet = "".join(letters) or "abcdefghijklmnopqrstuvwxyz"
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    near += [a + b[1:] for a, b in cuts if b]
    near += [a + sign + b[1:] for a, b in cuts if b for sign in alphabet]
    near += [a + sign + b for a, b in cuts for sign in alphabet]
    return next((one for one in near if one in known), "")
