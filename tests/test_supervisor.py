"""Supervision, with real processes: restarts, giving up, and leaving nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.home import REPOSITORY, Home
from config.embedded.restarts import Restarts
from config.embedded.servers import free_port
from tests.test_embedded import environment, eventually, is_alive, left_in

# Runs the programs given as JSON, with pauses too short to wait for.
SUPERVISE = """
import json, os, sys
from pathlib import Path
from config.embedded import restarts
from config.embedded.supervisor import GivenUp, Program, Supervisor

restarts.FIRST_DELAY_SECONDS = 0.01
programs = [Program(name, command) for name, command in json.loads(sys.argv[1])]
try:
    Supervisor(programs, Path.cwd(), os.environ).run(lambda: None)
except GivenUp as error:
    sys.exit(str(error))
"""
# Tells its process id, starts a child that does the same, and stays.
FAMILY = "echo leader $$; sh -c 'echo child $$; exec sleep 300' & exec sleep 300"
STUBBORN = "trap 'echo deaf' TERM; echo leader $$; while :; do sleep 0.1; done"


def sh(script: str) -> list[str]:
    """Return the command line of a shell script."""
    return ["sh", "-c", script]


class Supervised:
    """A supervisor in a process of its own, and what it prints."""

    def __init__(self, *programs: tuple[str, list[str]]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, json.dumps(programs)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []

    def wait_for(self, pattern: str) -> str:
        """Read until a line matches and return its first group."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if found := re.search(pattern, line):
                return found[1]
        pytest.fail(f"Nothing matched {pattern!r} in {self.lines}")

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=120)


@pytest.fixture
def supervise() -> Iterator[type[Supervised]]:
    """Return the way to start a supervisor; none outlives the test."""
    started: list[Supervised] = []

    class Noted(Supervised):
        def __init__(self, *programs: tuple[str, list[str]]) -> None:
            super().__init__(*programs)
            started.append(self)

    yield Noted
    for each in started:
        each.process.kill()
        each.process.communicate()


def test_pauses_double_and_the_fifth_death_in_a_minute_is_the_last() -> None:
    restarts = Restarts()

    pauses = [restarts.after_death(now) for now in (0, 10, 20, 30, 40)]

    assert pauses == [0.5, 1.0, 2.0, 4.0, None]


def test_deaths_of_more_than_a_minute_ago_are_forgotten() -> None:
    restarts = Restarts()

    pauses = [restarts.after_death(now) for now in range(0, 1000, 61)]

    assert set(pauses) == {0.5}


def test_each_line_stands_behind_the_name_of_its_program(
    supervise: type[Supervised],
) -> None:
    family = supervise(("web", sh("echo hello; exec sleep 300")), ("worker", ["cat"]))

    family.wait_for(r"^web    \| (hello)$")


def test_a_program_that_dies_is_started_again_and_says_so(
    supervise: type[Supervised],
) -> None:
    family = supervise(("web", sh("echo $$; exec sleep 300")))
    first = int(family.wait_for(r"web \| (\d+)"))

    os.kill(first, signal.SIGKILL)

    second = int(family.wait_for(r"web \| (\d+)"))
    assert second != first
    assert "web | was killed by SIGKILL; starting it again in 0.01 s." in family.lines


def test_a_program_that_keeps_dying_ends_all_and_is_named(
    supervise: type[Supervised],
) -> None:
    family = supervise(
        ("web", sh("echo the port is gone; exit 3")), ("worker", sh(FAMILY))
    )
    worker = int(family.wait_for(r"leader (\d+)"))

    _, said = family.process.communicate(timeout=120)

    assert family.process.returncode == 1
    assert said.startswith("web died five times within a minute")
    assert "    the port is gone" in said
    assert not is_alive(worker)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_program_and_no_child_of_one(
    supervise: type[Supervised], number: signal.Signals
) -> None:
    family = supervise(("web", sh(FAMILY)))
    ids = [int(family.wait_for(rf"{who} (\d+)")) for who in ("leader", "child")]

    assert family.end(number) == 0

    assert not any(is_alive(pid) for pid in ids)


def test_a_second_signal_does_not_wait_for_the_stubborn(
    supervise: type[Supervised],
) -> None:
    family = supervise(("web", sh(STUBBORN)))
    leader = int(family.wait_for(r"leader (\d+)"))
    family.process.send_signal(signal.SIGINT)
    family.wait_for("(deaf)")
    assert is_alive(leader)

    assert family.end(signal.SIGINT) == 0

    assert not is_alive(leader)


def test_a_killed_supervisor_takes_its_programs_along(
    supervise: type[Supervised],
) -> None:
    family = supervise(("web", sh("echo $$; exec sleep 300")))
    program = int(family.wait_for(r"web \| (\d+)"))

    family.end(signal.SIGKILL)

    assert eventually(lambda: not is_alive(program))


def test_a_reader_that_goes_away_ends_all(supervise: type[Supervised]) -> None:
    family = supervise(("web", sh("echo $$; while sleep 0.1; do echo more; done")))
    program = int(family.wait_for(r"web \| (\d+)"))

    assert family.process.stdout
    family.process.stdout.close()

    assert family.process.wait(timeout=120) == 0
    assert not is_alive(program)


def up(home: Home, **more: str) -> subprocess.Popen[str]:
    """Start ``manage.py up`` in a house."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=REPOSITORY,
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal(home: Home, **more: str) -> str:
    """Return the one line with which ``up`` refuses."""
    process = up(home, **more)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    (line,) = said.splitlines()
    return line


def test_a_port_in_use_gets_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = refusal(Home(tmp_path), PORT=str(port))

    assert f"Port {port} is already in use" in said


def test_a_port_that_is_none_gets_one_sentence(tmp_path: Path) -> None:
    assert "PORT must be a number" in refusal(Home(tmp_path), PORT="eighty")


def test_a_second_start_in_the_same_house_gets_one_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    running = home.lock("up")
    running.take()

    said = refusal(home, PORT="0" * 4 + "1")

    running.close()
    assert "already running from" in said


def test_a_missing_pango_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text(
        "raise OSError(\"cannot load library 'libpango-1.0-0'\")\n"
    )

    said = refusal(Home(tmp_path / "home"), PYTHONPATH=str(tmp_path))

    assert "Pango" in said
    assert "apt-get install" in said


@pytest.mark.processes
def test_up_serves_until_ctrl_c_and_leaves_nothing_running(tmp_path: Path) -> None:
    home = Home(tmp_path)
    port = free_port()
    process = up(home, PORT=str(port))
    ready = f"Duly is ready at http://127.0.0.1:{port}\n"
    assert process.stdout
    lines = []
    while ready not in lines and (line := process.stdout.readline()):
        lines.append(line)
    assert ready in lines, "".join([*lines, *process.communicate()])

    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "")
    assert rest.endswith("Everything has stopped.\n")
    assert left_in(home) == []
