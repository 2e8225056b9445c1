"""Files and imports for tests, in few words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from consent.imports import import_file
from customers.imports.profile import Profile
from customers.imports.run import Figures

TODAY = dt.date(2026, 3, 10)
INVOICES = "number,customer,issued_on,due_on,amount,currency,disputed,paid_on\n"
PAYMENTS = "reference,customer,invoice,amount,currency,received_on\n"


def take(
    folder: Path,
    kind: str,
    text: str,
    *,
    profile: dict[str, Any] | None = None,
    **options: Any,
) -> Figures:
    """Import a text as a file of the kind."""
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(
        kind=kind,
        path=path,
        profile=Profile.from_dict(profile or {}),
        **{"today": TODAY, **options},
    )


def take_invoices(folder: Path, *lines: str, **options: Any) -> Figures:
    """Import invoice lines, customers ``C1`` to ``C3`` being known."""
    return take(folder, "invoices", INVOICES + "\n".join(lines), **options)


def take_payments(folder: Path, *lines: str, **options: Any) -> Figures:
    """Import payment lines."""
    return take(folder, "payments", PAYMENTS + "\n".join(lines), **options)


def take_customers(folder: Path, *lines: str, **options: Any) -> Figures:
    """Import customer lines of the form number,name,country,email,mobile."""
    heading = "number,name,country,email,mobile\n"
    return take(folder, "customers", heading + "\n".join(lines), **options)


def counts(figures: Figures) -> tuple[int, int, int, int]:
    """Return new, changed, unchanged and rejected."""
    return figures.new, figures.changed, figures.unchanged, figures.rejected
