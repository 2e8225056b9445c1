"""``manage.py verify_consent``: is the history of consents what was recorded?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from consent.verify import Fault, Walked, faults

# More are not worth the reading; how many there are is said.
SHOWN = 20


class Command(BaseCommand):
    """Walk chains, details, states and roots; exit 1 where something is wrong."""

    help = (
        "Walk every consent chain, its details, states and roots; "
        "exit 1 and name the first broken link if any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--roots`` and ``--json``."""
        parser.add_argument(
            "--roots",
            metavar="FILE",
            type=Path,
            help="the file of roots off the database (LEDGER_FILE)",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk, say what was found, and end with 1 where something is wrong."""
        walked = Walked()
        found = faults(walked, path=options["roots"])
        shown = list(islice(found, SHOWN))
        more = sum(1 for _ in found)
        if options["json"]:
            self._as_json(walked, shown, more)
        else:
            self._in_words(walked, shown, more)
        if shown:
            sys.exit(1)

    def _as_json(self, walked: Walked, shown: list[Fault], more: int) -> None:
        told = [
            {"customer": one.customer, "event": one.event, "what": one.what}
            for one in shown
        ]
        report = {
            "ok": not shown,
            **walked.as_dict(),
            "faults": len(shown) + more,
            "first": told[0] if told else None,
            "shown": told,
        }
        self.stdout.write(json.dumps(report, ensure_ascii=False))

    def _in_words(self, walked: Walked, shown: list[Fault], more: int) -> None:
        for one in shown:
            self.stdout.write(str(one))
        if more:
            self.stdout.write(f"And {more:,} more.")
        verdict = "Not what was recorded" if shown else "Every link holds"
        self.stdout.write(
            f"{verdict}: {walked.chains:,} chains, {walked.events:,} events "
            f"({walked.erased:,} of erased persons, {walked.unrooted:,} since the last "
            f"root), {walked.roots:,} roots."
        )
