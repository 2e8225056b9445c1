"""Says of a fault nobody foresaw whose it is, and what may stand of it in a log.

That is its kind and its place. Its own words are left out: they may quote a customer's
name, address or message.
"""

from __future__ import annotations

import traceback

from django.db import DataError, IntegrityError

# What PostgreSQL refuses about a row; all else it says is about the database, and
# passes once that is mended.
OF_A_ROW = (DataError, IntegrityError)


def kind_and_place(error: BaseException) -> str:
    """Return the kind of a fault and where it happened: "KeyError in read, line 12"."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} in {frames[-1].name}, line {frames[-1].lineno}"
