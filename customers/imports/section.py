"""How files of one kind are read: where each field stands, what its cells mean.

Knows the headings and cells of a table, but no file format and no database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from customers.imports.cells import Cell, Unclear, cell_text
from customers.imports.convert import (
    Converter,
    Manner,
    Value,
    converter,
    empty,
    leans_on,
)
from customers.imports.fields import FIELDS, Field, plain
from customers.imports.refused import CellError, FileRefused

# Field, what it leans on, default, value map, converter, empty value, required.
_Taker = tuple[str, str, str, Mapping[str, str] | None, Converter, Value, bool]


@dataclass(frozen=True, slots=True)
class Section:
    """How the files of one kind are read."""

    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = field(default_factory=Manner)
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    _takers: tuple[_Taker, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        takers = sorted(
            (
                (
                    one.name,
                    leans_on(one),
                    self.defaults.get(one.name, ""),
                    self.values.get(one.name),
                    converter(one, self.manner),
                    empty(one),
                    one.required,
                )
                for one in self.fields
            ),
            # What others lean on comes first.
            key=lambda taker: bool(taker[1]),
        )
        object.__setattr__(self, "_takers", tuple(takers))

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field that a file of this kind can state."""
        return FIELDS[self.kind]

    def match(self, headings: Sequence[str]) -> dict[str, int]:
        """Return where each field stands among the headings; absent ones are left out.

        A column the profile names comes first; else a heading that says the field's
        own name or a plain synonym of it is taken.

        :raises FileRefused: ``missing_column``, ``column_twice``.
        """
        places: dict[str, int] = {}
        for wanted in self.fields:
            at = self._place(wanted, headings)
            if at is not None:
                places[wanted.name] = at
            elif wanted.required and wanted.name not in self.defaults:
                raise self._missing(
                    self.columns.get(wanted.name, wanted.name), headings
                )
        if self.kind == "payments" and not {"customer", "invoice"} & places.keys():
            raise self._missing("customer or invoice", headings)
        return places

    def recognised(self, headings: Sequence[str]) -> int:
        """Return how many fields are found among the headings."""
        return sum(bool(self._matches(wanted, headings)) for wanted in self.fields)

    def _matches(self, wanted: Field, headings: Sequence[str]) -> list[int]:
        named = self.columns.get(wanted.name)
        if named is None:
            names = {wanted.name, *wanted.synonyms}
            found = [at for at, text in enumerate(headings) if plain(text) in names]
            # The field's own name wins over a synonym beside it.
            own = [at for at in found if plain(headings[at]) == wanted.name]
            taken = set(self.columns.values())
            return [at for at in own or found if headings[at] not in taken]
        exact = [at for at, text in enumerate(headings) if text.strip() == named]
        return exact or [
            at for at, text in enumerate(headings) if plain(text) == plain(named)
        ]

    def _place(self, wanted: Field, headings: Sequence[str]) -> int | None:
        found = self._matches(wanted, headings)
        if len(found) > 1:
            raise FileRefused(
                "column_twice",
                f"The column {headings[found[0]].strip()!r} stands in the file more "
                f"than once, so {wanted.name} is not clear. Keep one of them.",
            )
        if not found and wanted.name in self.columns:
            raise self._missing(self.columns[wanted.name], headings)
        return found[0] if found else None

    def _missing(self, column: str, headings: Sequence[str]) -> FileRefused:
        listed = ", ".join(text.strip() for text in headings if text.strip())
        return FileRefused(
            "missing_column",
            f"The file has no column {column!r} for {self.kind}. It has: {listed}.",
        )

    def convert(
        self, row: Mapping[str, Cell]
    ) -> tuple[dict[str, Value], list[CellError]]:
        """Return the values of one row by field, and why the row cannot be taken.

        ``row`` holds the fields that stand in the file, as the reader gives them. A
        field neither there nor among the defaults is missing from the values: the
        file says nothing of it. Values of a row with errors are not complete.
        """
        values: dict[str, Value] = {}
        errors: list[CellError] = []
        for name, leans, default, words, read, nothing, required in self._takers:
            cell = row.get(name)
            if cell is None:
                if not default:
                    continue
                cell = default
            elif words is not None:
                text = cell_text(cell)
                cell = words.get(text, words.get(text.casefold(), cell))
            if cell == "" or (type(cell) is str and cell.isspace()):
                cell = default
            if cell == "":
                values[name] = nothing
                if required:
                    errors.append(
                        CellError(name, "blank", "This cell must not be empty.")
                    )
                continue
            try:
                values[name] = read(cell, str(values.get(leans) or ""))
            except Unclear as error:
                errors.append(CellError(name, error.code, error.sentence))
        if not errors:
            errors = self._contradictions(values)
        return values, errors

    def _contradictions(self, values: Mapping[str, Value]) -> list[CellError]:
        """Return what two cells of a row make impossible together."""
        issued, due = values.get("issued_on"), values.get("due_on")
        if isinstance(issued, dt.date) and isinstance(due, dt.date) and due < issued:
            return [
                CellError(
                    "due_on",
                    "due_before_issue",
                    f"The invoice is due on {due}, before it was issued on {issued}.",
                )
            ]
        named = values.get("customer") or values.get("invoice")
        if self.kind == "payments" and not named:
            return [
                CellError("customer", "blank", "Name the customer or the invoice paid.")
            ]
        return []
