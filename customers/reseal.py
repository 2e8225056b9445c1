"""Brings what is sealed under another key, or plain rows under seal, batch by batch.

Each batch is a transaction of its own: broken off, the work goes on where it stopped,
and workers go on beside it. Knows every sealed column of the house by its field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from customers.blind import BlindIndexField, index_of
from customers.sealed import SealedField, ring
from customers.vault import key_id_of, prefix_of

BATCH = 1_000
# Held in memory at once: bodies of some megabytes lie among those of some bytes.
MOST_BYTES = 32 * 1024 * 1024
NOT_SEALED = "not sealed"

# A row's values by column, changed in place.
Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column, and the blind index that goes with it ("" for none)."""

    name: str
    context: str
    index: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with sealed columns."""

    name: str
    pk: str
    columns: tuple[Column, ...]


def tables() -> list[Table]:
    """Return every table of the house with sealed columns."""
    found = []
    for model in apps.get_models():
        fields = model._meta.local_concrete_fields
        indexes = {
            one.of: str(one.column)
            for one in fields
            if isinstance(one, BlindIndexField)
        }
        columns = tuple(
            Column(str(one.column), one.context, indexes.get(one.name, ""))
            for one in fields
            if isinstance(one, SealedField)
        )
        if columns and model._meta.managed and not model._meta.proxy:
            pk = str(model._meta.pk.column)
            found.append(Table(model._meta.db_table, pk, columns))
    return sorted(found, key=lambda one: one.name)


def rows_by_key(table: Table, column: Column) -> dict[str, int]:
    """Return how many values of a column are sealed under each key id; one pass.

    What is not sealed at all, and should be, goes by ``NOT_SEALED``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_KEY_ID.format(column=_q(column.name))}, count(*) "  # noqa: S608
            f"FROM {_q(table.name)} WHERE {_q(column.name)} IS NOT NULL GROUP BY 1"
        )
        return {key_id or NOT_SEALED: count for key_id, count in cursor.fetchall()}


def ends_by_key(table: Table, column: Column) -> set[str]:
    """Return the key ids of the oldest and the newest row; cheap, however many."""
    found = set()
    with connection.cursor() as cursor:
        for way in ("ASC", "DESC"):
            cursor.execute(
                f"SELECT {_KEY_ID.format(column=_q(column.name))} "  # noqa: S608
                f"FROM {_q(table.name)} WHERE {_q(column.name)} IS NOT NULL "
                f"ORDER BY {_q(table.pk)} {way} LIMIT 1"
            )
            found |= {row[0] or NOT_SEALED for row in cursor.fetchall()}
    return found


_KEY_ID = """CASE WHEN octet_length({column}) > 2 AND get_byte({column}, 0) = 1
    THEN encode(substring({column} from 3 for get_byte({column}, 1)), 'escape') END"""


def reseal(table: Table, *, batch: int = BATCH) -> Counter[str]:
    """Bring the rows of a table under the newest key, with their blind indexes.

    Rows that somebody has locked are passed over; they are there the next time.
    Returns counts: ``rows`` brought under it, and ``doubles`` that stand twice by now
    and are left as they are.

    :raises VaultError: a value does not open.
    """
    keys = ring()
    older = [prefix_of(key_id) for key_id in keys.key_ids[1:]]
    if not older:
        return Counter()
    ask = " OR ".join(
        f"substring({_q(column.name)} from 1 for {len(prefix)}) = %s"
        for column in table.columns
        for prefix in older
    )

    def change(row: dict[str, Any]) -> None:
        for column in table.columns:
            value = row[column.name]
            if value is not None and key_id_of(value, column.context) in keys.key_ids:
                plain = keys.open(value, column.context)
                row[column.name] = keys.seal(plain, column.context)
                if column.index:
                    row[column.index] = index_of(column.context, plain.decode())

    return _change_rows(table, ask, older * len(table.columns), change, batch)


def seal_rows(table: str, pk: str, *columns: str) -> None:
    """Seal rows that stand plain in ``bytea`` columns: for migrations.

    Done again, it leaves alone what is sealed already.
    """
    keys = ring()

    def change(row: dict[str, Any]) -> None:
        for name in columns:
            if row[name] is not None and not _is_sealed(row[name]):
                row[name] = keys.seal(row[name], f"{table}.{name}")

    _change_rows(_plain(table, pk, columns), "TRUE", (), change, BATCH)


