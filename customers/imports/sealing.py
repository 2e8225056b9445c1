"""Sealing the cells of a row on their way into the staging table.

For each sealed field the stage has the value sealed, its blind index under every live
key (``email_index0``, the newest, …), and for addresses a lasting print of what the
file wrote (``email_raw``). In between, no plain address stands in the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from customers.blind import indexes_of, lasting_print
from customers.models import ContactPoint, PostalAddress
from customers.sealed import ring, sealed_text

_POINT, _PLACE = ContactPoint._meta.db_table, PostalAddress._meta.db_table
RAW_CONTEXT = f"{_POINT}.raw_print"
# Field of the file, and the column it ends in.
SEALED: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "email": f"{_POINT}.value",
        "mobile": f"{_POINT}.value",
        "landline": f"{_POINT}.value",
        "address_line1": f"{_PLACE}.line1",
        "address_line2": f"{_PLACE}.line2",
    },
    "invoices": {},
    "payments": {},
}
_RAW = {"customers": ("email", "mobile", "landline")}


class Sealer:
    """Seals the rows of one kind of file."""

    def __init__(self, kind: str) -> None:
        self.contexts = SEALED[kind]
        self.raw = _RAW.get(kind, ())

    @property
    def columns(self) -> list[str]:
        """Return the columns that stand behind the fields' own."""
        found = [f"{name}_raw" for name in self.raw]
        for name in self.contexts:
            found += index_columns(name)
        return found

    def seal(
        self, values: dict[str, Any], written: Mapping[str, str | None]
    ) -> list[bytes | None]:
        """Seal the fields of a row in place, and return what ``columns`` hold of it.

        ``written`` are the addresses as the file has them. What the file does not
        state stays None.
        """
        more: list[bytes | None] = [
            None if text is None else lasting_print(RAW_CONTEXT, text)
            for text in written.values()
        ]
        for name, context in self.contexts.items():
            value = values.get(name)
            if value is None:
                more += [None] * len(ring().key_ids)
            else:
                more += indexes_of(context, str(value))
                values[name] = sealed_text(context, str(value))
        return more


def index_columns(name: str) -> list[str]:
    """Return where the blind indexes of a field stand, the newest key's first."""
    return [f"{name}_index{at}" for at in range(len(ring().key_ids))]
