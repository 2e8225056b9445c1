"""How one source's files are read: which column is which field, and in what form.

A profile is a JSON object with a section for ``customers``, ``invoices`` and
``payments``; a section left out takes columns by their own names. Whatever in it is
not known is refused by name, so that a slip of the pen is not silently passed over.
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from customers.imports.cells import Unclear
from customers.imports.convert import Manner, converter, leans_on
from customers.imports.fields import BY_NAME, SECTIONS
from customers.imports.refused import FileRefused
from customers.imports.section import Section

_KEYS = frozenset(
    {
        "columns",
        "date_formats",
        "decimal",
        "defaults",
        "delimiter",
        "encoding",
        "sheet",
        "thousands",
        "values",
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The sections of one source; ``name`` and ``stated`` are what it is kept as."""

    sections: Mapping[str, Section]
    name: str = ""
    stated: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """Return the profile that a JSON file holds.

        :raises FileRefused: ``profile_unreadable``, or as :meth:`from_dict`.
        """
        try:
            stated = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise FileRefused(
                "profile_unreadable", f"The profile {path} cannot be read: {error}."
            ) from error
        return cls.from_dict(stated, name=Path(path).stem)

    @classmethod
    def from_dict(cls, stated: Any, *, name: str = "") -> Profile:
        """Return the profile that a JSON object states.

        :raises FileRefused: ``bad_profile``, naming the key at fault.
        """
        _demand(isinstance(stated, dict), "The profile must be a JSON object.")
        for key in stated:
            _demand(
                key in SECTIONS,
                f"The profile has an unknown key {key!r}; it may have "
                f"{', '.join(SECTIONS)}.",
            )
        sections = {kind: _section(kind, stated.get(kind, {})) for kind in SECTIONS}
        return cls(sections, name, stated)

    def section(self, kind: str) -> Section:
        """Return how files of this kind are read: customers, invoices or payments."""
        return self.sections[kind]


def _demand(truth: bool, sentence: str) -> None:
    if not truth:
        raise FileRefused("bad_profile", sentence)


def _section(kind: str, stated: Any) -> Section:
    _demand(isinstance(stated, dict), f"{kind} in the profile must be an object.")
    for key in stated:
        _demand(
            key in _KEYS,
            f"The profile has an unknown key {key!r} in {kind}; it may have "
            f"{', '.join(sorted(_KEYS))}.",
        )
    columns = _texts(kind, "columns", stated.get("columns", {}))
    defaults = _texts(kind, "defaults", stated.get("defaults", {}))
    values = stated.get("values", {})
    _demand(isinstance(values, dict), f"values in {kind} must be an object.")
    _known_fields(kind, "values", values)
    section = Section(
        kind=kind,
        columns={name: heading.strip() for name, heading in columns.items()},
        values={name: _translations(kind, name, values[name]) for name in values},
        defaults=defaults,
        manner=_manner(kind, stated),
        delimiter=_one_of_text(kind, "delimiter", stated),
        encoding=_encoding(kind, stated),
        sheet=_one_of_text(kind, "sheet", stated),
    )
    _demand(len(section.delimiter) <= 1, f"delimiter in {kind} must be one character.")
    _check_defaults(section)
    return section


def _texts(kind: str, key: str, stated: Any) -> dict[str, str]:
    _demand(
        isinstance(stated, dict)
        and all(isinstance(text, str) and text.strip() for text in stated.values()),
        f"{key} in {kind} must be an object of field names and texts.",
    )
    _known_fields(kind, key, stated)
    return dict(stated)


def _known_fields(kind: str, key: str, stated: Mapping[str, Any]) -> None:
    for name in stated:
        _demand(
            name in BY_NAME[kind],
            f"{key} in {kind} names an unknown field {name!r}; there are "
            f"{', '.join(BY_NAME[kind])}.",
        )


def _translations(kind: str, name: str, stated: Any) -> dict[str, str]:
    _demand(
        isinstance(stated, dict)
        and all(isinstance(text, str) for text in stated.values()),
        f"values of {name} in {kind} must be an object of texts.",
    )
    folded = {text.strip().casefold(): to for text, to in stated.items()}
    return {**folded, **{text.strip(): to for text, to in stated.items()}}


def _manner(kind: str, stated: Mapping[str, Any]) -> Manner:
    formats = stated.get("date_formats", [])
    _demand(
        isinstance(formats, list) and all(isinstance(form, str) for form in formats),
        f"date_formats in {kind} must be a list of texts like '%d.%m.%Y'.",
    )
    for form in formats:
        _demand(_reads_days(form), f"The date format {form!r} in {kind} is not whole.")
    decimal = stated.get("decimal", ".")
    _demand(decimal in (".", ","), f"decimal in {kind} must be '.' or ','.")
    thousands = stated.get("thousands", "")
    _demand(
        thousands in ("", ".", ",", " ", "\u00a0", "'") and thousands != decimal,
        f"thousands in {kind} must be '', '.', ',', ' ' or \"'\", and not the decimal "
        "sign.",
    )
    return Manner(tuple(formats), decimal, thousands)


def _reads_days(form: str) -> bool:
    """Whether a day written in this form is read back as the same day."""
    day = dt.datetime(2011, 10, 29)  # noqa: DTZ001
    try:
        return dt.datetime.strptime(day.strftime(form), form) == day  # noqa: DTZ007
    except ValueError:
        return False


def _one_of_text(kind: str, key: str, stated: Mapping[str, Any]) -> str:
    text = stated.get(key, "")
    _demand(isinstance(text, str), f"{key} in {kind} must be a text.")
    return str(text)


def _encoding(kind: str, stated: Mapping[str, Any]) -> str:
    name = _one_of_text(kind, "encoding", stated)
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError as error:
        raise FileRefused(
            "bad_profile", f"encoding in {kind} is unknown: {name!r}."
        ) from error


def _check_defaults(section: Section) -> None:
    for name, text in section.defaults.items():
        wanted = BY_NAME[section.kind][name]
        leans = section.defaults.get(leans_on(wanted), "")
        try:
            converter(wanted, section.manner)(text, leans)
        except Unclear as error:
            raise FileRefused(
                "bad_profile",
                f"The default of {name} in {section.kind} cannot be used: {error}",
            ) from error
