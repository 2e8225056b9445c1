"""How a text sounds: threats, blame, shouting, set phrases, and too firm too early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from notices.kinds import Firmness, Form
from notices.lint.findings import finding, line_of
from notices.lint.source import FIELD, TAG, Source
from notices.lint.text import Finding, Severity, Text
from notices.lint.words import Words

# Words that are written in capitals without shouting, in every language.
_NAMES_IN_CAPITALS = frozenset(
    {"STOP", "START", "HELP", "IBAN", "BIC", "SEPA", "SWIFT", "PDF", "SMS", "QR", "EPC"}
    | {"HTML", "URL", "USB", "ICS", "DIN", "ISO", "PIN", "PUK", "VAT", "EU", "UK", "US"}
    | {"USA", "GB", "EUR", "GBP", "USD", "CHF", "PLN", "CZK", "RUB", "CNY", "BST"}
    | {"CET", "CEST", "UTC", "GMT", "ID", "OK", "FAQ", "TV", "PO", "LTD", "GMBH", "PLC"}
    | {"NIP", "REGON", "PESEL", "DIČ", "IČO", "TVA", "SIRET", "SIREN", "RIB"}
    | {"ИНН", "КПП", "БИК", "ОГРН", "НДС", "СМС"}
    # What is texted back to say that a change was read (consent.inbound).
    | {"READ", "GELESEN", "LU", "PRZECZYTANE", "PŘEČTENO", "ПРОЧИТАНО"}
)
_CAPITALS = re.compile(r"(?<!\w)[^\W\d_]{2,40}(?!\w)")
_LONG_IN_CAPITALS = 4


@dataclass(frozen=True, slots=True)
class _List:
    """A list of phrases and the code of what is found by it."""

    phrases: str
    code: str
    in_calls: bool = True


_EVERYWHERE = (
    _List("threats", "threat"),
    _List("blame", "blame"),
    _List("formulas", "formula"),
    _List("lookalikes", "court_lookalike"),
    _List("informal", "informal"),
    _List("acceptance", "deemed_acceptance", in_calls=False),
    _List("nameless", "link_nameless"),
)


def tone_findings(text: Text, words: Words) -> Iterator[Finding]:
    """Yield what sounds wrong."""
    for source, has_lines in text.places:
        for each in _EVERYWHERE:
            if text.form != Form.CALL or each.in_calls:
                yield from _listed(each, source, words, has_lines=has_lines)
        yield from _promotion(text, source, words, has_lines=has_lines)
        yield from _too_firm(text, source, words, has_lines=has_lines)
        yield from _shouting(source, has_lines=has_lines)
    yield from _consequence_block(text)


def _listed(
    each: _List,
    source: Source,
    words: Words,
    *,
    has_lines: bool,
    severity: Severity | None = None,
) -> Iterator[Finding]:
    for match in words.phrase(each.phrases).found_in(source.prose):
        line = line_of(source, match.start(), has_lines=has_lines)
        yield finding(each.code, line, match[0], severity=severity)


def _promotion(
    text: Text, source: Source, words: Words, *, has_lines: bool
) -> Iterator[Finding]:
    """Every notice of ours is a service; one about debts sells nothing at all."""
    grave = Severity.HARD if text.notice_kind.is_dunning else None
    each = _List("promotion", "promotion")
    yield from _listed(each, source, words, has_lines=has_lines, severity=grave)


def _too_firm(
    text: Text, source: Source, words: Words, *, has_lines: bool
) -> Iterator[Finding]:
    kind = text.notice_kind
    if not kind.is_dunning and kind.key != "upcoming":
        return
    if kind.firmness < Firmness.FINAL:
        each = _List("final", "final_too_early")
        yield from _listed(each, source, words, has_lines=has_lines)
    code = "consequence_typed" if text.may_name_consequences else "consequence_early"
    each = _List("consequences", code)
    yield from _listed(each, source, words, has_lines=has_lines)


def _consequence_block(text: Text) -> Iterator[Finding]:
    if text.may_name_consequences:
        return
    for mark in text.content.marks:
        if mark.is_tag and mark.words[:1] == ["consequences"]:
            line = text.content.line_at(mark.start)
            yield finding("consequence_early", line, "{% consequences %}")


def _shouting(source: Source, *, has_lines: bool) -> Iterator[Finding]:
    told = []
    # As many marks as stand together are one shout.
    for match in re.finditer("[!！][!！?？]*", source.prose):
        line = line_of(source, match.start(), has_lines=has_lines)
        told.append(match.start())
        yield finding("exclamation", line, _up_to(source.prose, match))
    last_end = -2
    for match in _CAPITALS.finditer(source.prose):
        # Sign by sign: a word of Chinese with “PDF” in it is no capitals.
        if match[0] in _NAMES_IN_CAPITALS or not all(map(str.isupper, match[0])):
            continue
        follows = match.start() == last_end + 1
        last_end = match.end()
        # Its exclamation mark was told, and shows the word as well.
        is_told = match.end() in told
        if not is_told and (len(match[0]) >= _LONG_IN_CAPITALS or follows):
            line = line_of(source, match.start(), has_lines=has_lines)
            yield finding("capitals", line, match[0])


def _up_to(prose: str, mark: re.Match[str]) -> str:
    """Return a mark with the words of its sentence before it, so that it is found."""
    start = max(0, mark.start() - 30)
    before = prose[start : mark.start()]
    # A word that was cut is left out.
    if start and not prose[start - 1].isspace():
        before = before.partition(" ")[2] or before
    return re.split(rf"[{FIELD}{TAG}\n.?:]", before)[-1].strip() + mark[0]
