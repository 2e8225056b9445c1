"""How a text is built: its subject, its opening, headings, bold words and buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notices.fields import Kind, field_at
from notices.kinds import Form
from notices.lint.findings import finding, line_of
from notices.lint.sample import sample
from notices.lint.source import FIELD, TAG, Sentence, Source
from notices.lint.text import Finding, Text
from notices.lint.words import Words

LONGEST_OPENING = 60
LONG_TEXT = 150
CUT_SUBJECT = 90
BUTTONS = frozenset({"answer_button", "agree_button", "open_button", "confirm_button"})

_BOLD = re.compile(r"(\*\*|__)([^*_\n]{1,300})\1")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_WORDS = re.compile(rf"[^\W_]+|{FIELD}+")
_BOLD_KINDS = frozenset({Kind.MONEY, Kind.DATE, Kind.MOMENT, Kind.ANY})


def shape_findings(text: Text, words: Words) -> Iterator[Finding]:
    """Yield what is out of shape."""
    yield from _subject(text, words)
    yield from _price_rise(text, words)
    if text.is_written:
        yield from _headings(text)
        yield from _buttons(text)
        if text.notice_kind.is_change:
            yield from _opening(text, words)
    if text.form not in {Form.SMS, Form.CALL}:
        yield from _bold(text.content)


def _subject(text: Text, words: Words) -> Iterator[Finding]:
    if not text.subject:
        return
    shown = sample(text.heading, text.language, words.currency)
    # A Chinese sign is as wide as two letters.
    width = sum(2 if sign > "\u2e7f" else 1 for sign in shown)
    if width > CUT_SUBJECT:
        yield finding("subject_cut", 0, shown, length=width, most=CUT_SUBJECT)
    elif width > words.limit("subject"):
        yield finding("subject_long", 0, shown, length=width)


def _price_rise(text: Text, words: Words) -> Iterator[Finding]:
    """A change that costs more says so where the reader looks first."""
    kind, rises = text.notice_kind, words.phrase("rises")
    if not kind.is_change or text.form == Form.SMS or not text.subject:
        return
    if rises.is_in(text.heading.prose):
        return
    told = next(rises.found_in(text.content.prose), None)
    speaks_of_it = "change.costs_more" in text.content.paths
    if kind.key == "amount" or speaks_of_it or told:
        line = text.content.line_at(told.start()) if told else 0
        yield finding("price_rise_unnamed", line, told[0] if told else "")


def _headings(text: Text) -> Iterator[Finding]:
    said = _WORDS.findall(text.content.shown_once)
    if len(said) > LONG_TEXT and not re.search(r"(?m)^ {0,3}#", text.body):
        yield finding("no_heading", words_count=len(said))


def _buttons(text: Text) -> Iterator[Finding]:
    found = [name for name in text.content.blocks if name in BUTTONS]
    if len(found) > 1:
        yield finding("many_buttons", 0, ", ".join(found))


def _opening(text: Text, words: Words) -> Iterator[Finding]:
    """The first paragraph says who writes and what changes, in a few words."""
    first = next(
        (
            paragraph
            for paragraph in text.content.paragraphs()
            if not _is_greeting(paragraph)
        ),
        None,
    )
    if first is None:
        return
    line = text.content.line_at(first.start)
    said = text.content.text[first.start : first.start + len(first.words)]
    count = _count(first.words, words)
    if count > LONGEST_OPENING:
        yield finding("opening_long", line, count=count, most=LONGEST_OPENING)
    if "brand.name" not in said:
        yield finding("opening_without_firm", line)
    if not words.phrase("changes").is_in(first.words) and words.phrases:
        yield finding("opening_without_change", line)
    if not words.phrase("thanks").is_in(first.words) and words.phrases:
        yield finding("opening_without_thanks", line)


def _is_greeting(paragraph: Sentence) -> bool:
    bare = paragraph.words.strip(f" \t\r\n{TAG}")
    return bare.endswith((",", "，", ":", "：")) and len(bare) < 200


def _count(said: str, words: Words) -> int:
    """Return how many words that is; two Chinese signs make about one."""
    if words.is_spaced:
        return len(_WORDS.findall(said))
    return len(re.findall(rf"\w|{FIELD}+", said)) // 2


def _bold(source: Source) -> Iterator[Finding]:
    for match in _BOLD.finditer(source.prose):
        start, end = match.span(2)
        inside = [mark for mark in source.marks if start <= mark.start < end]
        kinds = {
            known.kind for mark in inside if (known := field_at(mark.path)) is not None
        }
        if kinds & _BOLD_KINDS and not _LETTERS.search(match[2]):
            continue
        line = line_of(source, match.start(), has_lines=True)
        yield finding("bold_elsewhere", line, match[2])
