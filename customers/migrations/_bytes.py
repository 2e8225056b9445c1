"""A column of text or JSON becomes one of bytes, where what is sealed can stand."""

from __future__ import annotations

from django.db import migrations, models


def as_bytes(
    model: str, name: str, field: models.Field, *, table: str, was: str
) -> migrations.SeparateDatabaseAndState:
    """Return the operation that keeps the values of ``table.name`` as their bytes.

    ``was`` is the type of the column before, to which it goes back.
    """
    alter = f"ALTER TABLE {table} ALTER COLUMN {name} TYPE"
    change = migrations.RunSQL(
        f"{alter} bytea USING convert_to({name}::text, 'UTF8')",
        f"{alter} {was} USING convert_from({name}, 'UTF8')::{was}",
    )
    return migrations.SeparateDatabaseAndState(
        database_operations=[] if was == "bytea" else [change],
        state_operations=[migrations.AlterField(model, name, field)],
    )
