"""``manage.py list_stops --channel sms --to FILE.csv``: stops a provider may not know.

A provider keeps a list of its own and blocks only what came in through it. Whoever
stopped with us, by word of mouth or on a page, is listed here to be entered there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.fingerprints import fingerprint_of
from consent.models import Suppression
from customers.models import ContactPoint

KINDS = {"email": "email", "sms": "mobile"}
# Who asked us to stop; a dead address is the provider's own news.
ASKED = [
    Suppression.Reason.STOP,
    Suppression.Reason.UNSUB_ALL,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.MANUAL,
]


class Command(BaseCommand):
    """List the addresses nothing may go to, for a provider's own list."""

    help = "Write the addresses of people who asked us to stop, for a provider's list."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the channel and the file."""
        parser.add_argument("--channel", required=True, choices=sorted(KINDS))
        parser.add_argument("--to", required=True, type=Path, help="A CSV file.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the list.

        :raises CommandError: the file cannot be written.
        """
        rows = sorted(_stops(options["channel"]))
        try:
            with options["to"].open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["address", "reason", "since"])
                writer.writerows(rows)
        except OSError as error:
            raise CommandError(
                f"Cannot write to {options['to']}: {error.strerror}."
            ) from error
        count = "1 address" if len(rows) == 1 else f"{len(rows):,} addresses"
        self.stdout.write(f"Wrote {count} to {options['to']}.")


def _stops(channel: str) -> Iterator[tuple[str, str, str]]:
    """Yield address, reason and time of each stop whose address we still know."""
    listed = {
        bytes(one.fingerprint): one
        for one in Suppression.objects.filter(channel=channel, reason__in=ASKED)
    }
    known = ContactPoint.objects.filter(kind=KINDS[channel])
    for address in known.values_list("value", flat=True).iterator():
        stop = listed.pop(fingerprint_of(address), None)
        if stop is not None:
            yield address, stop.reason, stop.since.isoformat()
