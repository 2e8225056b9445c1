"""Rows of any number, read through a cursor of the server's: memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

_ROWS = 5000


def streamed(
    question: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> Iterator[Any]:
    """Yield the rows of an SQL question as of its beginning."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(question, parameters)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows
