"""A text filled with the examples of its fields: what it looks like, about how long."""

from __future__ import annotations

import datetime as dt

from babel.core import UnknownLocaleError

from notices.fields import Kind, field_at
from notices.formats import Formats, formats_for, locale_for
from notices.lint.source import TAG, Mark, Source

_FILTERED = {"short": "short_date", "time": "time"}


def sample(source: Source, language: str, currency: str) -> str:
    """Return the first branches of a text as one line, each field as its example."""
    formats = _formats(language, currency)
    shown, parts, at = source.shown_once, [], 0
    for mark in source.marks:
        parts.append(shown[at : mark.start])
        # Not where another branch than the first one was hidden.
        hidden = shown[mark.start : mark.end].strip(TAG) == ""
        parts.append("" if hidden else _example(mark, formats))
        at = mark.end
    parts.append(shown[at:])
    return " ".join("".join(parts).replace(TAG, "").split())


def _formats(language: str, currency: str) -> Formats:
    """Return the formats of a language; those of Britain for one nobody knows."""
    try:
        return formats_for(locale_for(language, ""), currency)
    except (UnknownLocaleError, ValueError):
        return formats_for("en_GB", currency)


def _example(mark: Mark, formats: Formats) -> str:
    if mark.is_grammar:
        return mark.inner.partition('"')[2].partition('"')[0]
    known = field_at(mark.path)
    if known is None:
        return ""
    if "|" in mark.inner:
        name = _FILTERED.get(mark.inner.partition("|")[2].strip(), "")
        writer = getattr(formats, name, None)
        if writer is not None:
            return str(writer(known.example))
    example = known.example
    if known.kind == Kind.MOMENT and isinstance(example, dt.datetime):
        return formats.moment(example)
    return formats.any(example)
