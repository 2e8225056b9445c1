"""``manage.py import_copies FOLDER``: the PDF copies of invoices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers.copies import take_copies


class Command(BaseCommand):
    """Keep the PDF of each invoice with it, to go with reminders."""

    help = "Take in a folder of invoice copies named <invoice number>.pdf."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folder and the form of the answer."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them, and name each file that was left out.

        :raises CommandError: there is no such folder, or files were left out.
        """
        try:
            taken = take_copies(options["folder"])
        except NotADirectoryError as error:
            raise CommandError(str(error)) from error
        for fault in taken.faults:
            self.stderr.write(fault)
        counts = {
            "new": taken.new,
            "changed": taken.changed,
            "unchanged": taken.unchanged,
            "rejected": len(taken.faults),
        }
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(
                ", ".join(f"{count} {word}" for word, count in counts.items())
            )
        if taken.faults:
            raise CommandError(
                "The files named above were left out, the others are in. Put them "
                "right and run it again: what is in stays as it is."
            )
