"""``manage.py replay_erasures``: after a restore, the erased are erased again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from customers.acting import acting_as
from customers.erasing import replay_erasures
from customers.erasure_file import LedgerDamaged, path


class Command(BaseCommand):
    """Every pass of the scheduler does the same with the house's own file."""

    help = "Erase again whoever was erased after the backup that was restored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="*",
            type=Path,
            help="Further copies of the file, from other machines of the house.",
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for file in options["files"]:
            if not file.is_file():
                raise CommandError(f"There is no file {file}. Nothing was changed.")
        try:
            with acting_as("replay of erasures"):
                done = replay_erasures(now=timezone.now(), files=options["files"])
        except LedgerDamaged as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        again = sum(one.total > 0 for one in done)
        if options["json"]:
            told = {
                "forgotten": len(done),
                "erased_again": again,
                "rows": sum(one.total for one in done),
            }
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(
                f"{len(done)} erasures of {path()} were not known here; "
                f"{again} people were erased again."
            )
