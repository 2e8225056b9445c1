"""Questions asked again and again, with other values each time: compiled once.

Django builds and compiles the SQL of a queryset anew each time it is asked, and
PostgreSQL plans it anew; on the page of a customer both took longer than the answer.
A prepared question is compiled by Django once a process and planned by PostgreSQL once
a connection; rows become models as in any queryset.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

import psycopg
from django.db import connections
from django.db.models import Expression, QuerySet

T = TypeVar("T")


class Prepared(Generic[T]):
    """A question with places for its values: called with them by name, it is asked.

    It stands for ``list(queryset)`` of what the decorated function returns. That
    function runs once, with a place for each value: it may hand them on, and not look
    at them. A value goes to PostgreSQL as it is, so that it must be of the column's
    kind; ``None`` is none (nothing equals it in SQL).
    """

    def __init__(self, ask: Callable[..., QuerySet[Any, T]]) -> None:
        self._ask = ask
        self._names = tuple(inspect.signature(ask).parameters)
        self._kept: _Kept | None = None
        self.__doc__ = ask.__doc__

    def __call__(self, **values: Any) -> list[T]:
        """Return the rows for these values: one query.

        :raises TypeError: a value is missing, or is none of the question's.
        """
        if values.keys() != set(self._names):
            raise TypeError(f"asked with {[*values]}, not with {[*self._names]}")
        if self._kept is None:
            places = {name: _Place(name) for name in self._names}
            self._kept = _Kept(self._ask(**places))
        return list(self._kept.rows(values))

    def one(self, **values: Any) -> T | None:
        """Return the first row for these values, None if there is none: one query."""
        rows = self(**values)
        return rows[0] if rows else None


def prepared(ask: Callable[..., QuerySet[Any, T]]) -> Prepared[T]:
    """Make a question that is compiled once of a function that returns a queryset."""
    return Prepared(ask)


class _Place(Expression):
    """Where a value goes: it travels through Django as a parameter of the SQL."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class _Kept:
    """A compiled queryset: its SQL, and how its rows become what it returns."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(queryset.db)
        self.sql, self.parameters = self.compiler.as_sql()

    def rows(self, values: dict[str, Any]) -> Iterator[Any]:
        parameters = tuple(
            values[one.name] if isinstance(one, _Place) else one
            for one in self.parameters
        )
        with _planning_once(self.queryset.db) as cursor:
            cursor.execute(self.sql, parameters)
            found = cursor.fetchall()
        queryset: Any = self.queryset
        answered = SimpleNamespace(
            db=queryset.db,
            model=queryset.model,
            query=SimpleNamespace(get_compiler=lambda using: self._answering(found)),
            _known_related_objects={},
        )
        yield from queryset._iterable_class(answered)

    def _answering(self, found: list[Any]) -> Any:
        """Return the compiler as it is after these rows were read.

        A copy, on this thread's connection: the kept one serves all threads.
        """
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections[self.queryset.db]
        compiler.execute_sql = lambda *_, **__: [found]
        return compiler


class _PlannedOnce(psycopg.Cursor[Any]):
    """A cursor whose statements stay planned for as long as the connection lives."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> _PlannedOnce:
        return super().execute(query, params, prepare=True)


@contextmanager
def _planning_once(using: str) -> Iterator[Any]:
    """Give a cursor of Django's connection, whose errors are Django's.

    Where queries are logged it is a plain one, which knows them with their values.
    """
    connection: Any = connections[using]
    if connection.queries_logged:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    with connection.make_cursor(_PlannedOnce(connection.connection)) as cursor:
        yield cursor
