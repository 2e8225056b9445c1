"""Writes down who read or took which document of whom: one statement each."""

from __future__ import annotations

from django.db import connection

from customers.models import AccessEntry

What = AccessEntry.What

_NOTE = """
INSERT INTO customers_accessentry (who, what, whose, which) VALUES (%s, %s, %s, %s)
"""


def note_access(*, who: str, what: str, whose: int | None = None, which: str) -> None:
    """Write down that somebody reads or takes something.

    ``whose`` is the customer's key, None where it is many people's; ``which`` names
    the document by a reference or number, never by an address.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [who[:150], What(what), whose, which[:120]])
