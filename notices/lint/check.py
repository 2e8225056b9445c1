"""The one door of the lint: every rule over one text, the gravest finding first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from notices.kinds import kind_of
from notices.lint.exact import exact_findings
from notices.lint.findings import finding
from notices.lint.glossary import glossary_findings
from notices.lint.message import message_findings
from notices.lint.parity import parity_findings
from notices.lint.parts import part_findings
from notices.lint.plain import plain_findings
from notices.lint.privacy import privacy_findings
from notices.lint.shape import shape_findings
from notices.lint.spelling import spelling_findings
from notices.lint.text import Finding, House, Text
from notices.lint.tone import tone_findings
from notices.lint.words import Words, is_known, words_of

# Ten pages of print. Whatever is longer is no notice, and is not read at all.
LONGEST = 20_000

_RULES: tuple[Callable[[Text, Words], Iterable[Finding]], ...] = (
    tone_findings,
    exact_findings,
    shape_findings,
    message_findings,
)


def lint(
    text: Text, *, siblings: Sequence[Text] = (), house: House | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with a text, the gravest first; empty when nothing is.

    ``siblings`` are the same text in other languages, ``house`` what the firm adds to
    our tables.
    """
    length = len(text.subject) + len(text.body)
    if length > LONGEST:
        return (finding("text_too_long", length=length, most=LONGEST),)
    kind = kind_of(text.kind)
    if kind is None or not kind.fits(text.form):
        label = kind.label if kind else text.kind
        return (finding("form_unfit", kind=label, form=text.form),)
    found = [*_found(text, siblings, house or House())]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.order))


def _found(text: Text, siblings: Sequence[Text], house: House) -> Iterator[Finding]:
    words = words_of(text.language)
    fault = house.compile(text)
    if fault is not None:
        yield finding("does_not_compile", fault.line, fault=fault.sentence)
    if not is_known(text.language):
        yield finding("language_unlisted", language=text.language)
    yield from part_findings(text, words, house.blocks)
    yield from privacy_findings(text, house.blocks)
    for rule in _RULES:
        yield from rule(text, words)
    yield from plain_findings(text, words, house.jargon)
    yield from spelling_findings(text, words, house.names)
    yield from parity_findings(text, siblings, house.blocks)
    yield from glossary_findings(text, siblings, house.glossary)
    yield from _number_findings(text, house)
    yield from _glyph_findings(text, house)


def _number_findings(text: Text, house: House) -> Iterator[Finding]:
    """Yield a finding where the text names a number that some brand does not have."""
    if house.unnumbered and "paperless.opt_in_phone" in text.parts(house.blocks):
        yield finding("firm_without_number", firms=", ".join(house.unnumbered))


def _glyph_findings(text: Text, house: House) -> Iterator[Finding]:
    if not text.is_printed:
        return
    for source, has_lines in text.places:
        missing = sorted(set(house.missing_glyphs(source.text)))
        if missing:
            at = source.text.find(missing[0])
            yield finding(
                "glyph_missing",
                source.line_at(max(at, 0)) if has_lines else 0,
                " ".join(missing),
                codes=", ".join(f"U+{ord(sign[0]):04X}" for sign in missing),
            )
