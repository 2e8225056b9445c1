"""How somebody who was erased is known again: by a keyed print of their number.

Whoever reads the table of erasures learns no number; who brings one can be told that
it was erased. The key is that of the suppression list, which never changes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from itertools import islice

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from customers.imports.reader import Table
from customers.imports.stage import FAULT, STAGE
from customers.models import Erasure

_CHUNK = 10_000
CODE = "erased"


def number_print(number: str) -> bytes:
    """Return the 32 bytes a customer's number hashes to under the house's own key."""
    text = f"customer number\n{number.strip()}".encode()
    return hmac.digest(settings.SUPPRESSION_KEY.encode(), text, hashlib.sha256)


def erased_among(numbers: Iterable[str]) -> dict[str, str]:
    """Return which numbers were erased, with the day (ISO): a query for thousands."""
    found: dict[str, str] = {}
    rest = iter(numbers)
    while some := {number_print(number): number for number in islice(rest, _CHUNK)}:
        known = Erasure.objects.filter(number_print__in=list(some))
        found |= {
            some[bytes(mark)]: at.date().isoformat()
            for mark, at in known.values_list("number_print", "at")
        }
    return found


def refuse_erased(cursor: CursorWrapper, table: Table, field: str) -> None:
    """Refuse rows of an import that bring back somebody who was erased.

    Asks only about numbers that no customer has, and nothing where nobody was erased.
    """
    if not Erasure.objects.exists():
        return
    cursor.execute(
        f"""
        SELECT DISTINCT s.{field} FROM {STAGE} s
        LEFT JOIN customers_customer c ON c.number = s.{field}
        WHERE c.id IS NULL AND s.{field} IS NOT NULL
        """  # noqa: S608 - names of our own, no value
    )
    erased = erased_among(number for (number,) in cursor.fetchall())
    if not erased:
        return
    cursor.execute(
        f"""
        INSERT INTO {FAULT}
        SELECT s.row_number, %s, %s,
            format('This customer was erased on %%s and is not taken in again. A new '
                'contract needs a new customer number.', erased.day)
        FROM {STAGE} s JOIN unnest(%s::text[], %s::text[]) AS erased (number, day)
            ON erased.number = s.{field}
        """,  # noqa: S608 - names of our own, no value
        [table.heading(field), CODE, list(erased), list(erased.values())],
    )
