"""``manage.py tick``: one scheduler pass, now or as of another moment."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns import actions
from notices.actions import refuse_another_day_while_live, send_all_due


class Command(BaseCommand):
    """Enrol, decide, compose, and ring the workers."""

    help = "Make one scheduler pass: enrol, decide, compose, ring the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--as-of`` and ``--json``."""
        parser.add_argument(
            "--as-of",
            metavar="DATETIME",
            help="play another moment, such as 2013-05-06T12:00Z; sends what is due "
            "then in this process, sandbox only",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the pass and say what it did."""
        report: dict[str, Any]
        if options["as_of"]:
            now = _moment(options["as_of"])
            try:
                refuse_another_day_while_live()
            except ValueError as error:
                raise CommandError(str(error)) from error
            report = asdict(actions.tick(now=now, ring=False))
            report["sent"] = dict(send_all_due(now=now))
        else:
            report = asdict(actions.tick(now=timezone.now()))
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        self.stdout.write(
            f"{report['enrolled']} invoices enrolled, {report['decided']} looked at, "
            f"{report['composed']} messages planned."
        )
        for state, number in sorted(report.get("sent", {}).items()):
            self.stdout.write(f"{number} {state}")
        if options["as_of"]:
            self.stdout.write(
                "That day was played in this very database: its messages lie in the "
                "sandbox, and the ladders have moved on."
            )


def _moment(text: str) -> datetime:
    """Return an aware moment; a bare date means noon, a bare time means UTC.

    :raises CommandError: not a moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--as-of takes a moment such as 2013-05-06T12:00Z, not {text!r}."
        ) from error
    if len(text) == len("2013-05-06"):
        moment = moment.replace(hour=12)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
