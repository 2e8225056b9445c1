"""What each room holds of a person, table by table: what is given to them when they
ask for their data, and what goes and what stays when they are erased.

Each room declares its own (its ``personal`` module) and makes it known when Django
starts. Export, erasure and the page that shows what would go all read these very
declarations, and a test refuses a table that leads to a customer and stands in none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeAlias

from django.db import models

from customers.models import Customer

CHUNK = 500

# A file of the export: its name in the archive, and its bytes piece by piece.
File: TypeAlias = "tuple[str, Iterable[bytes]]"


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table holds of a person.

    ``whose`` is the look-up that leads from a row to its customer; ``found`` finds the
    rows where none does. On erasure rows are deleted (``is_deleted``), or the columns
    of ``blanks`` take those values, or both are empty and all of it stays. ``because``
    says to people why what is left may stay, or what goes. ``leaves_out`` are columns
    nobody is given: hashes of keys, leases, the work of machines.
    """

    model: type[models.Model]
    title: str
    because: str
    whose: str = ""
    found: Callable[[Customer], models.QuerySet[Any]] | None = None
    is_deleted: bool = False
    blanks: Mapping[str, Any] = field(default_factory=dict)
    leaves_out: frozenset[str] = frozenset()
    is_exported: bool = True

    @property
    def table(self) -> str:
        """The name of the table."""
        return self.model._meta.db_table

    @property
    def file(self) -> str:
        """What its rows are called in the export."""
        return f"{self.title.lower().replace(' ', '_')}.json"

    def rows(self, customer: Customer) -> models.QuerySet[Any]:
        """Return the customer's rows, in the order they came."""
        if self.found is not None:
            return self.found(customer).order_by("pk")
        manager = self.model._base_manager
        return manager.filter(**{self.whose: customer.pk}).order_by("pk")

    def exported(self, customer: Customer) -> Iterator[dict[str, Any]]:
        """Yield what a person is given of each row; memory stays flat."""
        fields = [
            one
            for one in self.model._meta.concrete_fields
            if one.name not in self.leaves_out
        ]
        for row in self.rows(customer).iterator(chunk_size=CHUNK):
            yield {one.name: plain(one.value_from_object(row)) for one in fields}

    def erase(self, customer: Customer) -> int:
        """Delete or blank what goes; return how many rows really changed."""
        if self.is_deleted:
            return self._deleted(customer)
        if self.blanks:
            return self._blanked(customer)
        return 0

    def _deleted(self, customer: Customer) -> int:
        _, by_model = self.rows(customer).delete()
        return by_model.get(self.model._meta.label, 0)

    def _blanked(self, customer: Customer) -> int:
        # Compared here and not by the database: of a sealed column it could not say
        # whether it is blank already.
        names = list(self.blanks)
        rows = self.rows(customer).only("pk", *names)
        full = [
            row.pk
            for row in rows.iterator(chunk_size=CHUNK)
            if any(_as_stored(getattr(row, n)) != self.blanks[n] for n in names)
        ]
        changed = 0
        for at in range(0, len(full), CHUNK):
            some = self.model._base_manager.filter(pk__in=full[at : at + CHUNK])
            changed += some.update(**self.blanks)
        return changed


def _as_stored(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def plain(value: Any) -> Any:
    """Return a value as the export writes it; bytes in hexadecimal digits."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


@dataclass(frozen=True, slots=True)
class Room:
    """What one room does for a person's rights.

    ``hinders`` yields why somebody cannot be erased yet, each a sentence that says
    what must happen first. ``files`` yields what the export holds beside tables.
    ``erases`` removes what stands in no row of the person's own, such as a page in the
    file of a print run, before the rows are touched; it returns counts by name.
    ``tells`` are the addresses and numbers the room knows somebody by.
    """

    name: str
    holdings: tuple[Holding, ...]
    hinders: Callable[[Customer], Iterator[str]] | None = None
    files: Callable[[Customer], Iterator[File]] | None = None
    erases: Callable[[Customer], dict[str, int]] | None = None
    tells: Callable[[Customer], Iterator[str]] | None = None
    # Tables that lead to a customer through others and hold nothing of a person.
    harmless: Mapping[str, str] = field(default_factory=dict)


_known: set[str] = set()


def make_known(module: str) -> None:
    """Have export and erasure reckon with the ``ROOM`` of a module; safe to repeat.

    By name: what it takes to read a message is loaded when somebody asks for it, and
    not by every worker.
    """
    _known.add(module)


def rooms() -> list[Room]:
    """Return every room by its name."""
    return [import_module(name).ROOM for name in sorted(_known)]


def holdings() -> list[Holding]:
    """Return what is held of people, all rooms together."""
    return [holding for room in rooms() for holding in room.holdings]


def known_by(customer: Customer) -> frozenset[str]:
    """Return every address and number somebody is or was known by, in small letters.

    Kept with this very object: while somebody is being erased, what is told of them
    grows less.
    """
    kept: frozenset[str] | None = getattr(customer, "_known_by", None)
    if kept is None:
        told = {
            word.strip().casefold()
            for room in rooms()
            if room.tells is not None
            for word in room.tells(customer)
        }
        kept = frozenset(word for word in told if word)
        setattr(customer, "_known_by", kept)  # noqa: B010  (no field of the model)
    return kept
