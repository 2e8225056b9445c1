"""Puts the rules of law that come with Duly where the firm has none of that place."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from consent.rulings import install_shipped


class Command(BaseCommand):
    """Install shipped packs; newer editions become proposals, never changes."""

    help = (
        "Put the rules of law that come with Duly in force where there are none yet; "
        "newer editions wait as proposals. Migrate does it too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Install, and say which."""
        codes = install_shipped(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps({"packs": codes}))
        elif codes:
            self.stdout.write(f"New or to be approved: {', '.join(codes)}.")
        else:
            self.stdout.write("All packs that come with Duly were known already.")
