"""A worker whose line to Redis went dead ends itself; the house says who is at work."""

from __future__ import annotations

import selectors
import socket
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.house import House
from tests.processes.test_crash import fill, moved

pytestmark = pytest.mark.processes


class Line:
    """A line to Redis that can go dead as a firewall lets it: open, and silent.

    What was connected before stays connected and hears nothing; a new connection works.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self.server = socket.create_server(("127.0.0.1", 0))
        port = self.server.getsockname()[1]
        secret = parts.netloc.rpartition("@")[0]
        self.url = (
            f"redis://{secret + '@' if secret else ''}127.0.0.1:{port}{parts.path}"
        )
        self.ends: dict[socket.socket, socket.socket] = {}
        self.dead: set[socket.socket] = set()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.server, selectors.EVENT_READ)
        self.open = True
        threading.Thread(target=self._carry, daemon=True).start()

    def go_dead(self) -> None:
        """Carry nothing more for whoever is connected now."""
        self.dead |= set(self.ends)

    def close(self) -> None:
        """Hang up."""
        self.open = False

    def _carry(self) -> None:
        while self.open:
            for key, _ in self.selector.select(0.2):
                if key.fileobj is self.server:
                    self._connect()
                else:
                    self._pass_on(key.fileobj)  # type: ignore[arg-type]

    def _connect(self) -> None:
        near, _ = self.server.accept()
        far = socket.create_connection(self.target)
        for one, other in ((near, far), (far, near)):
            self.ends[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, near: socket.socket) -> None:
        try:
            data = near.recv(65536)
        except OSError:
            data = b""
        other = self.ends[near]
        if not data:
            for one in (near, other):
                if self.ends.pop(one, None):
                    self.selector.unregister(one)
                    one.close()
        elif near not in self.dead:
            other.sendall(data)


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    """Return a line between the worker and Redis."""
    line = Line(house.redis_url)
    yield line
    line.close()


def test_a_worker_that_hears_no_more_ends_itself_and_the_next_one_goes_on(
    house: House, line: Line
) -> None:
    house.write(lambda: fill(5))
    worker = house.start_worker(REDIS_URL=line.url, WATCHDOG_SECONDS="4")
    house.wait_until(lambda: house.ask(SEEN) == 1)
    house.wait_until(lambda: "ready." in house.logs())
    line.go_dead()

    house.manage("tick")

    # Rings wait now, and the worker has nothing in hand.
    house.wait_until(lambda: worker.poll() is not None, seconds=30)
    assert worker.returncode == 75, house.logs()
    assert "ends itself, to be started again" in house.logs()
    assert moved(house) == 0
    house.start_worker(REDIS_URL=line.url, WATCHDOG_SECONDS="4")
    house.wait_until(lambda: moved(house) == 5)


SEEN = "SELECT count(*) FROM notices_heartbeat WHERE kind = 'worker'"


def test_a_worker_that_has_nothing_to_do_stays_and_one_that_is_asked_to_leaves(
    house: House,
) -> None:
    worker = house.start_worker(WATCHDOG_SECONDS="1")
    house.wait_until(lambda: house.ask(SEEN) == 1)
    time.sleep(3)
    assert worker.poll() is None

    worker.terminate()

    assert worker.wait(30) == 0
    assert house.ask(SEEN) == 0


def test_the_clock_the_passes_and_the_claims_are_noted(house: House) -> None:
    house.write(lambda: fill(5))
    house.start_worker()
    house.start(
        sys.executable, "-m", "celery", "-A", "config.celery", "beat",
        "--pidfile=", f"--schedule={house.folder / 'schedule'}",
    )  # fmt: skip

    house.wait_until(
        lambda: (
            house.ask(
                "SELECT string_agg(name, ' ' ORDER BY name) FROM notices_heartbeat"
                " WHERE name IN ('beat', 'pass', 'email')"
            )
            == "beat email pass"
        )
    )
    assert (
        house.ask("SELECT count(*) FROM notices_heartbeat WHERE worked_at IS NOT NULL")
        == 1
    )
