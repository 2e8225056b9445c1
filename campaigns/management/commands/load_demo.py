"""``manage.py load_demo``: the demo company with a campaign under way."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.demo.load import (
    ZONE,
    DemoRefused,
    NotEmpty,
    load_demo,
    refuse_where_unfit,
)
from campaigns.demo.logins import LOGINS, are_created
from customers.calendars import local_day
from notices.models import Notice

NOON = dt.time(12)


class Command(BaseCommand):
    """Load it once; a database with customers is left as it is."""

    help = (
        "Load a made-up utility into an empty database: customers, bills, payments, "
        "and campaigns that have run for forty days in the sandbox."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the day, and what to print."""
        parser.add_argument(
            "--today", metavar="YYYY-MM-DD", help="load it as of another day"
        )
        parser.add_argument(
            "--print-logins", action="store_true", help="only print the log-ins"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or say why not, and print the log-ins."""
        report: dict[str, Any] = {}
        if not options["print_logins"]:
            report = self._load(options["today"])
        report["logins"] = [asdict(one) for one in LOGINS] if are_created() else []
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        if "sentence" in report:
            self.stdout.write(report["sentence"])
        self.stdout.write(_logins())

    def _load(self, day: str | None) -> dict[str, Any]:
        today, now = _day(day, timezone.now())
        try:
            refuse_where_unfit()
        except NotEmpty as error:
            return {"loaded": False, "sentence": str(error)}
        except DemoRefused as error:
            raise CommandError(str(error)) from error
        started = time.monotonic()
        # What the played past ran into stands on the pages; here it would look like a
        # fault of the loading.
        logging.getLogger("notices.dispatch").setLevel(logging.ERROR)
        loaded = load_demo(today=today, now=now)
        due = Notice.objects.due(now).count()
        return {
            "loaded": True,
            "sentence": (
                f"The demo company is loaded: {loaded.customers} customers, "
                f"{loaded.invoices:,} invoices, {loaded.payments:,} payments. "
                f"{due} messages are about to go out to the sandbox."
            ),
            **asdict(loaded),
            "due": due,
            "seconds": round(time.monotonic() - started, 1),
        }


def _day(text: str | None, now: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """Return the day to load and the moment on it at which its messages are planned.

    :raises CommandError: the text is no date.
    """
    today = local_day(now, ZONE.key)
    if not text:
        return today, now
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--today takes a date such as 2026-03-31, not {text!r}."
        ) from error
    return day, now if day == today else dt.datetime.combine(day, NOON, ZONE)


def _logins() -> str:
    """Return the log-ins as lines, or say that there are none."""
    if not are_created():
        return "The log-ins of the demo company do not exist here."
    lines = ["Log in as:"]
    for one in LOGINS:
        lines.append(f"  {one.username:5} {one.password:20} {one.may}")
    return "\n".join(lines)
