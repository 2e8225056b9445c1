"""Runs one command with the embedded PostgreSQL and Valkey beside it.

Touches no database itself, so it works before any exists.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded.home import EmbeddedError, Home
from config.embedded.processes import dying_with_parent
from config.embedded.services import program_environment

NOT_FOUND = 127  # as shells say it


class Command(BaseCommand):
    """``manage.py run_embedded -- COMMAND…``"""

    help = (
        "Start the embedded PostgreSQL and Valkey, run COMMAND with DATABASE_URL, "
        "REDIS_URL and SECRET_KEY set, and stop them again unless others use them. "
        "Its exit code is that of COMMAND."
    )
    requires_system_checks = ()
    command: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the command in the help; ``run_from_argv`` has taken it away."""
        parser.usage = "manage.py run_embedded -- COMMAND [ARGUMENT…]"

    def run_from_argv(self, argv: list[str]) -> None:
        """Cut the line at the first ``--``: what follows is not ours to read."""
        if "--" in argv:
            cut = argv.index("--")
            argv, self.command = argv[:cut], tuple(argv[cut + 1 :])
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command and exit as it did."""
        if not self.command:
            raise CommandError(
                "Say which command to run: manage.py run_embedded -- COMMAND"
            )
        if shutil.which(self.command[0]) is None:
            raise CommandError(
                f"There is no command {self.command[0]!r}.", returncode=NOT_FOUND
            )
        try:
            with program_environment(Home.from_environment()) as (variables, _):
                code = run(self.command, variables)
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
        sys.exit(code)


def run(command: tuple[str, ...], variables: dict[str, str]) -> int:
    """Run the command, pass signals on to it, and return its exit code as shells do."""
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if process is None:
            early.append(number)
        # A terminal sends its Ctrl-C to the command as well; twice would be rude.
        elif number != signal.SIGINT or not sys.stdin.isatty():
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    process = subprocess.Popen(
        [*dying_with_parent(signal.SIGTERM), *command], env=variables
    )
    # The command may be running before we are told so.
    for missed in early:
        process.send_signal(missed)
    code = process.wait()
    return 128 - code if code < 0 else code
