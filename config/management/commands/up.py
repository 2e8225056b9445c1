"""Brings up all of Duly in the foreground: services, web, worker and scheduler.

Decides the order of things and what must be so before anything starts. How services
are run and programs supervised lies in ``config.embedded``.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded.address import PUBLIC_URL
from config.embedded.home import REPOSITORY, EmbeddedError, Home
from config.embedded.processes import dying_with_parent
from config.embedded.servers import port_is_free
from config.embedded.services import (
    Services,
    program_environment,
    services_are_given,
)
from config.embedded.supervisor import GivenUp, Program, Supervisor

READY_LOOK_SECONDS = 0.5
# A program that cannot start has said so by then.
SETTLED_SECONDS = 3.0
# With one of these the links are the firm's own affair.
_NOT_FOR_SHOW = ("PUBLIC_URL", "EMAIL_URL", "TWILIO_ACCOUNT_SID")


class Command(BaseCommand):
    """``manage.py up``"""

    help = (
        "Start Duly here in the foreground: PostgreSQL and Valkey (unless DATABASE_URL "
        "and REDIS_URL name others), web, worker and scheduler. Ctrl-C stops it all. "
        "PORT is the web port (8000)."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of a demonstration."""
        parser.add_argument(
            "--demo", action="store_true", help="load the demo company first"
        )
        parser.add_argument(
            "--reset", action="store_true", help="delete the embedded database first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C."""
        # Said out loud, for a shell starts background jobs with Ctrl-C ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            _up(demo=options["demo"], reset=options["reset"])
        except (EmbeddedError, GivenUp) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            _tell("Stopped before Duly was up.")


def _up(*, demo: bool, reset: bool) -> None:
    home = Home.from_environment()
    port = _port()
    home.prepare()
    only_one = home.lock("up")
    if not only_one.take():
        raise EmbeddedError(
            f"Duly is already running from {home.path}. Stop it with Ctrl-C where it "
            "runs, or start a second one beside it with its own folder and port: "
            "DULY_HOME=/path/to/folder PORT=8001."
        )
    if not port_is_free(port):
        raise EmbeddedError(
            f"Port {port} is already in use by another program. Choose another one, "
            f"for instance PORT={port + 1}."
        )
    _check_letters_can_be_printed()
    if reset:
        _start_over(home)
    with program_environment(home) as (variables, services):
        if demo:
            variables = with_own_address(variables, port)
        _manage("migrate", "--verbosity=0", variables=variables)
        welcome = ""
        if demo:
            _tell("Loading the demo company …")
            welcome = _manage("load_demo", variables=variables)
        supervisor = Supervisor(_programs(home, port), REPOSITORY, variables)
        with noted(home, variables if demo else {}):
            supervisor.run(_Watch(supervisor, services, port, welcome).look)
        _tell("Everything has stopped.")


@contextmanager
def noted(home: Home, variables: Mapping[str, str]) -> Iterator[None]:
    """Let commands that are run beside a demonstration write the same links."""
    note = home.path / PUBLIC_URL
    if "PUBLIC_URL" in variables:
        note.write_text(variables["PUBLIC_URL"], encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def with_own_address(variables: dict[str, str], port: int) -> dict[str, str]:
    """Return the environment with links that lead to this machine, so that those of a
    demonstration can be followed.

    Not where PUBLIC_URL is set, nor where anything may leave: such a link is of no
    use to a customer.
    """
    if any(variables.get(name) for name in _NOT_FOR_SHOW):
        return variables
    return {**variables, "PUBLIC_URL": f"http://127.0.0.1:{port}"}


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _port() -> int:
    value = os.environ.get("PORT", "").strip() or "8000"
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {value!r}.")
    return int(value)


def _check_letters_can_be_printed() -> None:
    check = [sys.executable, "-c", "import weasyprint"]
    done = subprocess.run(check, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return
    if "cannot load library" in done.stderr:
        raise EmbeddedError(
            "Pango, which lays out letters, is not installed. Install it with "
            "'apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0' "
            "(Debian, Ubuntu) or 'brew install pango' (macOS)."
        )
    reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    raise EmbeddedError(
        f"WeasyPrint, which prints letters, does not work here: {reason}. Run "
        "'make setup' to install what Duly needs."
    )


def _start_over(home: Home) -> None:
    if services_are_given():
        raise EmbeddedError(
            "Starting over deletes the embedded database only, and DATABASE_URL names "
            "another one. Unset DATABASE_URL and REDIS_URL, or leave the reset out."
        )
    Services(home).start_over()


def _manage(*arguments: str, variables: dict[str, str]) -> str:
    """Run a management command and return what it printed."""
    done = subprocess.run(
        [
            *dying_with_parent(signal.SIGTERM),
            sys.executable,
            str(REPOSITORY / "manage.py"),
            *arguments,
        ],
        env=variables,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise EmbeddedError(
            f"{done.stdout}'manage.py {' '.join(arguments)}' failed for the reason "
            "above, so Duly was not started."
        )
    return done.stdout


def _programs(home: Home, port: int) -> list[Program]:
    # Root is common in containers, and messages are JSON only: no need for ten lines.
    unwarned = "ignore:You're running the worker with superuser"
    celery = [
        *(sys.executable, "-W", unwarned),
        *("-m", "celery", "--quiet", "--app=config.celery"),
    ]
    return [
        Program(
            "web",
            [
                *(sys.executable, "-m", "gunicorn", "config.wsgi"),
                f"--bind=127.0.0.1:{port}",
                *("--workers=2", "--threads=4", "--no-control-socket"),
            ],
        ),
        Program(
            "worker",
            # It alone serves every queue, so it need not ask others or listen to them.
            [
                *(*celery, "worker", "--concurrency=2", "--loglevel=INFO"),
                *("--without-mingle", "--without-gossip"),
            ],
        ),
        Program(
            "beat",
            # No file with a process id: after a kill -9 it would forbid the next start.
            [
                *(*celery, "beat", "--loglevel=WARNING", "--pidfile="),
                f"--schedule={home.beat / 'schedule'}",
            ],
        ),
    ]


class _Watch:
    """What is looked at while the programs run: the services, and whether web is up."""

    def __init__(
        self, supervisor: Supervisor, services: Services | None, port: int, welcome: str
    ) -> None:
        self.supervisor = supervisor
        self.services = services
        self.port = port
        self.welcome = welcome
        self.announced = False
        self.web_answers = threading.Event()
        # Beside the loop: a web server whose output nobody reads cannot answer.
        threading.Thread(target=self._wait_for_web, daemon=True).start()
        self.heard = 0

    def look(self) -> None:
        """Look once.

        :raises EmbeddedError: the services ended and did not come back as they were.
        """
        if self.services:
            self._look_at_services(self.services)
        if self.announced or not self.web_answers.is_set():
            return
        if self.supervisor.all_have_run_for(SETTLED_SECONDS):
            self.announced = True
            _tell(self._announcement())

    def _wait_for_web(self) -> None:
        while not _answers(self.port):
            time.sleep(READY_LOOK_SECONDS)
        self.web_answers.set()

    def _look_at_services(self, services: Services) -> None:
        self._pass_on_news(services.home.logs / "keeper.log")
        if services.are_kept():
            return
        self.supervisor.say("services", "ended by themselves; starting them again.")
        before = self.supervisor.environment
        services.join()
        if services.address().database_url != before["DATABASE_URL"]:
            raise EmbeddedError(
                "PostgreSQL came back on another port, since its own was taken. Stop "
                "what took it, or simply start Duly again."
            )

    def _pass_on_news(self, log: Path) -> None:
        news = log.read_text(encoding="utf-8", errors="replace")
        if len(news) < self.heard:
            self.heard = 0
        for line in news[self.heard :].splitlines():
            self.supervisor.say("services", line)
        self.heard = len(news)

    def _announcement(self) -> str:
        address = f"Duly is ready at http://127.0.0.1:{self.port}"
        parts = (address, self.welcome.strip(), "Ctrl-C stops it.")
        return "\n" + "\n".join(part for part in parts if part) + "\n"


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
