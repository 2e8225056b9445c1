"""``manage.py import``: a file of customers, invoices or payments into the ledger."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, ProgrammingError
from django.utils import timezone

from consent.imports import import_file
from customers.acting import acting_as
from customers.imports.fields import SECTIONS
from customers.imports.kept import profile_named
from customers.imports.profile import Profile
from customers.imports.refused import FileRefused
from customers.imports.run import Figures


class Command(BaseCommand):
    """Takes the good rows, sets the bad ones aside, and says how many of each."""

    help = "Import customers, invoices or payments from a CSV, XLSX or ODS file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=SECTIONS)
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--profile",
            help="JSON file that says which column is what, or the name of one used "
            "before; without one the columns must bear the names of the fields.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check all of it, change nothing."
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            metavar="OUT.csv",
            help="Write the rows that were not taken here, to be put right and fed "
            "back.",
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            profile = (
                profile_named(str(options["profile"]))
                if options["profile"]
                else Profile.from_dict({})
            )
            with acting_as(f"import of {options['kind']}"):
                figures = import_file(
                    kind=options["kind"],
                    path=options["file"],
                    profile=profile,
                    today=timezone.localdate(),
                    dry_run=options["dry_run"],
                    rejects_to=options["rejects"],
                )
        except FileRefused as refused:
            raise CommandError(f"{refused} Nothing was changed.") from refused
        except ProgrammingError as error:
            raise CommandError(
                "The database has no tables yet, or older ones. Run 'manage.py "
                f"migrate' first. ({str(error).splitlines()[0]})"
            ) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database refused the import, and nothing was changed: {error}"
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(figures.as_dict()))
        else:
            self.stdout.write(_in_words(figures, options))


def _in_words(figures: Figures, options: dict[str, Any]) -> str:
    rows = "row" if figures.rows == 1 else "rows"
    said = (
        f"{figures.rows:,} {rows} of {options['kind']} in {figures.seconds:.1f} s: "
        f"{figures.new:,} new, {figures.changed:,} changed, "
        f"{figures.unchanged:,} unchanged, {figures.rejected:,} rejected."
    )
    if figures.rejected and options["rejects"]:
        said += f" What was rejected, and why, is in {options['rejects']}."
    elif figures.rejected:
        said += " Add --rejects OUT.csv to see what was rejected, and why."
    if options["dry_run"]:
        said += " This was a dry run: nothing was changed."
    return said
