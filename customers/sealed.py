"""Model fields that are sealed at rest (customers.vault), and the same for raw SQL.

Reading opens, writing seals; in the database stands ``bytea`` that shows nothing. Only
``isnull`` can be asked of such a column: equal values are found through a blind index
beside it (customers.blind). A wrong key is an error on reading, never an empty or
unreadable text.
"""
# Django's fields take type arguments in their stubs only.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator
from django.db import models

from customers.vault import KeyRing, VaultError

_SHORT = 400


@lru_cache(maxsize=8)
def _parsed(keys: str) -> KeyRing:
    return KeyRing.parse(keys)


def ring() -> KeyRing:
    """Return the key ring of the house (settings.FIELD_KEYS)."""
    return _parsed(settings.FIELD_KEYS)


def sealed_text(context: str, value: str) -> bytes:
    """Return a text as it stands in the sealed column ``table.column``, for COPY and
    raw SQL."""
    return ring().seal(value.encode(), context)


def opened_text(context: str, sealed: bytes) -> str:
    """Return the text of a sealed column that raw SQL has read.

    :raises VaultError: as :meth:`KeyRing.open` does.
    """
    return ring().open(bytes(sealed), context).decode()


def sealed_json(context: str, value: Any) -> bytes:
    """Return a JSON value as it stands in a sealed column, for COPY and raw SQL."""
    return ring().seal(_dumped(value, None), context)


def _dumped(value: Any, encoder: type[json.JSONEncoder] | None) -> bytes:
    text = json.dumps(value, cls=encoder, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate, as a broken file may hold, has no bytes; JSON can write it.
    return text.encode("utf-8", "backslashreplace")


class SealedField(models.Field):
    """What the sealed fields share; ``context`` is the column they were sealed for."""

    description = "Sealed value"
    context = ""

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        """Learn the column: it is part of what is sealed."""
        super().contribute_to_class(cls, name, private_only)
        self.context = f"{cls._meta.db_table}.{self.column}"

    def get_internal_type(self) -> str:
        """Store as ``bytea``."""
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        """Return ``isnull``; every other look-up would compare with random bytes.

        :raises FieldError: another look-up.
        """
        if lookup_name != "isnull":
            raise FieldError(
                f"{self.context} is sealed: {lookup_name!r} cannot be asked of it. "
                "Look the value up through its blind index."
            )
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """Refuse.

        :raises FieldError: always.
        """
        raise FieldError(f"{self.context} is sealed: it has no {lookup_name!r}.")

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        """Return the sealed bytes; None stays NULL, and nothing else becomes it."""
        if value is None or hasattr(value, "as_sql"):
            return value
        return ring().seal(self.packed(value), self.context)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """Return the opened value.

        :raises VaultError: the key is missing or wrong, or the value was changed.
        """
        if value is None:
            return None
        return self.unpacked(ring().open(bytes(value), self.context))

    def packed(self, value: Any) -> bytes:
        """Return a value as the bytes to seal."""
        raise NotImplementedError

    def unpacked(self, plain: bytes) -> Any:
        """Return the value of opened bytes."""
        raise NotImplementedError


class SealedTextField(SealedField, models.TextField):
    """A text, sealed. ``max_length`` counts its characters and is checked in forms."""

    description = "Sealed text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def packed(self, value: Any) -> bytes:
        """Return the text in UTF-8."""
        return str(value).encode()

    def unpacked(self, plain: bytes) -> str:
        """Return the text.

        :raises VaultError: it was not a text that was sealed.
        """
        try:
            return plain.decode()
        except UnicodeDecodeError:
            raise VaultError(f"A value of {self.context} is not a text.") from None

    def formfield(self, *classes: Any, **kwargs: Any) -> Any:
        """Return a line of text, or a box where more has room."""
        if self.max_length is not None and self.max_length <= _SHORT:
            kwargs.setdefault("widget", forms.TextInput)
        return super().formfield(*classes, **kwargs)


class SealedBinaryField(SealedField, models.BinaryField):
    """Bytes, sealed."""

    description = "Sealed bytes"
    _pyi_private_get_type: bytes

    def packed(self, value: Any) -> bytes:
        """Return the bytes."""
        return bytes(value)

    def unpacked(self, plain: bytes) -> bytes:
        """Return the bytes."""
        return plain


class SealedJSONField(SealedField):
    """A JSON value, sealed; None is NULL."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any
    description = "Sealed JSON"
    empty_strings_allowed = False

    def packed(self, value: Any) -> bytes:
        """Return the value as JSON in UTF-8; dates and Decimals become texts."""
        return _dumped(value, DjangoJSONEncoder)

    def unpacked(self, plain: bytes) -> Any:
        """Return the value.

        :raises VaultError: it was not JSON that was sealed.
        """
        try:
            return json.loads(plain)
        except ValueError:
            raise VaultError(f"A value of {self.context} is not JSON.") from None

    def formfield(self, *classes: Any, **kwargs: Any) -> Any:
        """Return a box for JSON."""
        return super().formfield(*(classes or (forms.JSONField,)), **kwargs)

    def value_to_string(self, obj: models.Model) -> Any:
        """Return the value itself: serialisers know JSON."""
        return self.value_from_object(obj)
