"""Plain values that are made by the million: what they cost to make matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

T = TypeVar("T")

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    def plain(kind: type[T]) -> type[T]:
        """Make a value of named fields, which nobody changes."""

else:

    def plain(kind):
        """Make a value of named fields, which nobody changes.

        As ``dataclass(frozen=True, slots=True)``, but that the type checker alone
        keeps it unchanged: frozen at run time, each is three to six times as slow
        to make.
        """
        return dataclass(slots=True, unsafe_hash=True)(kind)
