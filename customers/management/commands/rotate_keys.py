"""Brings all that is sealed under the newest key, and says which keys may go."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers.reseal import BATCH, NOT_SEALED, reseal, rows_by_key, tables
from customers.sealed import ring
from customers.vault import VaultError

# Rows that a worker had locked are asked for again.
PASSES = 5
PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    """``manage.py rotate_keys [--json] [--batch N]``"""

    help = (
        "Seal everything under the first key of FIELD_KEYS, in batches and beside the "
        "workers; broken off, it goes on where it stopped. Says how many values stand "
        "under each key, and which keys may be dropped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the size of a batch and the form of the answer."""
        parser.add_argument("--batch", type=int, default=BATCH, help="Rows at a time.")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and report.

        :raises CommandError: a value does not open, or needs a key that is not there.
        """
        if options["batch"] < 1:
            raise CommandError("--batch must be at least 1.")
        started = time.monotonic()
        try:
            live = ring().key_ids
            done, columns = _rotate(live[0], options["batch"])
        except VaultError as error:
            raise CommandError(str(error)) from error
        used = {key_id for counts in columns.values() for key_id in counts}
        report = {
            "newest": live[0],
            "resealed": done["rows"],
            "doubles": done["doubles"],
            "seconds": round(time.monotonic() - started, 1),
            "columns": columns,
            "may_be_dropped": [one for one in live[1:] if one not in used],
            "missing": sorted(used - {*live}),
        }
        self.stdout.write(json.dumps(report) if options["json"] else _told(report))
        if report["missing"]:
            raise CommandError(_missing(columns, {*live}))


def _rotate(newest: str, batch: int) -> tuple[Counter[str], dict[str, dict[str, int]]]:
    """Return what was done, and how many values of each column stand under each key."""
    done: Counter[str] = Counter()
    columns: dict[str, dict[str, int]] = {}
    for table in tables():
        for turn in range(PASSES):
            moved = reseal(table, batch=batch)
            done["rows"] += moved["rows"]
            # Counted anew with each turn, for they stay.
            doubles = moved["doubles"]
            counts = {one.context: rows_by_key(table, one) for one in table.columns}
            left = {key_id for found in counts.values() for key_id in found} - {newest}
            stuck = doubles and not moved["rows"]
            if stuck or not left & {*ring().key_ids} or turn == PASSES - 1:
                break
            time.sleep(PAUSE_SECONDS)
        done["doubles"] += doubles
        columns |= counts
    return done, columns


def _told(report: dict[str, Any]) -> str:
    lines = [f"Sealed {report['resealed']:,} rows anew under {report['newest']}."]
    for column, counts in report["columns"].items():
        said = ", ".join(f"{key}: {count:,}" for key, count in sorted(counts.items()))
        lines.append(f"  {column}  {said or 'empty'}")
    if report["doubles"]:
        lines.append(
            f"{report['doubles']} rows stand twice with a customer, once under each "
            "key. Take one of each away, then run this again."
        )
    for key_id in report["may_be_dropped"]:
        lines.append(f"Nothing stands under {key_id} any more: it may be dropped.")
    return "\n".join(lines)


def _missing(columns: dict[str, dict[str, int]], live: set[str]) -> str:
    found = [
        f"{column} ({count:,} under {key_id})"
        for column, counts in columns.items()
        for key_id, count in counts.items()
        if key_id not in live
    ]
    if any(NOT_SEALED in counts for counts in columns.values()):
        return f"Some values are not sealed at all: {', '.join(found)}."
    return (
        f"Some values need a key that is not among FIELD_KEYS: {', '.join(found)}. Put "
        "it back behind the newest."
    )
