"""Runs programs side by side in the foreground, and leaves nothing of them behind.

Each program has a process group of its own; its output appears line by line behind its
name. One that dies is started again after a pause; one that keeps dying ends them all.
Knows nothing of what the programs do.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.processes import dying_with_parent
from config.embedded.restarts import Restarts

LOOK_SECONDS = 0.2
# Above the worker's own 30 seconds for finishing a batch.
STOP_SECONDS = 35.0
LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Program:
    """A command line and the name it goes by."""

    name: str
    command: list[str]


@dataclass(slots=True)
class _Run:
    """A program and its present process."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    started_at: float = 0.0
    unfinished: bytes = b""
    restarts: Restarts = field(default_factory=Restarts)
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))


class GivenUp(Exception):
    """A program that keeps dying; the text names it and tells what it last said."""


class Supervisor:
    """Programs under supervision."""

    def __init__(
        self,
        programs: Iterable[Program],
        directory: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.directory = directory
        self.environment = dict(environment)
        self._runs = [_Run(program) for program in programs]
        self._width = max(len(run.program.name) for run in self._runs)
        self._selector = selectors.DefaultSelector()
        self._signals = 0

    def run(self, each_look: Callable[[], None]) -> None:
        """Keep the programs running until SIGINT, SIGTERM or SIGHUP arrives.

        ``each_look`` is called several times a second. However this ends, none of
        the programs is left.

        :raises GivenUp: a program died five times within a minute.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._count_signal)
        try:
            while not self._signals:
                for run in self._runs:
                    self._look_after(run)
                self._pass_on_output()
                each_look()
        finally:
            self.say("all", "stopping; a second Ctrl-C does not wait for work in hand.")
            self._stop_all()

    def all_have_run_for(self, seconds: float) -> bool:
        """Return whether each program has been running at least that long."""
        since = time.monotonic() - seconds
        return all(run.process and run.started_at <= since for run in self._runs)

    def say(self, name: str, line: str) -> None:
        """Print one line behind a name; a reader who has gone means: stop."""
        try:
            sys.stdout.write(f"{name:<{self._width}} | {line}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._signals += 1

    def _count_signal(self, *_signal: object) -> None:
        self._signals += 1

    def _look_after(self, run: _Run) -> None:
        now = time.monotonic()
        if run.process is None:
            if now >= run.start_at:
                self._start(run)
        elif run.process.poll() is not None:
            self._bury(run, run.process, now)

    def _start(self, run: _Run) -> None:
        process = subprocess.Popen(
            [*dying_with_parent(signal.SIGTERM), *run.program.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.directory,
            env=self.environment,
            start_new_session=True,
        )
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, run)
        run.process = process
        run.started_at = time.monotonic()

    def _bury(self, run: _Run, process: subprocess.Popen[bytes], now: float) -> None:
        _signal_group(process, signal.SIGKILL)  # what it may have left behind
        self._forget_process(run)
        how = _how_it_ended(process.returncode)
        delay = run.restarts.after_death(now)
        if delay is None:
            said = "\n".join(f"    {line}" for line in run.last_lines)
            raise GivenUp(
                f"{run.program.name} died five times within a minute, at last it "
                f"{how}, so everything was stopped. The last it said:\n"
                f"{said or '    (nothing)'}"
            )
        self.say(run.program.name, f"{how}; starting it again in {delay:g} s.")
        run.start_at = now + delay

    def _pass_on_output(self) -> None:
        if not self._selector.get_map():
            time.sleep(LOOK_SECONDS)
            return
        for key, _ in self._selector.select(LOOK_SECONDS):
            self._read(key.data)

    def _read(self, run: _Run) -> bool:
        """Pass on what is there; return whether there may be more."""
        pipe = run.process.stdout if run.process else None
        if pipe is None or pipe.closed:
            return False
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(pipe)
            pipe.close()
            data = b"\n" if run.unfinished else b""
        *lines, run.unfinished = (run.unfinished + data).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            run.last_lines.append(text)
            self.say(run.program.name, text)
        return True

    def _forget_process(self, run: _Run) -> None:
        while self._read(run):
            pass
        if run.process and run.process.stdout and not run.process.stdout.closed:
            self._selector.unregister(run.process.stdout)
            run.process.stdout.close()
        run.process = None
        run.unfinished = b""

    def _stop_all(self) -> None:
        asked = self._signals
        deadline = time.monotonic() + STOP_SECONDS
        for run in self._living():
            # Only the leader: its own children must end their work, not drop it.
            _signal_leader(run, signal.SIGTERM)
        while self._living() and time.monotonic() < deadline:
            self._pass_on_output()
            if self._signals > asked:
                break
        for run in self._runs:
            if run.process:
                _signal_group(run.process, signal.SIGKILL)
                run.process.wait()
                self._forget_process(run)
        self._selector.close()

    def _living(self) -> list[_Run]:
        return [run for run in self._runs if run.process and run.process.poll() is None]


def _signal_leader(run: _Run, number: signal.Signals) -> None:
    if run.process:
        run.process.send_signal(number)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
