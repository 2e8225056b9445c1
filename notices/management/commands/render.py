"""Writes one notice to a file: the very bytes that were sent, or what would go now.

What was sent comes out of the archive and is held against its SHA-256; it is never
rendered again. What was not yet sent is rendered by the function that will send it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notices.messages import Message, message_of
from notices.models import Notice
from notices.render import RenderError


class Command(BaseCommand):
    """``manage.py render NOTICE_REFERENCE --to DIR``."""

    help = "Write a notice as .eml, .txt or .pdf: what was sent, or what would be."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the reference, the folder and the form of the answer."""
        parser.add_argument("reference", help="The reference of the notice.")
        parser.add_argument("--to", required=True, type=Path, help="A folder.")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say where it is.

        :raises CommandError: no such notice, nothing to render, or a changed archive.
        """
        notice = _find(str(options["reference"]).strip().upper())
        message = _message(notice)
        path = _written(message, notice, options["to"])
        if options["json"]:
            answer = {
                "reference": notice.reference,
                "channel": notice.channel,
                "sent": message.is_stored,
                "file": str(path),
                "media_type": message.media_type,
                "size": len(message.body),
                "sha256": hashlib.sha256(message.body).hexdigest(),
            }
            self.stdout.write(json.dumps(answer))
        else:
            what = "as it was sent" if message.is_stored else "as it would go now"
            self.stdout.write(f"Wrote {path}, the notice {what}.")


def _find(reference: str) -> Notice:
    notice = (
        Notice.objects.select_related("template", "stream__brand", "stream__policy")
        .filter(reference=reference)
        .first()
    )
    if notice is None:
        raise CommandError(
            f"There is no notice with the reference {reference}. A reference has 12 "
            "letters and digits and stands on every notice."
        )
    return notice


def _message(notice: Notice) -> Message:
    try:
        return message_of(notice, timezone.now())
    except RenderError as error:
        raise CommandError(error.sentence) from error


def _written(message: Message, notice: Notice, folder: Path) -> Path:
    path = folder / f"{notice.reference}{message.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message.body)
    except OSError as error:
        raise CommandError(
            f"Cannot write to {folder}: {error.strerror}. Choose another folder."
        ) from error
    return path
