"""What an author may write into a text: each field and block, with what it prints.

Only what the kind of notice knows is listed, so that what can be copied can be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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
from notices.render.blocks import blocks_of
from notices.samples import sample_facts

_GENERAL = "Always known"


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
def fields_shown(kind: str, language: str) -> tuple[Group, ...]:
    """Return the fields of a kind of notice, with examples as the language writes
    them; without a kind, every field."""
    subjects = KINDS[kind].subjects if kind in KINDS else frozenset(Subject)
    formats = formats_for(locale_for(language, ""), "GBP")
    groups: dict[str, list[Entry]] = {}
    for field in fields_for(subjects):
        groups.setdefault(_title(field), []).append(_entry(field, formats))
    return tuple(Group(title, tuple(entries)) for title, entries in groups.items())


def _title(field: Field) -> str:
    loop = loop_of(field.path)
    if loop:
        return f"Inside {{% for {loop} %}}"
    return f"About the {field.subject}" if field.subject else _GENERAL


def _entry(field: Field, formats: Formats) -> Entry:
    label = f"{field.label} (may be empty)" if field.optional else field.label
    if field.kind == Kind.FLAG:
        prints = "true here" if field.example else "not true here"
        return Entry(f"{{% if {field.path} %}} … {{% endif %}}", label, prints)
    source = f"{{{{ {field.path} }}}}"
    if field.kind == Kind.LINK:
        source = f"[words]({source})"
    return Entry(source, label, _printed(field.example, formats))


def _printed(example: Value, formats: Formats) -> str:
    return formats.any(example)


@lru_cache(maxsize=128)
def blocks_shown(kind: str, language: str) -> tuple[Entry, ...]:
    """Return the ready-made parts that a kind of notice may use, as they print."""
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
        printed = _block(kind, language, source)
        if not printed.trouble:
            shown.append(Entry(source, label, printed.text.strip()))
    return tuple(shown)


def _block(kind: str, language: str, source: str) -> Preview:
    """Return one block as a call script says it: words alone, no layout."""
    version = TemplateVersion(
        key="block", kind=kind, channel="call", language=language, body=source
    )
    return preview(version, "call", sample_facts(kind, "call", language=language))


def loops() -> tuple[str, ...]:
    """Return the lists an author may go through."""
    return tuple(f"{{% for {loop} %}} … {{% endfor %}}" for loop in LOOPS)
