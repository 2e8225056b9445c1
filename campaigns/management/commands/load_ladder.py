"""``manage.py load_ladder``: save the ladder of a JSON file, or those that ship."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns import phrases
from campaigns.ladder_file import LadderFileError
from campaigns.ladders import LadderError, install_shipped, save_ladder_file
from campaigns.models import Ladder
from notices.starter import install_starters


class Command(BaseCommand):
    """Write a ladder and its steps; one that a campaign uses is never changed."""

    help = (
        "Save a ladder from a JSON file (its fields stand in the README), or the "
        "ladders that come with Duly when no file is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and ``--json``."""
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE.json")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Save, and say what stands now; the shipped wordings come along."""
        install_starters()
        try:
            saved = (
                [save_ladder_file(options["file"])]
                if options["file"]
                else install_shipped()
            )
        except (LadderFileError, LadderError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"ladders": [_facts(one) for one in saved]}))
            return
        for ladder in saved:
            self.stdout.write(f"{ladder.name} ({ladder.key}) is saved:")
            for step in ladder.steps.order_by("position"):
                self.stdout.write(
                    f"  {phrases.offset(step.offset_days)}: {step.key}, by "
                    f"{' or '.join(step.channels)}, wording “{step.template_key}”"
                )


def _facts(ladder: Ladder) -> dict[str, Any]:
    return {
        "key": ladder.key,
        "name": ladder.name,
        "steps": [
            {"key": step.key, "template": step.template_key}
            for step in ladder.steps.order_by("position")
        ],
    }
