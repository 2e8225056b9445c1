"""The erasures once more, in a file off the database.

A backup that is restored brings back whoever was erased after it was made, and has
forgotten that they were. This file has not: customers.erasing reads it and erases them
again. A line holds no name and no number, only what a number hashes to under a key of
the house. Keep it apart from the backups of the database.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from customers.models import Erasure


class LedgerDamaged(Exception):
    """A line of the file cannot be read; the text says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """One erasure as the file knows it."""

    number_print: bytes
    whose: int
    at: dt.datetime
    asked_by: str
    approved_by: str

    def as_json(self) -> str:
        """Return it as one line, without its end."""
        return json.dumps(
            {
                "number": self.number_print.hex(),
                "customer": self.whose,
                "at": self.at.isoformat(),
                "asked_by": self.asked_by,
                "approved_by": self.approved_by,
            }
        )


def path() -> Path:
    """Return where the file stands (``ERASURES_FILE``)."""
    if settings.ERASURES_FILE:
        return Path(settings.ERASURES_FILE)
    return Path(settings.DULY_HOME) / "ledger" / "erasures.jsonl"


def lines(file: Path | None = None) -> Iterator[Line]:
    """Yield what the file holds, oldest first; nothing where there is none.

    A last line that a power cut left half written is passed over: the database has
    that erasure, and it is written again.

    :raises LedgerDamaged: another line cannot be read.
    """
    file = file or path()
    if not file.exists():
        return
    with file.open(encoding="utf-8") as written:
        for number, text in enumerate(written, start=1):
            if not text.endswith("\n"):
                return
            try:
                told = json.loads(text)
                yield Line(
                    bytes.fromhex(told["number"]),
                    int(told["customer"]),
                    dt.datetime.fromisoformat(told["at"]),
                    str(told["asked_by"]),
                    str(told["approved_by"]),
                )
            except (ValueError, KeyError, TypeError) as error:
                raise LedgerDamaged(
                    f"Line {number} of {file} cannot be read. Take that file from a "
                    "backup of its own, or remove the line."
                ) from error


def write_missing() -> int:
    """Write the erasures that the database knows and the file does not; return how
    many.

    :raises OSError: the file cannot be written.
    """
    file = path()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as written:
        # Two processes that erase at once write one after the other.
        fcntl.flock(written, fcntl.LOCK_EX)
        known = {line.number_print for line in lines(file)}
        missing = [
            one
            for one in Erasure.objects.order_by("pk").iterator()
            if bytes(one.number_print) not in known
        ]
        if missing:
            _end_the_last_line(written.fileno(), file)
            for one in missing:
                written.write(_line_of(one).as_json() + "\n")
            written.flush()
            os.fsync(written.fileno())
    return len(missing)


def _end_the_last_line(descriptor: int, file: Path) -> None:
    """Cut off a line that was left half written."""
    whole = file.read_bytes()
    if whole and not whole.endswith(b"\n"):
        os.ftruncate(descriptor, whole.rfind(b"\n") + 1)


def _line_of(erasure: Erasure) -> Line:
    return Line(
        bytes(erasure.number_print),
        erasure.whose,
        erasure.at,
        erasure.asked_by,
        erasure.approved_by,
    )
