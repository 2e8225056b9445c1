"""What an author may write into a text: each field and block, with what it prints.

Only what the kind of notice knows is listed, so that what can be copied can be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from notices.fields import (
    Field,
    Kind,
    Subject,
    Value,
    fields_for,
)
from notices.formats import Formats, formats_for, locale_for
from notices.kinds import KINDS
from notices.loops import LOOPS, loop_of
from notices.models import TemplateVersion
from notices.preview import Preview, preview
from notices.render import BrandFacts, RenderError
from notices.render.blocks import blocks_of
from notices.render.values import values_of
from notices.samples import sample_facts

_GENERAL = "Always known"
_ABOUT = {subject: f"About the {subject}" for subject in Subject} | {
    Subject.PAPERLESS: "About going paperless",
    Subject.DETAILS: "About the customer's details",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to copy into a text: ``source`` is what is written, ``prints`` what
    becomes of it."""

    source: str
    label: str
    prints: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that belong together."""

    title: str
    entries: tuple[Entry, ...]


@lru_cache(maxsize=128)
def fields_shown(
    kind: str, language: str, brand: BrandFacts | None
) -> tuple[Group, ...]:
    """Return the fields of a kind of notice, each with what the preview prints for it;
    without a kind, every field. ``brand`` is the firm texts are shown for."""
    known = KINDS.get(kind)
    subjects = known.subjects if known else frozenset(Subject)
    values = _sample_values(kind, language, brand)
    formats = formats_for(locale_for(language, ""), str(values.get("currency", "GBP")))
    groups: dict[str, list[Entry]] = {}
    for field in fields_for(subjects):
        value = _value_at(field, values)
        groups.setdefault(_title(field), []).append(_entry(field, value, formats))
    return tuple(Group(title, tuple(entries)) for title, entries in groups.items())


def _sample_values(
    kind: str, language: str, brand: BrandFacts | None
) -> Mapping[str, Any]:
    """Return what the preview would fill a text of that kind with, lists as one item;
    of a text without a kind only what every text knows."""
    try:
        known = KINDS.get(kind)
        facts = sample_facts(
            kind if known else "payment_thanks", "email", language=language, brand=brand
        )
        subjects = known.subjects if known else KINDS["payment_thanks"].subjects
        values: dict[str, Any] = values_of(facts, language, subjects)
    except RenderError:
        # The preview says why; the list then shows its own examples.
        return {}
    for loop in LOOPS:
        item, _, items = loop.partition(" in ")
        first = next(iter(values.get(items) or ()), None)
        if first is not None:
            values[item] = first
    if known is None:
        values.pop("payment", None)
    return values


def _value_at(field: Field, values: Mapping[str, Any]) -> Value:
    """Return what stands at a field's path, or its own example where nothing does."""
    found: Any = values
    for name in field.path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if found is None or (found == "" and not field.path.startswith("brand.")):
        return field.example
    value: Value = found
    return value


def _title(field: Field) -> str:
    loop = loop_of(field.path)
    if loop:
        return f"Inside {{% for {loop} %}}"
    return _ABOUT[field.subject] if field.subject else _GENERAL


def _entry(field: Field, value: Value, formats: Formats) -> Entry:
    label = f"{field.label} (may be empty)" if field.optional else field.label
    if field.kind == Kind.FLAG:
        prints = "true here" if value else "not true here"
        return Entry(f"{{% if {field.path} %}} … {{% endif %}}", label, prints)
    source = f"{{{{ {field.path} }}}}"
    if field.kind == Kind.LINK:
        source = f"[words]({source})"
    return Entry(source, label, formats.any(value) or "(empty)")


@lru_cache(maxsize=128)
def blocks_shown(
    kind: str, language: str, brand: BrandFacts | None
) -> tuple[Entry, ...]:
    """Return the ready-made parts that a kind of notice may use, as they print for the
    firm that texts are shown for."""
    blocks = blocks_of(language)
    subjects = KINDS[kind].subjects
    shown = []
    for name in sorted(blocks.names):
        if not blocks.subjects_of(name) <= subjects:
            continue
        choices = blocks.choices_of(name)
        words = " ".join([name, *choices[:2]])
        label = f"choose among: {', '.join(choices)}" if choices else ""
        source = f"{{% {words} %}}"
        printed = _block(kind, language, brand, source)
        if not printed.trouble:
            shown.append(Entry(source, label, printed.text.strip()))
    return tuple(shown)


def _block(kind: str, language: str, brand: BrandFacts | None, source: str) -> Preview:
    """Return one block as a call script says it: words alone, no layout."""
    version = TemplateVersion(
        key="block", kind=kind, channel="call", language=language, body=source
    )
    facts = sample_facts(kind, "call", language=language, brand=brand)
    return preview(version, "call", facts)


def loops() -> tuple[str, ...]:
    """Return the lists an author may go through."""
    return tuple(f"{{% for {loop} %}} … {{% endfor %}}" for loop in LOOPS)
