"""Whether what a text says is exact: dates and sums from the data, no vague days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from notices.fields import Subject
from notices.kinds import Form
from notices.lint.findings import finding, line_of
from notices.lint.source import Sentence, Source
from notices.lint.text import Finding, Severity, Text
from notices.lint.words import Words, words_of

_SIGNS = "£$€¥₽₴₣₹"
_CODES = "EUR|GBP|USD|CHF|PLN|CZK|RUB|CNY|RMB|SEK|NOK|DKK|HUF|UAH"
_NUMBER = r"\d{1,6}(?:[.,’' \u00a0\u202f]\d{2,3}){0,4}"
_DIGITAL_DATE = (
    r"\d{1,2}\. ?\d{1,2}\. ?\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}"
    r"|\d{4}年|\d{1,2}月\d{1,2}日"
)
_FIGURE = re.compile(r"\d")
_NOT_FIGURES = re.compile(r"A4|PDF|24/7|SHA-256", re.IGNORECASE)
# Forms everybody may read: what stands there is the same for all, so it may be typed.
_OPEN_FORMS = frozenset({Form.PUBLIC, Form.INSERT, Form.POSTCARD})


def exact_findings(text: Text, words: Words) -> Iterator[Finding]:
    """Yield typed sums and dates, vague days, and figures without a source."""
    for source, has_lines in text.places:
        # What is said of nothing in particular has no field to say it with.
        if text.notice_kind.subjects:
            yield from _typed(text, source, words, has_lines=has_lines)
        if text.form != Form.CALL:
            yield from _vague(text, source, words, has_lines=has_lines)
    if Subject.PAPERLESS in text.notice_kind.subjects:
        yield from _figures(text.content, words)


@lru_cache(maxsize=32)
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return how typed sums and typed dates look in a language."""
    words = words_of(language)
    names = words.list_of("currency")
    units = "|".join([_CODES, *map(re.escape, names)])
    # Where words are not set apart by blanks there is no edge to ask for.
    edge = r"(?!\w)" if words.is_spaced else ""
    amount = re.compile(
        rf"[{_SIGNS}]\s?\d[\d.,]{{0,12}}|\b(?:{_CODES})\s?\d[\d.,]{{0,12}}"
        rf"|(?<!\d){_NUMBER}\s?(?:[{_SIGNS}]|(?:{units}){edge})"
    )
    months = "|".join(map(re.escape, words.list_of("months")))
    dates = _DIGITAL_DATE
    if months:
        dates += (
            rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.)?\s(?:of\s)?(?:{months})(?!\w)"
            rf"|(?<!\w)(?:{months})\s\d{{1,2}}(?!\d)"
        )
    return amount, re.compile(dates)


def _typed(
    text: Text, source: Source, words: Words, *, has_lines: bool
) -> Iterator[Finding]:
    amounts, dates = _patterns(words.language)
    is_open = text.form in _OPEN_FORMS
    for match in amounts.finditer(source.prose):
        line = line_of(source, match.start(), has_lines=has_lines)
        mild = Severity.SOFT if is_open else None
        yield finding("amount_typed", line, match[0], severity=mild)
    for match in dates.finditer(source.prose):
        line = line_of(source, match.start(), has_lines=has_lines)
        yield finding("date_typed", line, match[0])


def _vague(
    text: Text, source: Source, words: Words, *, has_lines: bool
) -> Iterator[Finding]:
    for match in words.phrase("vague").found_in(source.prose):
        line = line_of(source, match.start(), has_lines=has_lines)
        yield finding("vague_date", line, match[0])
    for sentence in source.sentences():
        asks = words.phrase("asks").is_in(sentence.words)
        for match in words.phrase("periods").found_in(sentence.words):
            at = sentence.start + match.start()
            line = line_of(source, at, has_lines=has_lines)
            yield finding("period_for_date" if asks else "period", line, match[0])


def _figures(source: Source, words: Words) -> Iterator[Finding]:
    """Yield figures about paper and trees that name no source."""
    for paragraph in _with_bullets(source):
        said = _NOT_FIGURES.sub("", paragraph.words)
        if not _FIGURE.search(said) or words.phrase("sources").is_in(said):
            continue
        if "%" in said or words.phrase("figures").is_in(said):
            line = source.line_at(paragraph.start)
            yield finding("figure_without_source", line, paragraph.words)


def _with_bullets(source: Source) -> Iterator[Sentence]:
    """Yield each line that says something, lists included."""
    for at, line in source.lines():
        if line.strip():
            yield Sentence(at, re.sub(r"^\s{0,3}\d{1,2}[.)]\s", "", line))
