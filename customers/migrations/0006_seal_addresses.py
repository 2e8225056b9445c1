"""Addresses, notes and rejected rows are sealed, each batch by itself.

Broken off, it goes on where it stopped. Going back opens them again; only what a file
had written (``raw``) is not kept any more, so that the next import reads it anew.
"""
# ruff: noqa: S608 - names of our own, values as parameters

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, migrations, transaction

from customers.blind import index_of, lasting_print
from customers.reseal import open_rows, seal_rows
from customers.sealed import opened_text, sealed_text

BATCH = 5_000
OTHERS = (
    ("customers_hold", "id", "note"),
    ("customers_invoicecopy", "invoice_id", "body"),
    ("customers_rejectedrow", "id", "cells", "sentence"),
)
POINT, PLACE = "customers_contactpoint", "customers_postaladdress"


def seal(apps: Any, schema_editor: Any) -> None:
    def point(pk: int, value: str, raw: str) -> tuple[Any, ...]:
        context = f"{POINT}.value"
        return (
            sealed_text(context, value),
            index_of(context, value),
            lasting_print(f"{POINT}.raw_print", raw),
            pk,
        )

    def place(pk: int, *lines: str) -> tuple[Any, ...]:
        found: list[Any] = []
        for at, line in enumerate(lines, start=1):
            context = f"{PLACE}.line{at}"
            found += [sealed_text(context, line), index_of(context, line)]
        return (*found, pk)

    batches(
        f"SELECT id, value_plain, raw_plain FROM {POINT} WHERE value IS NULL",
        f"UPDATE {POINT} SET value = %s, value_index = %s, raw_print = %s "
        "WHERE id = %s",
        point,
    )
    batches(
        f"SELECT id, line1_plain, line2_plain FROM {PLACE} WHERE line1 IS NULL",
        f"UPDATE {PLACE} SET line1 = %s, line1_index = %s, line2 = %s, "
        "line2_index = %s WHERE id = %s",
        place,
    )
    for table, pk, *columns in OTHERS:
        seal_rows(table, pk, *columns)


def open_again(apps: Any, schema_editor: Any) -> None:
    batches(
        f"SELECT id, value FROM {POINT} WHERE value IS NOT NULL",
        f"UPDATE {POINT} SET value_plain = %s, value = NULL WHERE id = %s",
        lambda pk, value: (opened_text(f"{POINT}.value", value), pk),
    )
    batches(
        f"SELECT id, line1, line2 FROM {PLACE} WHERE line1 IS NOT NULL",
        f"UPDATE {PLACE} SET line1_plain = %s, line2_plain = %s, line1 = NULL "
        "WHERE id = %s",
        lambda pk, one, two: (
            opened_text(f"{PLACE}.line1", one),
            opened_text(f"{PLACE}.line2", two),
            pk,
        ),
    )
    for table, pk, *columns in OTHERS:
        open_rows(table, pk, *columns)


def batches(question: str, change: str, row: Callable[..., tuple[Any, ...]]) -> None:
    """Change what a question finds, until it finds nothing any more."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{question} ORDER BY id LIMIT {BATCH} FOR UPDATE")
            if not (rows := cursor.fetchall()):
                return
            cursor.executemany(change, [row(*one) for one in rows])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("customers", "0005_sealed_addresses")]

    operations = [migrations.RunPython(seal, open_again)]
