"""Notes what Twilio charged for the texts of a day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notices.prices import note_prices
from notices.senders import SendError


class Command(BaseCommand):
    """``manage.py note_prices [--day DATE]``."""

    help = "Note what Twilio charged for the texts of a day, yesterday unless told."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the day and the form of the answer."""
        parser.add_argument("--day", type=dt.date.fromisoformat, help="UTC, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask Twilio, and say how many texts have another price now than before.

        :raises CommandError: Twilio is not set up, does not answer, or has no price
            yet for some of the texts; the others are noted.
        """
        if not settings.TWILIO_ACCOUNT_SID:
            raise CommandError("No texts are sent from here: set TWILIO_ACCOUNT_SID.")
        day = options["day"] or timezone.now().date() - dt.timedelta(days=1)
        try:
            done = note_prices(day=day)
        except SendError as error:
            raise CommandError(f"No prices for {day}: {error.code}.") from error
        if options["json"]:
            self.stdout.write(json.dumps({"day": str(day), **asdict(done)}))
        else:
            self.stdout.write(f"Noted the price of {_texts(done.noted)} of {day}.")
        if done.unpriced:
            raise CommandError(
                f"Twilio has no price yet for {_texts(done.unpriced)} of {day}. It has "
                "one hours later: run this again then. What is noted stays."
            )


def _texts(number: int) -> str:
    return "1 text" if number == 1 else f"{number:,} texts"
