"""Databases of the tests: migrated once a run, and copied for everybody who needs one.

Migrating takes ten seconds, copying what was migrated takes a third of one. Workers of
a run that is shared out (pytest-xdist) make each pattern together: the first makes it,
the others wait and copy. A pattern has no users, so that it can be copied at any time.
"""

from __future__ import annotations

import os
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

T = TypeVar("T")
# Whoever is started by the process that began the run finds its name here.
RUN = os.environ.setdefault("TEST_RUN", uuid.uuid4().hex)
# Its name on the server of the tests; never that of a real house.
MIGRATED = "test_pattern_migrated"


@contextmanager
def server() -> Iterator[psycopg.Connection[Any]]:
    """Yield a connection to the server of the tests, committing at once."""
    database = settings.DATABASES["default"]
    with psycopg.connect(
        dbname="postgres",
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
        autocommit=True,
        **database["OPTIONS"],
    ) as connection:
        yield connection


def copy(pattern: str, name: str) -> None:
    """Make a database as a copy of a pattern, in the place of one of that name."""
    with server() as connection:
        _copy(connection, pattern, name)


def drop(name: str) -> None:
    """Take a database away, whoever uses it."""
    with server() as connection:
        _drop(connection, name)


def made_once(name: str, source: str, fill: Callable[[], object]) -> str:
    """Make a pattern unless this run has it, and return its name.

    ``fill`` writes into a copy of ``source`` (of an empty database, if that is ""); see
    :func:`inside`.
    """
    draft = f"{name}_draft"
    with server() as connection:
        # Held until the connection is closed.
        connection.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(name.encode())])
        if _run_of(connection, name) == RUN:
            return name
        _drop(connection, name)
        _copy(connection, source or "template1", draft)
        inside(draft, fill)
        connection.execute(_named("ALTER DATABASE {} RENAME TO {}", draft, name))
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(name), sql.Literal(RUN)
            )
        )
    return name


def drop_patterns() -> None:
    """Take the patterns of this run away."""
    with server() as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database "
            "WHERE starts_with(datname, 'test_pattern_') "
            "AND shobj_description(oid, 'pg_database') = %s",
            [RUN],
        ).fetchall()
        for (name,) in names:
            _drop(connection, name)


def inside(name: str, work: Callable[[], T]) -> T:
    """Do work whose queries go to a database of that name, and return what it gives.

    Nobody is left in the database. It is done in a thread of its own, since Django
    keeps its connections by thread: neither the transaction of a test nor the event
    loop of a browser gets in its way.
    """
    given: list[T] = []
    faults: list[BaseException] = []

    def do() -> None:
        connection = connections["default"]
        connection.settings_dict = {**connection.settings_dict, "NAME": name}
        try:
            given.append(work())
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    thread = Thread(target=do)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return given[0]


def _copy(connection: psycopg.Connection[Any], pattern: str, name: str) -> None:
    _drop(connection, name)
    connection.execute(_named("CREATE DATABASE {} TEMPLATE {}", name, pattern))


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    assert name.startswith(("test_", "house_")), f"{name} is no test database."
    connection.execute(_named("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def _run_of(connection: psycopg.Connection[Any], name: str) -> str | None:
    """Return which run made a pattern; None where there is none, or a broken one."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        "WHERE datname = %s",
        [name],
    ).fetchone()
    return row[0] if row else None


def _named(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*[sql.Identifier(name) for name in names])
