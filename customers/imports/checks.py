"""What only the whole file, or the ledger beside it, can say against a row."""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper

from customers.imports.reader import Table
from customers.imports.stage import FAULT, STAGE

# A row that an earlier check refused is not looked at again: one reason is enough.
STANDING = f"NOT EXISTS (SELECT FROM {FAULT} f WHERE f.row_number = s.row_number)"


def refuse_doubles(cursor: CursorWrapper, table: Table, field: str) -> None:
    """Refuse every row but the first of those with one external id."""
    cursor.execute(
        f"""
        INSERT INTO {FAULT}
        SELECT s.row_number, %s, 'duplicate_in_file',
            format('%%s stands already in row %%s; only the first is taken.',
                   s.{field}, twice.first)
        FROM {STAGE} s JOIN (
            SELECT {field}, min(row_number) AS first FROM {STAGE}
            GROUP BY {field} HAVING count(*) > 1
        ) twice USING ({field})
        WHERE s.row_number <> twice.first AND {STANDING}
        """,  # noqa: S608 - names of our own, no value
        [table.heading(field)],
    )


def refuse(
    cursor: CursorWrapper,
    table: Table,
    *,
    field: str,
    code: str,
    sentence: str,
    where: str,
    parameters: tuple[Any, ...] = (),
) -> None:
    """Refuse the rows for which ``where`` holds, an SQL text about row ``s``.

    ``sentence`` is an SQL expression that gives the sentence for the row.
    """
    cursor.execute(
        f"""
        INSERT INTO {FAULT}
        SELECT s.row_number, %s, %s, {sentence} {where} AND {STANDING}
        """,
        [table.heading(field), code, *parameters],
    )
