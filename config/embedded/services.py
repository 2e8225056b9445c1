"""Joining and leaving the embedded PostgreSQL and Valkey of one DULY_HOME.

Whoever uses the services holds the ``users`` lock, shared. The first user starts the
keeper, the last one stops it and waits until all is down; a user who is killed is
noticed by the keeper. Does not know how a server is run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from config.embedded.address import NOWHERE_DATABASE, Address
from config.embedded.home import (
    REPOSITORY,
    EmbeddedError,
    Home,
    explain,
    is_given,
)
from config.embedded.postgres import postgres_program
from config.embedded.servers import last_words
from config.embedded.valkey import valkey_program

# Longer than servers.START_SECONDS and a set-up together.
PATIENCE_SECONDS = 180.0
POLL_SECONDS = 0.05
NOBODY_SECONDS = 10.0


class Services:
    """One user's hold on the services of a DULY_HOME."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._users = home.lock("users")
        self._keeper: subprocess.Popen[bytes] | None = None

    def join(self) -> None:
        """Make sure that the services run, and go on running until ``leave``.

        :raises EmbeddedError: they cannot be started.
        """
        if not self._users.take(shared=True, wait=PATIENCE_SECONDS):
            raise EmbeddedError(
                f"The services in {self.home.path} have been stopping for too long. "
                f"Look into {self.home.logs}, then try again."
            )
        with self.home.locked("start", wait=PATIENCE_SECONDS):
            self._wait_until_published()

    def leave(self) -> None:
        """Let go of the services; the last to leave stops them and waits for it."""
        last = self._users.take()
        # Not the last, and yet nobody shares: the keeper is stopping them already.
        if last or not self._users.take(shared=True):
            self._wait_for_keeper_to_end(ask=last)
        self._users.close()

    def start_over(self) -> None:
        """Delete the database; only while nobody uses the services.

        :raises EmbeddedError: somebody does, or a folder cannot be deleted.
        """
        if not self._users.take(wait=NOBODY_SECONDS):
            raise EmbeddedError(
                f"Something still works with the database in {self.home.path} "
                "('manage.py run_embedded', say). Let it finish, then start over."
            )
        self._wait_for_keeper_to_end(ask=True)
        self.home.start_over()
        self._users.close()

    def address(self) -> Address:
        """Return where the services are reached."""
        return Address.read(self.home.path)

    def are_kept(self) -> bool:
        """Return whether the keeper is alive."""
        if self._keeper:
            self._keeper.poll()  # a dead child of ours must not stay a zombie
        return self.home.is_taken("keeper")

    def _start_keeper(self) -> subprocess.Popen[bytes]:
        postgres_program("postgres")
        valkey_program()
        (self.home.path / "address.json").unlink(missing_ok=True)
        self._forget_last_keeper()
        try:
            with (self.home.logs / "keeper.log").open("wb") as log:
                return subprocess.Popen(
                    [sys.executable, "-m", "config.embedded.keeper", self.home.path],
                    cwd=REPOSITORY,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # The terminal's Ctrl-C is meant for the programs, not for these.
                    start_new_session=True,
                )
        except OSError as error:
            raise explain(error, self.home.path) from error

    def _forget_last_keeper(self) -> None:
        # A keeper killed with -9 leaves a process id behind, which is another's soon.
        lock = self.home.lock("keeper")
        lock.note("")
        lock.close()

    def _wait_until_published(self) -> None:
        ours = None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_published():
            # Ours ends with 0 where it finds another's, which may end before we look.
            ended = ours.poll() if ours else 0
            if ended or time.monotonic() > deadline:
                said = last_words(self.home.logs / "keeper.log")
                raise EmbeddedError(f"The services did not come up: {said}")
            if ended == 0 and not self.are_kept():
                ours = self._keeper = self._start_keeper()
            time.sleep(POLL_SECONDS)

    def _is_published(self) -> bool:
        # Only a live keeper's address counts: a killed one leaves its file behind.
        kept = self.are_kept()
        return kept and self.address().database_url != NOWHERE_DATABASE

    def _wait_for_keeper_to_end(self, *, ask: bool) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.are_kept() and time.monotonic() < deadline:
            # A keeper that has only just begun tells its process id in a moment.
            ask = ask and not self._ask_keeper_to_end()
            time.sleep(POLL_SECONDS)

    def _ask_keeper_to_end(self) -> bool:
        pid = (self.home.path / "keeper.lock").read_text("utf-8")
        if not pid:
            return False
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM)
        return True


def services_are_given() -> bool:
    """Return whether DATABASE_URL and REDIS_URL name services of somebody else's."""
    return is_given("DATABASE_URL") and is_given("REDIS_URL")


def environment(home: Home, address: Address) -> dict[str, str]:
    """Return the environment for programs that use the services of ``home``.

    What the environment already gives is kept.
    """
    ours = {
        "DATABASE_URL": address.database_url,
        "REDIS_URL": address.redis_url,
        "SECRET_KEY": address.secret_key,
    }
    if not is_given("DATABASE_URL"):
        ours["FIELD_KEYS"] = address.field_keys
        ours["LEDGER_KEY"] = address.ledger_key
    missing = {name: value for name, value in ours.items() if not is_given(name)}
    return {**os.environ, **missing, "DULY_HOME": str(home.path)}


@contextmanager
def program_environment(home: Home) -> Iterator[tuple[dict[str, str], Services | None]]:
    """Yield the environment for our programs, and the embedded services if needed.

    Where the environment names both services and a secret key, nothing is written.

    :raises EmbeddedError: the services cannot be started.
    """
    if not services_are_given():
        with embedded_services(home) as services:
            yield environment(home, services.address()), services
        return
    if not is_given("SECRET_KEY"):
        home.prepare()
    yield environment(home, Address.read(home.path)), None


@contextmanager
def embedded_services(home: Home) -> Iterator[Services]:
    """Use the services of ``home`` within the block.

    :raises EmbeddedError: they cannot be started.
    """
    home.prepare()
    services = Services(home)
    try:
        services.join()
        yield services
    finally:
        services.leave()
