"""Finding sealed values again: blind indexes, and prints that outlast the keys.

A blind index stands beside a sealed text and is keyed as it is: equal values have equal
indexes, nothing else shows. Where keys are being changed a value is looked for under
all of them. The index of an empty text is empty, so that SQL can ask whether anything
stands there.
"""
# Django's fields and QuerySets take type arguments in their stubs only.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models

from customers.sealed import ring
from customers.vault import INDEX_BYTES

_PRINT_BYTES = 16
Row = TypeVar("Row", bound=models.Model)


def index_of(context: str, value: str) -> bytes:
    """Return the blind index of a value of ``table.column``, b"" for an empty one."""
    return ring().blind_index(value, context) if value else b""


def indexes_of(context: str, value: str) -> list[bytes]:
    """Return the blind indexes under every live key, newest first."""
    keys = ring()
    return keys.blind_indexes(value, context) if value else [b""] * len(keys.key_ids)


def lasting_print(context: str, value: str) -> bytes:
    """Return 16 bytes that tell whether a value that is not kept is the same again.

    Under SUPPRESSION_KEY, which never changes: what is not kept cannot be printed anew
    under another key. b"" for an empty value.
    """
    if not value:
        return b""
    text = f"{context}\0{value}".encode()
    key = settings.SUPPRESSION_KEY.encode()
    return hmac.digest(key, text, hashlib.sha256)[:_PRINT_BYTES]


class BlindIndexField(models.BinaryField):
    """By which equal values of the sealed text ``of`` beside it are found.

    Kept by ``save`` and ``bulk_create``; see :class:`IndexedQuerySet` for ``update``.
    """

    description = "Blind index"
    _pyi_private_get_type: bytes

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs["max_length"] = INDEX_BYTES
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Name the field it is an index of."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        return name, path, args, {**kwargs, "of": self.of}

    @property
    def context(self) -> str:
        """What the index is keyed for: the sealed column."""
        return f"{self.model._meta.db_table}.{self.of}"

    def index(self, value: str | None) -> bytes | None:
        """Return the index of a value, NULL for none."""
        return None if value is None else index_of(self.context, value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Compute the index from the value that stands beside it."""
        index = self.index(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, index)
        return index


class IndexedQuerySet(models.QuerySet[Row]):
    """Questions to, and updates of, rows with blind indexes."""

    def having(self, **values: str) -> Self:
        """Return the rows whose sealed fields have these values, in normal form."""
        return self.filter(
            **{
                f"{index.name}__among": indexes_of(index.context, values[of])
                for of, index in _indexes(self.model, values).items()
            }
        )

    def update(self, **values: Any) -> int:
        """Update the rows, and with each sealed text its index."""
        more = {
            index.name: index.index(values[of])
            for of, index in _indexes(self.model, values).items()
        }
        return super().update(**values, **more)


class Indexed(models.Model):
    """A row whose ``save(update_fields=...)`` takes the indexes along."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row, and with each sealed text its index."""
        if kwargs.get("update_fields") is not None:
            names = set(kwargs["update_fields"])
            found = _indexes(type(self), dict.fromkeys(names))
            kwargs["update_fields"] = names | {one.name for one in found.values()}
        super().save(*args, **kwargs)


def _indexes(
    model: type[models.Model], values: dict[str, Any]
) -> dict[str, BlindIndexField]:
    """Return the blind indexes of those fields that have one, by field."""
    return {
        field.of: field
        for field in model._meta.concrete_fields
        if isinstance(field, BlindIndexField) and field.of in values
    }
