"""One import from beginning to end: staged, checked, compared, taken as a whole.

Everything happens in one transaction, so that a file goes in with all its good rows
or not at all; a dry run is the same work, undone at the end.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from customers.imports import (
    rejects,
    stage,
    take_customers,
    take_invoices,
    take_payments,
)
from customers.imports.kept import keep
from customers.imports.profile import Profile
from customers.imports.reader import Table, open_table
from customers.imports.refused import FileRefused
from customers.models import DataImport

Beside = Callable[[CursorWrapper, Table], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the rows of one file; they always sum to ``rows``."""

    rows: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    seconds: float

    def as_dict(self) -> dict[str, int | float]:
        """Return the figures by name."""
        return {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "seconds": round(self.seconds, 3),
        }


def run_import(
    *,
    kind: str,
    path: Path,
    profile: Profile,
    today: dt.date,
    dry_run: bool = False,
    rejects_to: Path | None = None,
    beside: Beside | None = None,
) -> Figures:
    """Bring a file of ``customers``, ``invoices`` or ``payments`` into the ledger.

    ``beside`` is called in the same transaction, after the rows are written and
    before they are counted, with the tables of :mod:`customers.imports.stage` filled.

    :raises FileRefused: the file as a whole cannot be used, or another import of the
        same kind is running; nothing is changed.
    """
    begun = time.perf_counter()
    table = open_table(path, profile.section(kind))
    with transaction.atomic(), connection.cursor() as cursor:
        _alone(cursor, kind)
        stage.prepare(cursor, kind)
        rows = stage.fill(cursor, table)
        _take(cursor, table, today)
        if beside:
            beside(cursor, table)
        counts = stage.count(cursor)
        known = DataImport.objects.create(
            kind=kind,
            file_name=path.name[:255],
            sha256=table.sha256,
            profile=keep(profile),
            finished_at=timezone.now(),
            rows=rows,
            **counts,
        )
        rejects.park(cursor, table, known.pk, rejects_to)
        if dry_run:
            transaction.set_rollback(True)
    return Figures(rows=rows, **counts, seconds=time.perf_counter() - begun)


def _alone(cursor: CursorWrapper, kind: str) -> None:
    cursor.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('duly import'), hashtext(%s))",
        [kind],
    )
    if not cursor.fetchone()[0]:
        raise FileRefused(
            "already_running",
            f"Another import of {kind} is running. Try again when it has ended.",
        )


def _take(cursor: CursorWrapper, table: Table, today: dt.date) -> None:
    match table.section.kind:
        case "customers":
            take_customers.check(cursor, table)
            take_customers.plan(cursor)
            take_customers.write(cursor)
        case "invoices":
            take_invoices.check(cursor, table)
            take_invoices.plan(cursor, table)
            take_invoices.write(cursor, today)
        case "payments":
            take_payments.check(cursor, table)
            take_payments.plan(cursor)
            take_payments.write(cursor)
