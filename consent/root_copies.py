"""The copy of all roots off the database: a file that only grows, a line a root.

Whoever changes the history afterwards would have to change this file too.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consent import chain
from consent.models import ConsentRoot, RootCopy
from consent.root_signing import as_dict


class CopyFault(Exception):
    """The file of roots cannot be written to, or belongs to another history."""


def line_of(root: ConsentRoot) -> bytes:
    """Return a root as the line of the file."""
    said = {**as_dict(root), "signature": bytes(root.signature).hex()}
    return chain.canonical(said) + b"\n"


def lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of roots; none where there is no file.

    :raises CopyFault: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        return
    except OSError as error:
        raise CopyFault(f"{path} cannot be read: {error.strerror}.") from error


def keep_others_out() -> None:
    """Keep others who make or copy roots out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('duly consent roots'))")


def copy_roots(*, path: Path | None = None) -> int:
    """Write the roots the file does not hold yet behind those it does; return how many.

    :raises CopyFault: it cannot be written, or its last line is no root of ours, as
        after an older copy of the database was restored.
    """
    path = path or Path(settings.LEDGER_FILE)
    with transaction.atomic():
        # Two who copy at once would write every line twice.
        keep_others_out()
        missing = list(_behind(path))
        if missing:
            _append(path, b"".join(map(line_of, missing)))
        now = timezone.now()
        RootCopy.objects.bulk_create(
            [RootCopy(root=root, copied_at=now) for root in missing],
            ignore_conflicts=True,
        )
    return len(missing)


def _behind(path: Path) -> Iterator[ConsentRoot]:
    last = deque(lines(path), maxlen=1)
    if not last:
        return ConsentRoot.objects.order_by("pk").iterator()
    root = _named(last[0])
    if root is None or line_of(root) != last[0]:
        raise CopyFault(
            f"The last line of {path} is no root of this database. If an older copy of "
            "it was restored, put the file of then beside it; if not, somebody has "
            "changed one of them: run verify_consent."
        )
    return ConsentRoot.objects.filter(pk__gt=root.pk).order_by("pk").iterator()


def _named(line: bytes) -> ConsentRoot | None:
    """Return the root of the day a line names."""
    try:
        said = json.loads(line)
        day = dt.date.fromisoformat(said["day"])
    except (ValueError, KeyError, TypeError):
        return None
    return ConsentRoot.objects.filter(day=day).first()


def _append(path: Path, added: bytes) -> None:
    """Add lines to the file, all of them or none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = path.stat().st_size if path.exists() else 0
        try:
            with path.open("ab") as file:
                file.write(added)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if path.exists():
                os.truncate(path, before)
            raise
    except OSError as error:
        raise CopyFault(f"{path} cannot be written: {error.strerror}.") from error
