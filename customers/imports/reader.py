"""A file's rows, whatever form the file has: CSV in any dress, XLSX, XLS or ODS.

Gives cells as they stand, a chunk at a time; what they mean is the section's matter.
Row numbers are those a person sees in a spreadsheet: the headings are usually row 1.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from customers.imports.cells import Cell, cell_text
from customers.imports.encoding import survey
from customers.imports.formulas import restore
from customers.imports.refused import FileRefused
from customers.imports.section import Section

_DELIMITERS = (",", ";", "\t", "|")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_LONGEST_CELL = 1 << 17
ERROR_COLUMN = "error"  # what a file of rejected rows says, never read back


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank; ``number`` is its row in the spreadsheet."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: its headings, where the section's fields stand, and its rows."""

    path: Path
    section: Section
    sha256: str
    headings: tuple[str, ...]
    places: dict[str, int]
    _form: _Form

    @property
    def error_at(self) -> int | None:
        """Where the reasons of an earlier rejection stand, None in other files."""
        for at, heading in enumerate(self.headings):
            if heading.casefold() == ERROR_COLUMN and at not in self.places.values():
                return at
        return None

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the file itself states, defaults left aside."""
        return frozenset(self.places)

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the headings, blank ones left out.

        May be called again to read the file a second time.

        :raises FileRefused: ``bad_encoding``, ``bad_quotes`` in the middle.
        """
        rows = islice(self._form.rows(), 1, None)
        if self.error_at is None:
            return rows
        return (
            Row(row.number, [_restored(cell) for cell in row.cells]) for row in rows
        )

    def by_field(self, row: Row) -> dict[str, Cell]:
        """Return the row's cells by field; cells that a short row lacks are empty."""
        cells = row.cells
        width = len(cells)
        return {
            name: cells[at] if at < width else "" for name, at in self.places.items()
        }

    def ragged(self, row: Row) -> tuple[str, str] | None:
        """Return code and sentence if the row has not as many cells as headings.

        Blank cells too many do no harm, and spreadsheets leave out those too few.
        """
        width, wanted = len(row.cells), len(self.headings)
        if width == wanted:
            return None
        sentence = f"The row has {width} cells, the headings have {wanted}."
        if width > wanted and any(cell != "" for cell in row.cells[wanted:]):
            return "too_many_cells", sentence
        if width < wanted and self._form.counts_cells:
            return "too_few_cells", sentence
        return None

    def heading(self, field: str) -> str:
        """Return the heading over a field, or the field's name where it has none."""
        at = self.places.get(field)
        return self.headings[at] if at is not None else field


def open_table(path: str | Path, section: Section) -> Table:
    """Return the file as a table, its headings read and matched.

    :raises FileRefused: the file is missing, not a table, protected by a password,
        without rows, or lacks a column; ``code`` says which.
    """
    file = Path(path)
    form = _form_of(file, section)
    found = list(islice(form.rows(), 2))
    if not found:
        raise FileRefused("no_rows", f"{file.name} is empty.")
    headings = tuple(cell_text(cell) for cell in found[0].cells)
    while headings and not headings[-1]:
        headings = headings[:-1]
    places = section.match(headings)
    if len(found) == 1:
        raise FileRefused("no_rows", f"{file.name} has headings but no rows below.")
    return Table(file, section, form.sha256, headings, places, form)


def read_rows(
    path: str | Path, section: Section
) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield each row's number and its cells by field; nothing is passed over.

    :raises FileRefused: as :func:`open_table`, and at the first row that has more
        or fewer cells than there are headings.
    """
    table = open_table(path, section)
    for row in table.rows():
        if fault := table.ragged(row):
            raise FileRefused(fault[0], f"Row {row.number}: {fault[1]}")
        yield row.number, table.by_field(row)


def _restored(cell: Cell) -> Cell:
    return restore(cell) if isinstance(cell, str) else cell


class _Form:
    """What a file of some form can be asked; ``rows`` begins with the headings."""

    sha256: str
    counts_cells: bool

    def rows(self) -> Iterator[Row]:
        raise NotImplementedError


def _form_of(path: Path, section: Section) -> _Form:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except IsADirectoryError as error:
        raise FileRefused("unreadable", f"{path} is a folder, not a file.") from error
    except OSError as error:
        raise FileRefused(
            "unreadable", f"{path} cannot be read: {error.strerror}."
        ) from error
    if head.startswith((_ZIP, _OLE)):
        return _Workbook(path, section.sheet)
    return _Text(path, section)


class _Text(_Form):
    """Comma-separated values with any delimiter and encoding."""

    counts_cells = True

    def __init__(self, path: Path, section: Section) -> None:
        known = survey(path, section.encoding)
        self.path = path
        self.sha256 = known.sha256
        self.encoding = known.encoding
        self.delimiter = section.delimiter or self._sniff(section)

    def rows(self) -> Iterator[Row]:
        return self._rows(self.delimiter)

    def _rows(self, delimiter: str) -> Iterator[Row]:
        number = 0
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                # Strict: an unclosed quotation mark would swallow rows unseen.
                lines = csv.reader(file, delimiter=delimiter, strict=True)
                for number, cells in enumerate(lines, start=1):
                    if any(cells) and any(cell.strip() for cell in cells):
                        yield Row(number, cells)
        except csv.Error as error:
            raise FileRefused(
                "bad_quotes",
                f"Row {number + 1}: the quotation marks do not pair up ({error}).",
            ) from error
        except UnicodeError as error:
            raise FileRefused(
                "bad_encoding",
                f"After row {number} the file is not {self.encoding} any more. Save it "
                "as UTF-8, or state its encoding in the profile.",
            ) from error

    def _sniff(self, section: Section) -> str:
        """Return the delimiter under which the headings make most sense."""

        def sense(delimiter: str) -> tuple[int, int]:
            try:
                first = next(self._rows(delimiter), None)
            except FileRefused:
                return (-1, 0)
            headings = [cell_text(cell) for cell in first.cells] if first else []
            return section.recognised(headings), len(headings)

        return max(_DELIMITERS, key=sense)


class _Workbook(_Form):
    """The first visible sheet of a workbook, or the one the profile names."""

    counts_cells = False

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self.sha256 = _hash(path)
        try:
            book = CalamineWorkbook.from_path(str(path))
            name = sheet or _first_visible(book)
            if name not in book.sheet_names:
                raise FileRefused(
                    "missing_sheet",
                    f"{path.name} has no sheet {name!r}. It has: "
                    f"{', '.join(book.sheet_names)}.",
                )
            self.sheet = book.get_sheet_by_name(name)
        except PasswordError as error:
            raise FileRefused(
                "encrypted",
                f"{path.name} is protected by a password. Save it without one.",
            ) from error
        except (CalamineError, OSError, ValueError) as error:
            raise FileRefused(
                "binary",
                f"{path.name} is not a table that can be read. Save it as CSV, XLSX or "
                "ODS and try again.",
            ) from error

    def rows(self) -> Iterator[Row]:
        for number, cells in enumerate(self.sheet.iter_rows(), start=1):
            if any(cell != "" and cell_text(cell) for cell in cells):
                yield Row(number, cells)


def _first_visible(book: CalamineWorkbook) -> str:
    for sheet in book.sheets_metadata:
        if (
            sheet.visible == SheetVisibleEnum.Visible
            and sheet.typ == SheetTypeEnum.WorkSheet
        ):
            return sheet.name
    raise FileRefused("no_rows", "The workbook has no visible sheet.")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


csv.field_size_limit(_LONGEST_CELL)
