"""The parts a text must have, by kind and form: ``data/parts.toml``.

A part is there when one of its blocks stands in the text, when all fields of one of its
ways are printed or asked about, or, where a sentence will do, when the language's words
for it are found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from notices.kinds import Form
from notices.lint.findings import finding
from notices.lint.text import Finding, Severity, Text
from notices.lint.words import DATA, Words

LEAST_WAYS = 3
_WAYS = frozenset(
    {"brand.phone", "brand.email", "brand.address", "brand.website", "brand.fax"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it is called, why it is asked for, and each way to have it."""

    name: str
    label: str
    why: str
    ways: tuple[frozenset[str], ...]
    words: str
    not_in: frozenset[str]

    def is_in(self, text: Text, words: Words, blocks: Mapping[str, str]) -> bool:
        """Whether the text has it, itself or in one of its blocks."""
        found = text.parts(blocks, self.not_in)
        if any(way <= found for way in self.ways):
            return True
        return bool(self.words) and any(
            words.phrase(self.words).is_in(source.prose) for source, _ in text.places
        )

    @property
    def remedy(self) -> str:
        """What to write, in words."""
        choices = [
            " and ".join(_written(name) for name in sorted(way)) for way in self.ways
        ]
        if self.words:
            choices.append("a sentence that says it")
        return "Write " + ", or ".join(choices) + "."


@dataclass(frozen=True, slots=True)
class Rule:
    """Parts that some kinds must have in some forms."""

    kinds: frozenset[str]
    forms: frozenset[str]
    asked: tuple[tuple[Severity, tuple[str, ...]], ...]


@lru_cache(maxsize=1)
def tables() -> tuple[dict[str, Part], tuple[Rule, ...]]:
    """Return the parts by name and the rules that ask for them."""
    raw = tomllib.loads((DATA / "parts.toml").read_text(encoding="utf-8"))
    parts = {
        name: Part(
            name=name,
            label=entry["label"],
            why=entry["why"],
            ways=tuple(frozenset(way.split()) for way in entry.get("ways", ())),
            words=entry.get("words", ""),
            not_in=frozenset(entry.get("not_in", ())),
        )
        for name, entry in raw["parts"].items()
    }
    groups = raw["kinds"]
    rules = tuple(
        Rule(
            kinds=frozenset(kind for group in entry["kinds"] for kind in groups[group]),
            forms=frozenset(_forms(entry["forms"])),
            asked=tuple((each, tuple(entry.get(each, ()))) for each in Severity),
        )
        for entry in raw["rules"]
    )
    return parts, rules


def part_findings(
    text: Text, words: Words, blocks: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield a finding for each part that is missing.

    What a block prints counts as printed; ``blocks`` are their sources.
    """
    parts, rules = tables()
    for rule in rules:
        if text.kind not in rule.kinds or text.form not in rule.forms:
            continue
        for severity, names in rule.asked:
            for name in names:
                if not parts[name].is_in(text, words, blocks):
                    yield _missing(parts[name], severity)
    found = text.parts(blocks, parts["contact"].not_in)
    ways = len(found & _WAYS)
    if text.is_written and 0 < ways < LEAST_WAYS and "%contact" not in found:
        yield finding("few_contact_ways", count=ways, least=LEAST_WAYS)


def _missing(part: Part, severity: Severity) -> Finding:
    return Finding(
        code=f"missing_{part.name}",
        severity=severity,
        line=0,
        words="",
        sentence=f"{part.label} is missing. {part.why}",
        suggestion=part.remedy,
    )


def _written(name: str) -> str:
    if name.startswith("%"):
        return f"{{% {name[1:]} %}}"
    return f"{{{{ {name} }}}}"


def _forms(names: list[str]) -> Iterator[str]:
    for name in names:
        yield name
        if name == Form.WRITTEN:
            yield from (Form.EMAIL, Form.LETTER)
