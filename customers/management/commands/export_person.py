"""``manage.py export_person``: all that is held of one customer, as an archive."""

from __future__ import annotations

import getpass
import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from customers.access import What, note_access
from customers.exporting import write_person
from customers.models import Customer


class Command(BaseCommand):
    """Writes the archive whole or not at all, readable by its owner alone."""

    help = "Write everything that is held of one customer into a ZIP archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="The customer's number.")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        customer = Customer.objects.filter(number=options["number"]).first()
        if customer is None:
            raise CommandError(
                f"There is no customer {options['number']}. Nothing was written."
            )
        out: Path = options["to"]
        unfinished = out.with_name(f".{out.name}.part")
        note_access(
            who=f"command ({getpass.getuser()})",
            what=What.EXPORT,
            whose=customer.pk,
            which="file",
        )
        try:
            descriptor = os.open(
                unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
            )
            with os.fdopen(descriptor, "wb") as file:
                exported = write_person(customer, file, now=timezone.now())
            os.replace(unfinished, out)
        except OSError as error:
            raise CommandError(
                f"{out} cannot be written: {error.strerror}. Nothing was written."
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)
        if options["json"]:
            told = {
                "file": str(out),
                "bytes": out.stat().st_size,
                "rows": exported.rows,
                "files": exported.files,
            }
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(
                f"{out}: {sum(exported.rows.values()):,} rows from "
                f"{len(exported.rows)} tables and {exported.files:,} other files."
            )
