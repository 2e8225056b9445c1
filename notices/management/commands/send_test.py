"""Sends one message of a text to an address of your own, through the real provider."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notices.actions import send_test
from notices.kinds import FORMS_OF
from notices.models import TemplateVersion
from notices.trial import CHANNELS, TrialError


class Command(BaseCommand):
    """``manage.py send_test --channel CHANNEL --template KEY --to ADDRESS``."""

    help = "Send one message of a text, with a made-up person's facts, to an address."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the channel, the text, the address and the form of the answer."""
        parser.add_argument(
            "--channel", required=True, choices=[str(one) for one in CHANNELS]
        )
        parser.add_argument("--template", required=True, help="The key of the text.")
        parser.add_argument(
            "--to",
            required=True,
            help="An e-mail address, a phone number, or the lines of a postal address "
            "parted by semicolons.",
        )
        parser.add_argument("--language", default="en")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send it and say where it went.

        :raises CommandError: no such text, or the message could not go.
        """
        channel = options["channel"]
        version = _current(options["template"], channel, options["language"])
        try:
            trial = send_test(version=version, channel=channel, to=options["to"])
        except TrialError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            answer = {"template": version.key, "version": version.version}
            self.stdout.write(json.dumps(asdict(trial) | answer))
        elif trial.file:
            self.stdout.write(f"Wrote {version} to {trial.file}, ready to print.")
        else:
            self.stdout.write(
                f"Sent {version} as {channel} to {trial.destination} through "
                f"{trial.provider}, reference {trial.reference}."
            )


def _current(key: str, channel: str, language: str) -> TemplateVersion:
    """Return the approved text that the channel would be sent from."""
    forms = [str(form) for form in FORMS_OF[channel]]
    found = TemplateVersion.objects.current().filter(key=key, language=language)
    fitting = {version.channel: version for version in found}
    for form in forms:
        if form in fitting:
            return fitting[form]
    known = sorted(
        TemplateVersion.objects.current()
        .filter(channel__in=forms, language=language)
        .values_list("key", flat=True)
        .distinct()
    )
    raise CommandError(
        f"There is no approved text “{key}” for {channel} in {language}. "
        + (
            f"There are: {', '.join(known)}."
            if known
            else "Approve one under Settings › Texts, or give another --language."
        )
    )
