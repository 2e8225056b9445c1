"""``manage.py bench NAME``: the product and its reference, measured in one run.

Runs in a throw-away database on the same server and leaves nothing behind.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

# What one round of each benchmark works on unless told otherwise.
SIZES = {
    "import": 20_000,
    "plan": 20_000,
    "email": 18_000,
    "sms": 3_000,
    "render": 10_000,
    "letters": 300,
    "evidence": 2_000,
    "replay": 1_500,
    "crash": 20_000,
    "growth": 100_000,
    "decide": 300_000,
    "pages": 1_000_000,
}


class Command(BaseCommand):
    """Measure one benchmark and print one JSON line."""

    help = "Measure the product against its reference in the same run."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the name, the size and ``--json``."""
        parser.add_argument("name", choices=sorted(SIZES))
        parser.add_argument("-n", type=int, default=None, help="rows of the run")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, in a process of its own with the settings of the benchmarks."""
        name, size = options["name"], options["n"] or SIZES[options["name"]]
        if not getattr(settings, "BENCH", False):
            sys.exit(_run_apart(sys.argv))
        module = importlib.import_module(f"tests.bench.bench_{name}")
        # What breaks its services brings its own.
        own = getattr(module, "OWN_SERVICES", False)
        with nullcontext() if own else _throw_away_database():
            figures = module.run(size)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            for key, value in figures.items():
                self.stdout.write(f"{key}: {value}")
        if figures.get("broken"):
            raise CommandError("Promises were broken: " + "; ".join(figures["broken"]))


def _run_apart(arguments: list[str]) -> int:
    """Run this command again with the benchmarks' settings and a mail sink."""
    # Not among the product's own modules: only who measures has it.
    sink = importlib.import_module("tests.bench.smtp_sink")
    with sink.serving() as port:
        return subprocess.call(
            [
                sys.executable,
                str(Path(settings.BASE_DIR) / "manage.py"),
                *arguments[1:],
            ],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
                "BENCH_SINK_PORT": str(port),
            },
        )


@contextmanager
def _throw_away_database() -> Iterator[None]:
    """Create a migrated database, switch to it, and drop it at the end."""
    before = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = f"bench_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
