"""Rows that could not be taken: kept in the database, and written out to be mended.

The file of rejected rows has the columns of the original and one more, ``error``; put
right and imported again with the same profile, it needs no other change.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper

from customers.erased import erased_among
from customers.imports.cells import Cell, cell_text
from customers.imports.formulas import neutralise
from customers.imports.reader import ERROR_COLUMN, Row, Table
from customers.imports.refused import FileRefused
from customers.imports.stage import FAULT
from customers.models import RejectedRow
from customers.sealed import sealed_json, sealed_text

_TABLE = RejectedRow._meta.db_table
_CHUNK = 10_000

Fault = tuple[str, str, str]  # heading, code, sentence
Rejected = list[tuple[Row, list[Fault]]]


def park(cursor: CursorWrapper, table: Table, import_id: int, out: Path | None) -> None:
    """Keep every rejected row with its reasons, and write it to ``out`` if given.

    Reads the file a second time, so that memory stays flat however many there are.
    ``out`` appears whole or not at all.

    :raises FileRefused: ``out`` cannot be written, or is the file itself.
    """
    if out and out.exists() and out.samefile(table.path):
        raise FileRefused(
            "rejects_unwritable", "Rejected rows cannot go into the imported file."
        )
    unfinished = out.with_name(f"{out.name}.part") if out else None
    try:
        with ExitStack() as stack:
            write = _writer(stack, table, unfinished)
            for rejected in _rejected(cursor, table):
                _keep(cursor, table, import_id, rejected)
                write(rejected)
        if unfinished and out:
            os.replace(unfinished, out)
    except OSError as error:
        raise FileRefused(
            "rejects_unwritable", f"{out} cannot be written: {error.strerror}."
        ) from error


def _rejected(cursor: CursorWrapper, table: Table) -> Iterator[Rejected]:
    cursor.execute(f"SELECT count(*) FROM {FAULT}")  # noqa: S608 - our own name
    if not cursor.fetchone()[0]:
        return
    rows = table.rows()
    while chunk := list(islice(rows, _CHUNK)):
        faults = _faults(cursor, chunk[0].number, chunk[-1].number)
        yield [(row, faults[row.number]) for row in chunk if row.number in faults]


def _faults(cursor: CursorWrapper, first: int, last: int) -> dict[int, list[Fault]]:
    cursor.execute(
        f"""
        SELECT row_number, heading, code, sentence FROM {FAULT}
        WHERE row_number BETWEEN %s AND %s
        """,  # noqa: S608 - our own name
        [first, last],
    )
    found: dict[int, list[Fault]] = {}
    for number, heading, code, sentence in cursor.fetchall():
        found.setdefault(number, []).append((heading, code, sentence))
    return found


def _keep(
    cursor: CursorWrapper, table: Table, import_id: int, rejected: Rejected
) -> None:
    erased = erased_among(_number(table, row) for row, _ in rejected)
    with cursor.copy(
        f'COPY {_TABLE} (data_import_id, row_number, "column", code, '
        "sentence, cells) FROM STDIN"
    ) as copy:
        for row, faults in rejected:
            # Who was erased is not kept again by a row that was refused.
            hidden = _number(table, row) in erased
            known = {} if hidden else _by_heading(table, row)
            cells = sealed_json(f"{_TABLE}.cells", known)
            for heading, code, sentence in faults[:1] if hidden else faults:
                # It may quote the cell.
                said = sealed_text(f"{_TABLE}.sentence", sentence)
                copy.write_row((import_id, row.number, heading, code, said, cells))


def _number(table: Table, row: Row) -> str:
    """Return whose row it is, as the file says it."""
    field = "number" if table.section.kind == "customers" else "customer"
    return cell_text(table.by_field(row).get(field, "")).strip()


def _by_heading(table: Table, row: Row) -> dict[str, str]:
    """Return the row by heading; a heading that repeats, or a cell that has none,
    goes by its place as well."""
    named: dict[str, str] = {}
    for at, cell in enumerate(row.cells):
        heading = table.headings[at] if at < len(table.headings) else ""
        if not heading or heading in named:
            heading = f"{heading} ({at + 1})".strip()
        named[heading] = cell_text(cell)
    return named


class _Writer:
    """Writes rejected rows as CSV in the form that the profile reads."""

    def __init__(self, table: Table, lines: Any) -> None:
        self.table = table
        self.lines = lines
        self.width = len(table.headings)
        self.decimal = table.section.manner.decimal
        kept = self._without_error(table.headings)
        lines.writerow([*kept, ERROR_COLUMN])

    def __call__(self, rejected: Rejected) -> None:
        for row, faults in rejected:
            cells = [self._text(cell) for cell in row.cells]
            cells += [""] * (self.width - len(cells))
            said = " ".join(_said(*fault) for fault in faults)
            self.lines.writerow(
                [
                    *map(neutralise, self._without_error(cells[: self.width])),
                    neutralise(said),
                    *map(neutralise, cells[self.width :]),
                ]
            )

    def _without_error(self, cells: Any) -> list[str]:
        """Return the cells without the reasons that an earlier round wrote."""
        at = self.table.error_at
        return [cell for place, cell in enumerate(cells) if place != at]

    def _text(self, cell: Cell) -> str:
        if isinstance(cell, str):
            return cell
        text = cell_text(cell)
        is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
        return text.replace(".", self.decimal) if is_number else text


def _writer(stack: ExitStack, table: Table, out: Path | None) -> Any:
    if out is None:
        return lambda rejected: None
    # The mark in front tells Excel, and our reader, that this is UTF-8.
    file = stack.enter_context(out.open("w", encoding="utf-8-sig", newline=""))
    return _Writer(table, csv.writer(file, delimiter=table.section.delimiter or ","))


def _said(heading: str, code: str, sentence: str) -> str:
    return f"{heading}: {sentence} [{code}]" if heading else f"{sentence} [{code}]"
