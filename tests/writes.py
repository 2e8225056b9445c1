"""What a transaction wrote so far, as PostgreSQL itself counts it."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection


def rows_written(*, besides: Collection[str] = ()) -> dict[str, int]:
    """Return how many rows of each table the running transaction wrote so far.

    A row written as it was is counted, and one that was written and taken away again.
    ``besides`` names tables that are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del "
            "FROM pg_stat_xact_user_tables"
        )
        found = dict(cursor.fetchall())
    return {table: number for table, number in found.items() if table not in besides}
