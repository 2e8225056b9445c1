"""Keeps PostgreSQL and Valkey of a DULY_HOME running as long as anybody uses them.

``python -m config.embedded.keeper FOLDER`` is started by the first user of the services
and outlives it if others came. It starts both servers again when they die, and ends
with them when the last user has let go of the ``users`` lock, be it by a kill -9. It
does not know who its users are, and takes no orders but SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from config.embedded.address import Address
from config.embedded.home import EmbeddedError, Home, explain
from config.embedded.postgres import Postgres
from config.embedded.restarts import Restarts
from config.embedded.servers import Server
from config.embedded.valkey import Valkey

LOOK_SECONDS = 0.25


class Keeper:
    """Both servers of a DULY_HOME and the state of keeping them."""

    def __init__(self, home: Home) -> None:
        ports = _last_ports(home)
        self.home = home
        self.servers: list[Server] = [
            kind(home, ports.get(kind.program)) for kind in (Postgres, Valkey)
        ]
        self.restarts = {server.name: Restarts() for server in self.servers}
        self.told_to_stop = False

    def keep(self) -> None:
        """Serve until nobody is left; then stop both servers.

        :raises EmbeddedError: a server cannot be started, or keeps dying.
        """
        users = self.home.lock("users")
        try:
            for server in self.servers:
                server.set_up()
                server.start()
            self._publish()
            # Taking the lock for ourselves keeps new users waiting until all is down.
            while not self.told_to_stop and not users.take():
                self._revive_the_dead()
                time.sleep(LOOK_SECONDS)
        finally:
            (self.home.path / "address.json").unlink(missing_ok=True)
            for server in reversed(self.servers):
                server.stop()

    def stop(self, *_signal: object) -> None:
        """Ask for the end of ``keep``."""
        self.told_to_stop = True

    def _publish(self) -> None:
        urls = [server.url() for server in self.servers]
        try:
            Address(database_url=urls[0], redis_url=urls[1]).write(self.home.path)
            ports = {server.program: server.port for server in self.servers}
            _ports_file(self.home).write_text(json.dumps(ports), encoding="utf-8")
        except OSError as error:
            raise explain(error, self.home.path) from error

    def _revive_the_dead(self) -> None:
        for server in self.servers:
            if not server.died():
                continue
            delay = self.restarts[server.name].after_death(time.monotonic())
            if delay is None:
                raise EmbeddedError(f"{server.name} keeps dying; see {server.log}.")
            _tell(f"{server.name} ended by itself; starting it again.")
            time.sleep(delay)
            server.start()


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _ports_file(home: Home) -> Path:
    return home.path / "ports.json"


def _last_ports(home: Home) -> dict[str, int]:
    # The same ports again, so that an address noted elsewhere stays true.
    try:
        ports: dict[str, int] = json.loads(_ports_file(home).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return ports


def main(folder: str) -> None:
    """Keep the services of that folder, unless somebody does so already."""
    os.umask(0o077)
    home = Home(Path(folder))
    lock = home.lock("keeper")
    if not lock.take(wait=5):
        return
    lock.note(str(os.getpid()))
    try:
        keeper = Keeper(home)
        signal.signal(signal.SIGTERM, keeper.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        keeper.keep()
    except EmbeddedError as error:
        _tell(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
