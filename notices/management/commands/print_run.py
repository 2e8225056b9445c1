"""``manage.py print_run --brand KEY --to DIR``: a run gathered, closed, and written.

For cron and an SFTP folder. May be called again at any time: a run that was cut off is
finished and written first, and nothing is printed twice. Posting stays an act of staff.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notices.models import Brand, PrintEvent, PrintRun
from notices.printing.daily import print_now
from notices.printing.folder import write_run
from notices.printing.runs import NothingToPrint, PrintRunError, note
from notices.served import printed_channels

BY = "manage.py print_run"


class Command(BaseCommand):
    """Print what is due of one firm into a folder."""

    help = "Make a print run of the due letters of a firm and write it to a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the firm, the folder, the channel and the form of the answer."""
        parser.add_argument("--brand", required=True, help="The key of the firm.")
        parser.add_argument("--to", required=True, type=Path, help="A folder.")
        parser.add_argument("--channel", default="letter", help="letter or postcard")
        parser.add_argument("--again", type=int, help="Write run NUMBER once more.")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print and write; say what there is now.

        :raises CommandError: no such firm, channel or run, or a folder nobody can
            write to.
        """
        brand = _brand(options["brand"])
        if options["channel"] not in printed_channels():
            raise CommandError(
                f"{options['channel']} does not go through the print room here; "
                f"{' and '.join(printed_channels()) or 'nothing'} does."
            )
        run, paths = self._run(brand, options)
        if options["json"]:
            self.stdout.write(json.dumps(_told(run, paths)))
        elif run is None:
            self.stdout.write(f"No {options['channel']} of {brand} is due.")
        else:
            self.stdout.write(
                f"Run {run}: {run.letters} letters on {run.sheets} sheets, "
                f"{run.pulled} taken out. Wrote {len(paths)} files to {options['to']}."
            )

    def _run(
        self, brand: Brand, options: dict[str, Any]
    ) -> tuple[PrintRun | None, list[Path]]:
        try:
            if options["again"]:
                run = brand.runs.filter(number=options["again"]).first()
                if run is None:
                    raise CommandError(f"{brand} has no run {options['again']}.")
            else:
                run = print_now(
                    brand=brand,
                    channel=options["channel"],
                    clock=timezone.now,
                    by=BY,
                )
            # A run of which every letter was taken out has no files.
            if run.state == PrintRun.State.CANCELLED and not run.letters:
                return run, []
            paths = write_run(run, options["to"])
            # Once all is there: killed before, the next call writes it.
            note(run, PrintEvent.Verb.WRITTEN, BY, timezone.now(), str(options["to"]))
            return run, paths
        except NothingToPrint:
            return None, []
        except PrintRunError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"Cannot write to {options['to']}: {error.strerror}. The run is kept; "
                "call again, with this folder or another, and it is written there."
            ) from error


def _brand(key: str) -> Brand:
    brand = Brand.objects.filter(key=key).first()
    if brand is None:
        known = ", ".join(Brand.objects.values_list("key", flat=True)) or "none yet"
        raise CommandError(f"There is no firm with the key {key}. There are: {known}.")
    return brand


def _told(run: PrintRun | None, paths: list[Path]) -> dict[str, Any]:
    return {
        "run": run.name if run else None,
        "number": run.number if run else None,
        "letters": run.letters if run else 0,
        "pages": run.pages if run else 0,
        "sheets": run.sheets if run else 0,
        "pulled": run.pulled if run else 0,
        "files": [str(path) for path in paths],
    }