def open_rows(table: str, pk: str, *columns: str) -> None:
    """Take the seal off again: for migrations that go back."""
    keys = ring()

    def change(row: dict[str, Any]) -> None:
        for name in columns:
            if row[name] is not None and _is_sealed(row[name]):
                row[name] = keys.open(row[name], f"{table}.{name}")

    _change_rows(_plain(table, pk, columns), "TRUE", (), change, BATCH)


def _plain(table: str, pk: str, columns: Iterable[str]) -> Table:
    return Table(table, pk, tuple(Column(one, f"{table}.{one}") for one in columns))


def _is_sealed(value: bytes) -> bool:
    return value.startswith(tuple(prefix_of(one) for one in ring().key_ids))


def _change_rows(
    table: Table, ask: str, facts: Sequence[bytes], change: Change, batch: int
) -> Counter[str]:
    """Change the rows that ``ask`` finds, in the order of their keys."""
    done: Counter[str] = Counter()
    last: Any = None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # What stands for ever may still be sealed anew (see the migrations).
            cursor.execute("SELECT set_config('duly.resealing', 'on', true)")
            rows = _locked(cursor, table, ask, facts, last, batch)
            if not rows:
                return done
            for row in rows:
                change(row)
            done += _write(cursor, table, rows)
            last = rows[-1][table.pk]


def _locked(
    cursor: CursorWrapper,
    table: Table,
    ask: str,
    facts: Sequence[bytes],
    last: Any,
    batch: int,
) -> list[dict[str, Any]]:
    """Lock and return the next rows, as many as memory is meant for."""
    pk, name = _q(table.pk), _q(table.name)
    after = "" if last is None else f"AND {pk} > %s"
    weight = " + ".join(
        f"coalesce(octet_length({_q(one.name)}), 0)" for one in table.columns
    )
    cursor.execute(
        f"SELECT {pk}, {weight} FROM {name} WHERE ({ask}) {after} "  # noqa: S608
        f"ORDER BY {pk} LIMIT {batch:d} FOR UPDATE SKIP LOCKED",
        [*facts, *([] if last is None else [last])],
    )
    ids = list(_light_enough(cursor.fetchall()))
    columns = [table.pk, *_columns(table)]
    cursor.execute(
        f"SELECT {', '.join(map(_q, columns))} FROM {name} "  # noqa: S608
        f"WHERE {pk} = ANY(%s) ORDER BY {pk}",
        [ids],
    )
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _light_enough(found: Iterable[tuple[Any, int]]) -> Iterator[Any]:
    total = 0
    for at, (pk, weight) in enumerate(found):
        total += weight
        if at and total > MOST_BYTES:
            return
        yield pk


def _write(
    cursor: CursorWrapper, table: Table, rows: Sequence[Mapping[str, Any]]
) -> Counter[str]:
    """Write rows; where a blind index says that one stands twice, the others."""
    columns = _columns(table)
    statement = (
        f"UPDATE {_q(table.name)} "  # noqa: S608
        f"SET {', '.join(f'{_q(one)} = %s' for one in columns)} "
        f"WHERE {_q(table.pk)} = %s"
    )
    facts = [[*(row[one] for one in columns), row[table.pk]] for row in rows]
    try:
        with transaction.atomic():
            cursor.executemany(statement, facts)
    except IntegrityError:
        if len(facts) == 1:
            return Counter(doubles=1)
        return sum((_write(cursor, table, [row]) for row in rows), Counter())
    return Counter(rows=len(facts))


def _columns(table: Table) -> list[str]:
    indexes = [one.index for one in table.columns if one.index]
    return [*(one.name for one in table.columns), *indexes]


def _q(name: str) -> str:
    return connection.ops.quote_name(name)


def missing_keys() -> dict[str, set[str]]:
    """Return the key ids that rows need and the ring lacks, by column.

    Asks the oldest and the newest row of each column: a few milliseconds.
    """
    live = {*ring().key_ids} if settings.FIELD_KEYS else set()
    found = {
        column.context: ends_by_key(table, column) - live - {NOT_SEALED}
        for table in tables()
        for column in table.columns
    }
    return {context: key_ids for context, key_ids in found.items() if key_ids}
