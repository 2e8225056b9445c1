"""The lint over rows: a version with its translations, and what stands in its way.

The one module of the lint that knows the database, the compiler and the firm.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from notices.kinds import channels_of
from notices.lint.check import lint
from notices.lint.text import Fault, Finding, Glossary, House, Severity, Text
from notices.models import Brand, TemplateVersion, Term
from notices.render import TemplateError, compile_version
from notices.render.blocks import blocks_of
from notices.render.fonts import missing_glyphs

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def text_of(version: TemplateVersion) -> Text:
    """Return a version as the lint reads it."""
    return Text(
        key=version.key,
        kind=version.kind,
        form=version.channel,
        language=version.language,
        subject=version.subject,
        body=version.body.replace("\r\n", "\n"),
    )


def findings_of(version: TemplateVersion) -> tuple[Finding, ...]:
    """Return what is wrong with a version, saved or not, the gravest first.

    It is read beside the newest version of each other language that is not retired.
    """
    return findings_of_each([version])[0]


def findings_of_each(
    versions: Sequence[TemplateVersion],
) -> list[tuple[Finding, ...]]:
    """Return ``findings_of`` each version, in their order: four queries for all."""
    newest = (
        TemplateVersion.objects.filter(key__in={version.key for version in versions})
        .exclude(state=TemplateVersion.State.RETIRED)
        .order_by("key", "channel", "language", "-version")
        .distinct("key", "channel", "language")
    )
    standing: dict[tuple[str, str], list[Text]] = defaultdict(list)
    for version in newest:
        standing[version.key, version.channel].append(text_of(version))
    names, terms, unnumbered = _names(), _terms(), _unnumbered()
    return [
        _linted(
            _fields(text_of(version)),
            tuple(
                _fields(sibling)
                for sibling in standing[version.key, version.channel]
                if sibling.language != version.language
            ),
            names,
            terms.get(version.language, ()),
            unnumbered,
        )
        for version in versions
    ]


def findings_of_words(text: Text) -> tuple[Finding, ...]:
    """Return what is wrong with words that are no version, such as an announcement's.

    Whether they compile is asked where they are rendered.
    """
    house = house_of(text.language, names=_names())
    return lint(text, house=replace(house, compile=lambda text: None))


Fields = tuple[str, str, str, str, str, str]


def _fields(text: Text) -> Fields:
    # Not the text itself: it holds on to all that was read in it.
    return (
        text.key, text.kind, text.form, text.language, text.subject, text.body
    )  # fmt: skip


@lru_cache(maxsize=512)
def _linted(
    text: Fields,
    siblings: tuple[Fields, ...],
    names: frozenset[str],
    glossary: Glossary,
    unnumbered: tuple[str, ...],
) -> tuple[Finding, ...]:
    # The same words beside the same words have the same findings; most never change.
    house = house_of(text[3], names=names)
    return lint(
        Text(*text),
        siblings=[Text(*sibling) for sibling in siblings],
        house=replace(house, glossary=glossary, unnumbered=unnumbered),
    )


def open_findings(version: TemplateVersion) -> tuple[Finding, ...]:
    """Return what forbids approval: all that is hard, and soft ones without a reason.

    The reasons stand in ``version.waivers`` by code. Hints never forbid anything.
    """
    return tuple(each for each in findings_of(version) if is_open(each, version))


def is_open(finding: Finding, version: TemplateVersion) -> bool:
    """Whether a finding still stands in the way of approving the version."""
    reason = version.waivers.get(finding.code, "")
    has_reason = isinstance(reason, str) and bool(reason.strip())
    return finding.severity == Severity.HARD or (
        finding.severity == Severity.SOFT and not has_reason
    )


def house_of(language: str, *, names: frozenset[str] = frozenset()) -> House:
    """Return our compiler and blocks for the lint of a text in that language."""
    return House(
        names=names,
        blocks=block_sources(language),
        compile=fault_of,
        missing_glyphs=missing_glyphs,
    )


def block_sources(language: str) -> dict[str, str]:
    """Return the source of each block; none in a language without blocks."""
    try:
        blocks = blocks_of(language)
    except TemplateError:
        return {}
    return {
        name: blocks.markdown.get(name) or blocks.text[name] for name in blocks.names
    }


def fault_of(text: Text) -> Fault | None:
    """Return why the text does not compile, or None if it does in every channel."""
    version = TemplateVersion(
        key=text.key,
        kind=text.kind,
        channel=text.form,
        language=text.language,
        subject=text.subject,
        body=text.body,
    )
    for channel in channels_of(text.form):
        try:
            compile_version(version, channel)
        except TemplateError as error:
            # Told by a rule of the lint itself, with what to write instead.
            if error.code not in _TOLD_BY_RULES:
                return Fault(error.line, error.sentence)
    return None


_TOLD_BY_RULES = frozenset({"account_data", "customer_data"})


def _terms() -> dict[str, Glossary]:
    """Return the glossary by language."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for language, word, says in Term.objects.values_list("language", "word", "says"):
        found[language].append((word, says))
    return {language: tuple(pairs) for language, pairs in found.items()}


def _unnumbered() -> tuple[str, ...]:
    """Return the names of the brands without a number to agree by phone."""
    found = Brand.objects.filter(opt_in_phone="").values_list("name", flat=True)
    return tuple(found.order_by("name", "pk"))


def _names() -> frozenset[str]:
    """Return the words of the firm's own names, which are always spelt right."""
    rows = Brand.objects.values_list("name", "signatory", "payments_contact", "city")
    return frozenset(
        word for row in rows for words in row for word in _WORD.findall(words)
    )
