"""The temporary tables of one import: rows taken, faults found, and the plan.

``import_stage`` holds the rows whose cells could be read, ``import_fault`` why the
others could not, and ``import_plan`` (made by the checks of each kind) what becomes
of each row: new, changed or unchanged. They vanish with the transaction. What is sealed
in the ledger is sealed on its way in here, with all that comparing it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.backends.utils import CursorWrapper

from customers.imports.cells import Cell, cell_text
from customers.imports.convert import Value
from customers.imports.fields import FIELDS, Field
from customers.imports.reader import Row, Table
from customers.imports.refused import CellError
from customers.imports.sealing import SEALED, Sealer

STAGE, FAULT, PLAN = "import_stage", "import_fault", "import_plan"
_CHUNK = 10_000
_TYPES = {"date": "date", "amount": "numeric(16,3)", "flag": "boolean"}
_LONGEST_COLUMN, _LONGEST_SENTENCE = 120, 500


def prepare(cursor: CursorWrapper, kind: str) -> None:
    """Make the empty tables for files of this kind."""
    columns = [f"{one.name} {_type(kind, one)}" for one in FIELDS[kind]]
    columns += [f"{name} bytea" for name in Sealer(kind).columns]
    # These tables are filled and read once: compiling the queries would cost more.
    cursor.execute("SET LOCAL jit = off")
    for table in (STAGE, FAULT, PLAN):
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(
        f"CREATE TEMP TABLE {STAGE} (row_number int, {', '.join(columns)}) "
        "ON COMMIT DROP"
    )
    cursor.execute(
        f"CREATE TEMP TABLE {FAULT} (row_number int, heading text, code text, "
        "sentence text) ON COMMIT DROP"
    )


def fill(cursor: CursorWrapper, table: Table) -> int:
    """Read the file into the tables, some thousand rows at a time; return how many
    rows it has.

    :raises FileRefused: the file turns out to be unreadable further down.
    """
    read = 0
    rows = table.rows()
    while chunk := list(islice(rows, _CHUNK)):
        read += len(chunk)
        faults: list[tuple[Any, ...]] = []
        _copy(cursor, STAGE, _taken(table, chunk, faults))
        _copy(cursor, FAULT, iter(faults))
    cursor.execute(
        f"ANALYZE {STAGE} (row_number, {FIELDS[table.section.kind][0].name})"
    )
    return read


def _taken(
    table: Table, chunk: list[Row], faults: list[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows to stage, and put why others are not into ``faults``."""
    kind = table.section.kind
    names = [one.name for one in FIELDS[kind]]
    sealer = Sealer(kind)
    for row in chunk:
        if fault := table.ragged(row):
            faults.append((row.number, "", *fault))
            continue
        cells = table.by_field(row)
        values, errors = table.section.convert(cells)
        if errors:
            faults.extend(_fault(table, row, error) for error in errors)
            continue
        written = {name: _as_written(cells, values, name) for name in sealer.raw}
        more = sealer.seal(values, written)
        yield (row.number, *map(values.get, names), *more)


def _fault(table: Table, row: Row, error: CellError) -> tuple[int, str, str, str]:
    heading = table.heading(error.field) if error.field else ""
    return (
        row.number,
        heading[:_LONGEST_COLUMN],
        error.code,
        error.sentence[:_LONGEST_SENTENCE],
    )


def _as_written(
    cells: Mapping[str, Cell], values: Mapping[str, Value], name: str
) -> str | None:
    """Return the address as the file has it, None if the file says nothing of it."""
    if name not in values:
        return None
    return cell_text(cells.get(name, "")) or str(values[name])


def _type(kind: str, one: Field) -> str:
    return "bytea" if one.name in SEALED[kind] else _TYPES.get(one.kind, "text")


def _copy(cursor: CursorWrapper, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def sequence(cursor: CursorWrapper, table: str) -> str:
    """Return the name of the sequence that numbers a table's rows."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    return str(cursor.fetchone()[0])


def count(cursor: CursorWrapper) -> dict[str, int]:
    """Return how many rows are new, changed, unchanged and rejected."""
    cursor.execute(
        f"SELECT outcome, count(*) FROM {PLAN} GROUP BY outcome"  # noqa: S608
    )
    found = dict(cursor.fetchall())
    cursor.execute(f"SELECT count(DISTINCT row_number) FROM {FAULT}")  # noqa: S608
    return {
        **{name: found.get(name, 0) for name in ("new", "changed", "unchanged")},
        "rejected": cursor.fetchone()[0],
    }
