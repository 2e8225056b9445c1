"""Whether a text is easy: jargon, long sentences, long words, slips of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from notices.kinds import Form
from notices.lint.findings import finding, line_of
from notices.lint.source import FIELD, Source
from notices.lint.text import Finding, Text
from notices.lint.words import Phrases, Words, phrases_of

_COUNTED = re.compile(rf"[^\W_]+(?:['’-][^\W_]+)*|{FIELD}+")
_PAIRS = re.compile(r"[^\W\d_]+")
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}(?=[^\s\\])")
_BEFORE_STOP = re.compile(r"(?<=\w) [,.;](?=\s|$)")


def plain_findings(
    text: Text, words: Words, jargon: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield what is hard to read; ``jargon`` is the firm's own, with plain words."""
    lists = [(words.jargon_pattern, words.jargon)]
    if jargon:
        own = {word.casefold(): plain for word, plain in jargon.items()}
        lists.append((phrases_of(own, spaced=words.is_spaced), own))
    for source, has_lines in text.places:
        for pattern, plain in lists:
            yield from _jargon(source, pattern, plain, has_lines=has_lines)
        yield from _slips(source, words, has_lines=has_lines)
        yield from _long_words(source, words, has_lines=has_lines)
    if text.form not in {Form.CALL, Form.SMS}:
        yield from _long_sentences(text.content, words)


def _jargon(
    source: Source, pattern: Phrases, plain: Mapping[str, str], *, has_lines: bool
) -> Iterator[Finding]:
    for match in pattern.found_in(source.prose):
        said = " ".join(match[0].casefold().split())
        word = plain.get(said) or next(
            (
                meant
                for jargon, meant in plain.items()
                if said.startswith(jargon.rstrip("*"))
            ),
            "",
        )
        line = line_of(source, match.start(), has_lines=has_lines)
        yield finding("jargon", line, match[0], plain=word)


def _slips(source: Source, words: Words, *, has_lines: bool) -> Iterator[Finding]:
    if words.is_spaced:
        yield from _doubled(source, words, has_lines=has_lines)
    for pattern in (_SPACES, _BEFORE_STOP):
        for match in pattern.finditer(source.prose):
            around = source.prose[max(0, match.start() - 15) : match.end() + 15]
            line = line_of(source, match.start(), has_lines=has_lines)
            yield finding("doubled_space", line, around)


def _doubled(source: Source, words: Words, *, has_lines: bool) -> Iterator[Finding]:
    allowed = words.list_of("doubled")
    before: re.Match[str] | None = None
    for match in _PAIRS.finditer(source.prose):
        if (
            before is not None
            and before[0].casefold() == match[0].casefold()
            and source.prose[before.end() : match.start()].isspace()
            and before[0].casefold() not in allowed
        ):
            line = line_of(source, match.start(), has_lines=has_lines)
            yield finding("doubled_word", line, f"{before[0]} {match[0]}")
        before = match


def _long_words(source: Source, words: Words, *, has_lines: bool) -> Iterator[Finding]:
    if not words.is_spaced:
        return
    for match in source.words():
        if len(match[0]) > words.limit("letters"):
            line = line_of(source, match.start(), has_lines=has_lines)
            yield finding("long_word", line, match[0], letters=len(match[0]))


def _long_sentences(source: Source, words: Words) -> Iterator[Finding]:
    most = words.limit("sentence")
    for sentence in source.sentences():
        if words.is_spaced:
            count = len(_COUNTED.findall(sentence.words))
        else:
            count = len(re.findall(rf"\w|{FIELD}+", sentence.words))
        if count > most:
            line = source.line_at(sentence.start)
            yield finding("long_sentence", line, sentence.words, count=count, most=most)
