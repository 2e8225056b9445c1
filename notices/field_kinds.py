"""What a field of a text is: what it holds, how it is called, what it speaks of.

The sorts of values are here, the fields themselves in notices.fields. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Account(str):
    """A bank account or card number: all but its last four signs are masked."""

    __slots__ = ()

    @property
    def masked(self) -> str:
        """The number as a customer may see it: ``•••• 5432``."""
        signs = "".join(self.split())
        return f"•••• {signs[-4:]}" if len(signs) > 4 else "••••"


class Percent(Decimal):
    """A share in hundredths: 5 is five per cent."""

    __slots__ = ()


Value = str | Decimal | dt.date | dt.datetime | int | bool


class Kind(StrEnum):
    """What a field holds, which decides how it is written and may be used."""

    TEXT = "text"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    COUNT = "count"
    FLAG = "flag"
    LINK = "link"
    # What changed from what into what: a sum, a day, a number or words.
    ANY = "any"


class Subject(StrEnum):
    """What a notice speaks of, and so which facts stand behind it."""

    DEBT = "debt"
    CHANGE = "change"
    PAPERLESS = "paperless"
    DETAILS = "details"
    PROMISE = "promise"
    PLAN = "plan"
    PAYMENT = "payment"
    CORRECTION = "correction"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Field:
    """One field as an author sees it: its path in a text, its label, an example.

    ``subject`` is None for what every notice knows. ``optional`` fields may be empty;
    a text asks before it uses them.
    """

    path: str
    kind: Kind
    label: str
    example: Value
    subject: Subject | None = None
    optional: bool = False


def by_path(fields: Iterable[Field]) -> dict[str, Field]:
    return {field.path: field for field in fields}


def of_subject(
    subject: Subject,
    *fields: tuple[str, Kind, str, Value] | tuple[str, Kind, str, Value, bool],
) -> list[Field]:
    return [
        Field(path, kind, label, example, subject, bool(rest and rest[0]))
        for path, kind, label, example, *rest in fields
    ]
