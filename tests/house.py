"""Real processes over a database of their own, for tests of the pipeline and pages."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psycopg
import redis
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from config.embedded.home import Home
from config.embedded.postgres import postgres_program
from config.embedded.services import embedded_services
from tests import databases

T = TypeVar("T")


class House:
    """A database and a bell, and the Duly processes that run on them."""

    def __init__(self, *, database_url: str, redis_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.redis_url = redis_url
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def database(self) -> str:
        """The name of the database."""
        return str(conninfo_to_dict(self.database_url)["dbname"])

    def write(self, work: Callable[[], T]) -> T:
        """Do work of this process in the house's database, and return what it gives.

        For scenes: a process of its own would take seconds to start. The caller has
        unblocked the database; what rings workers belongs into :meth:`manage`.
        """
        return databases.inside(self.database, work)

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this house finds in its environment."""
        return {
            **os.environ,
            # The product's own, also where a benchmark has others.
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": settings.SECRET_KEY,
            "SUPPRESSION_KEY": settings.SUPPRESSION_KEY,
            "FIELD_KEYS": settings.FIELD_KEYS,
            "LEDGER_KEY": settings.LEDGER_KEY,
            # What lies beside the database is this house's alone, too.
            "DULY_HOME": str(self.folder / "home"),
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *words: str, **environment: str) -> str:
        """Run one management command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{words} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start one process in a group of its own; its log lies in the folder."""
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            words,
            cwd=settings.BASE_DIR,
            env={**self.environment, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start one real Celery worker on every queue."""
        from config.celery import QUEUES

        return self.start(
            sys.executable, "-m", "celery", "-A", "config.celery", "worker",
            "--queues", ",".join(QUEUES), "--concurrency", "2", "--loglevel", "INFO",
            **environment,
        )  # fmt: skip

    def start_ticking(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start a scheduler that makes a pass each second, beat's hurried sister."""
        return self.start(sys.executable, "-m", "tests.ticking", **environment)

    def children(self, process: subprocess.Popen[bytes]) -> list[int]:
        """Return the process ids of the children of a process, such as a pool's."""
        try:
            words = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in words.split()]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and all its children with -9, as an outage would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Kill whatever still runs."""
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)

    def logs(self) -> str:
        """Return what all processes wrote, for the message of a failing test."""
        return "\n".join(
            path.read_text(errors="replace")[-4000:]
            for path in sorted(self.folder.glob("*.log"))
        )

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Yield a connection of the test's own, committing at once."""
        with psycopg.connect(
            self.database_url, autocommit=True, row_factory=tuple_row
        ) as connection:
            yield connection

    def ask(self, question: str, *parameters: object) -> Any:
        """Return the first column of the first row of a question."""
        with self.connect() as connection:
            row = connection.execute(question, parameters).fetchone()
        return row[0] if row else None

    def wait_until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for a condition, or fail with what the processes wrote."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.1)
        raise AssertionError(f"Not within {seconds} s.\n{self.logs()}")


AHouse = TypeVar("AHouse", bound=House)


class OwnHouse(House):
    """A house with services of its own, which a test may break."""

    def lose_the_bell(self) -> None:
        """Empty Valkey, rings that are being worked on included."""
        with redis.Redis.from_url(self.redis_url) as bell:
            bell.flushall()

    def restart_postgres(self, seconds: float = 60) -> None:
        """End PostgreSQL with all its sessions, and wait for it to be back."""
        born = "SELECT pg_postmaster_start_time()"
        before = self.ask(born)
        lock = Home(self.folder / "home").lock("postgres")
        os.kill(int(lock.noted()), signal.SIGINT)
        lock.close()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                if self.ask(born) != before:
                    return
            time.sleep(0.1)
        raise AssertionError(f"PostgreSQL was not back within {seconds} s.")


@contextmanager
def own_house(folder: Path, pattern: str = "") -> Iterator[OwnHouse]:
    """Yield a migrated house whose PostgreSQL and Valkey are its own, to be broken.

    With a ``pattern`` its database is a copy of that one, which takes a moment.
    Everything is stopped at the end.
    """
    home = Home(folder / "home")
    with embedded_services(home) as services:
        address = services.address()
        house = OwnHouse(
            database_url=address.database_url,
            redis_url=address.redis_url,
            folder=folder,
        )
        try:
            if pattern:
                _carry_over(url_of(pattern), house.database_url)
            else:
                house.manage("migrate", "--verbosity=0")
            yield house
        finally:
            house.stop()


@contextmanager
def copied_house(
    folder: Path, pattern: str = databases.MIGRATED, kind: type[AHouse] = House
) -> Iterator[AHouse]:
    """Yield a house whose database is a copy of a pattern (see tests.databases).

    Its processes are killed and its database is dropped at the end.
    """
    name = f"house_{secrets.token_hex(6)}"
    databases.copy(pattern, name)
    house = kind(
        database_url=url_of(name),
        # Redis databases keep the houses of parallel runs apart.
        redis_url=f"{settings.REDIS_URL.rpartition('/')[0]}/{os.getpid() % 15 + 1}",
        folder=folder,
    )
    try:
        yield house
    finally:
        house.stop()
        databases.drop(name)


def _carry_over(source: str, target: str) -> None:
    """Copy a database to another server."""
    dump = subprocess.run(
        [str(postgres_program("pg_dump")), "--no-owner", f"--dbname={source}"],
        check=True,
        capture_output=True,
    ).stdout
    subprocess.run(
        [
            *(str(postgres_program("psql")), "--no-psqlrc", "--quiet"),
            *("--set=ON_ERROR_STOP=1", "--single-transaction", f"--dbname={target}"),
        ],
        input=dump,
        check=True,
        capture_output=True,
    )


def url_of(name: str) -> str:
    """Return the libpq URL of a database on the server of the tests."""
    database = settings.DATABASES["default"]
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    host = quote(database["HOST"], safe="")
    port = f"&port={database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{quote(database['USER'])}{secret}@/{name}?host={host}{port}"
