"""``column__among=[...]``: one of many values, as one array and not as so many places.

What ``__in`` says, at a cost that does not grow with the list: Django resolves every
member of an ``__in``, and PostgreSQL parses every placeholder.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler


# A foreign key takes no look-up from the plain fields it is stored as.
@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """One of these values; of none, for an empty list."""

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[Any]) -> None:
        super().__init__(lhs, list(rhs))

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        """Return ``column = ANY(array)``."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*parameters, _as_one(self.rhs)]


def array_of(cells: Iterable[object]) -> str:
    """Return values as PostgreSQL writes an array of them, for ``unnest`` or ``ANY``.

    Text alone, or whole numbers, days and instants with None among them. The driver
    takes a list too, and looks at it member by member.
    """
    cells = list(cells)
    if cells and isinstance(cells[0], str):
        return '{"' + '","'.join(map(_escaped, cells)) + '"}'
    return "{" + ",".join(["NULL" if one is None else str(one) for one in cells]) + "}"


def _escaped(text: object) -> str:
    return str(text).replace("\\", "\\\\").replace('"', '\\"')


def _as_one(values: list[Any]) -> list[Any] | str:
    """Return the values as an array, written down at once where that is plain."""
    kinds = set(map(type, values))
    if kinds in ({int}, {str}):
        return array_of(values)
    if kinds == {bytes}:
        return "{" + ",".join(rf'"\\x{one.hex()}"' for one in values) + "}"
    return values
