"""The system check of the keys: what stands in the database must open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, transaction

from customers.reseal import missing_keys


def check_keys(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Say which key is missing, and for what; asked by ``migrate`` at each start."""
    if not databases:
        return []
    try:
        with transaction.atomic():
            missing = missing_keys()
    except DatabaseError:
        # Not there yet, or as it was before: migrate is about to see to it.
        return []
    return [
        Error(
            f"{context} holds values sealed with {', '.join(sorted(key_ids))}, which "
            "FIELD_KEYS does not have.",
            hint="Put that key back behind the newest, or run 'manage.py migrate'.",
            id="customers.E001",
        )
        for context, key_ids in sorted(missing.items())
    ]
