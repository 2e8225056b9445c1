"""``manage.py replay``: a ladder against a real ledger, before it goes live.

Reads files, asks ``campaigns.replay``, writes what would have gone out. It needs no
database, sends nothing and leaves nothing behind but the file asked for.
"""

from __future__ import annotations

import csv
import json
import os
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns import ladder_file
from campaigns.ladder import Ladder
from campaigns.ladder_file import LadderFileError
from campaigns.ledger_file import (
    LedgerFileError,
    read_ledger,
    read_profile,
    read_reaches,
)
from campaigns.replay import Outcome, Sent, Span, replay

COLUMNS = ("date", "customer", "invoices", "step", "channel")


class Command(BaseCommand):
    """Run a ladder day by day over a ledger and say what would have gone out."""

    help = "Replay a ladder against a ledger: what would have been sent, and when."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the files, the days and the form of the answer."""
        add = parser.add_argument
        add("ledger", type=Path, help="the invoices: CSV, XLSX or ODS")
        add("--profile", type=Path, required=True, help="how to read the ledger")
        add("--contacts", type=Path, required=True, help="how to reach the customers")
        add("--ladder", type=Path, required=True, help="the ladder, as JSON")
        add("--from", dest="first", required=True, help="first day, YYYY-MM-DD")
        add("--to", dest="last", required=True, help="last day, YYYY-MM-DD")
        add(
            "--down",
            action="append",
            default=[],
            metavar="A..B",
            help="days on which the engine was off; may be given again",
        )
        add("--out", type=Path, help="write the notices to this CSV file")
        add("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Replay, write the file if one was asked for, and sum up.

        :raises CommandError: with one sentence on what is wrong and what to do.
        """
        begun = time.perf_counter()
        span = _span(options["first"], options["last"], ("--from", "--to"))
        down = [_outage(written) for written in options["down"]]
        try:
            ladder = ladder_file.load(options["ladder"])
            profile = read_profile(options["profile"])
            ledger = read_ledger(options["ledger"], profile)
            reaches = read_reaches(options["contacts"], profile, ledger.e_delivery_from)
        except (LadderFileError, LedgerFileError) as error:
            raise CommandError(str(error)) from error
        outcome = replay(ladder, ledger.debts, reaches, span, down)
        if options["out"] is not None:
            _write(options["out"], outcome.sent)
        unknown = {debt.customer for debt in ledger.debts} - reaches.keys()
        if unknown:
            self.stderr.write(
                f"Not in the contacts, so never reached: {len(unknown)} customers, "
                f"{min(unknown)} the first of them."
            )
        summary = _summary(ladder, outcome)
        summary["seconds"] = round(time.perf_counter() - begun, 3)
        if options["json"]:
            self.stdout.write(json.dumps(summary))
        else:
            self.stdout.write(_in_words(summary, span))


def _day(written: str, option: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise CommandError(
            f"{option} says {written!r}, which is no day. Write it as YYYY-MM-DD."
        ) from error


def _span(first: str, last: str, options: tuple[str, str]) -> Span:
    span = Span(_day(first, options[0]), _day(last, options[1]))
    if span.first > span.last:
        raise CommandError(
            f"{' and '.join(dict.fromkeys(options))}: {first} to {last} ends before "
            "it begins. Put the earlier day first."
        )
    return span


def _outage(written: str) -> Span:
    first, dots, last = written.partition("..")
    if not dots:
        raise CommandError(
            f"--down says {written!r}. Write the first and the last day off as "
            "YYYY-MM-DD..YYYY-MM-DD."
        )
    return _span(first, last, ("--down", "--down"))


def _write(path: Path, sent: Iterable[Sent]) -> None:
    """Write the notices as CSV, whole or not at all.

    :raises CommandError: the file cannot be written.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise CommandError(f"--out names {path}, which is no file. Name a file.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            with unfinished.open("x", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS)
                writer.writerows(
                    [getattr(row, column) for column in COLUMNS] for row in sent
                )
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(
            f"--out {path} cannot be written: {error.strerror}. Name a file in a "
            "folder that exists and takes files."
        ) from error


def _summary(ladder: Ladder, outcome: Outcome) -> dict[str, Any]:
    by_step = Counter(row.step for row in outcome.sent)
    by_channel = Counter(row.channel for row in outcome.sent)
    return {
        "notices": len(outcome.sent),
        "by_step": {
            step.key: by_step[step.key] for step in ladder.steps if by_step[step.key]
        },
        "by_channel": dict(sorted(by_channel.items())),
        "suppressed": dict(sorted(outcome.suppressed.items())),
    }


def _in_words(summary: dict[str, Any], span: Span) -> str:
    lines = [
        f"From {span.first} to {span.last} the ladder would have sent "
        f"{summary['notices']} notices ({summary['seconds']} s)."
    ]
    titles = {
        "by_step": "By step",
        "by_channel": "By channel",
        "suppressed": "Steps closed unsent",
    }
    for field, title in titles.items():
        counts = ", ".join(f"{name} {n}" for name, n in summary[field].items())
        lines.append(f"{title}: {counts or 'none'}.")
    return "\n".join(lines)
