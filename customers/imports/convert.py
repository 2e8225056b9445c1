"""What the text or number in a cell means, one field kind at a time.

A converter returns the value, or None where a cell states nothing, or raises
``Unclear`` with a code and a sentence. It knows one cell, never the row or the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from customers import money
from customers.contact import ContactError, Phone, normalise_email, read_phone
from customers.imports.cells import Cell, Unclear, cell_text, repeated
from customers.imports.fields import Field
from customers.imports.places import (
    read_country,
    read_language,
    read_region,
    read_time_zone,
)

Value = str | Decimal | dt.date | bool | None

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_FLAGS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1", "x"), True),
    **dict.fromkeys(("no", "n", "false", "f", "0", "-"), False),
}
_KINDS = {
    **dict.fromkeys(("consumer", "person", "private", "household"), "consumer"),
    **dict.fromkeys(("business", "firm", "company", "commercial"), "business"),
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a section of a file writes dates and amounts."""

    date_formats: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""


def _text(cell: Cell, longest: int) -> str:
    text = cell_text(cell)
    if not text.isprintable():
        # A line break inside a quoted cell ends nothing here.
        text = " ".join(text.split())
        text = "".join(c for c in text if c.isprintable() or c in _JOINERS)
    elif "  " in text:
        text = " ".join(text.split())
    if longest and len(text) > longest:
        raise Unclear(
            "too_long", f"The cell has {len(text)} characters; at most {longest} fit."
        )
    return text


# Zero-width joiners shape Persian and Indic names; other invisible signs are noise.
_JOINERS = "\u200c\u200d"


def _date(cell: Cell, formats: tuple[str, ...]) -> dt.date:
    if isinstance(cell, str):
        return read_date(cell.strip(), formats)
    if isinstance(cell, dt.datetime):
        return _plausible(cell.date())
    if isinstance(cell, dt.date):
        return _plausible(cell)
    raise Unclear("bad_date", f"{cell_text(cell)!r} is a number, not a date.")


@lru_cache(maxsize=65_536)
def read_date(text: str, formats: tuple[str, ...]) -> dt.date:
    """Return the day a text states in the first of the formats that fits, else ISO.

    :raises Unclear: ``bad_date``, ``date_out_of_range``.
    """
    for form in formats:
        try:
            return _plausible(dt.datetime.strptime(text, form).date())  # noqa: DTZ007
        except ValueError as error:
            if isinstance(error, Unclear):
                raise
    try:
        return _plausible(dt.datetime.fromisoformat(text).date())
    except ValueError as error:
        if isinstance(error, Unclear):
            raise
        expected = " or ".join([*formats, "YYYY-MM-DD"])
        raise Unclear(
            "bad_date", f"{text[:40]!r} is not a date; expected {expected}."
        ) from error


def _plausible(day: dt.date) -> dt.date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Unclear(
            "date_out_of_range",
            f"{day.isoformat()} lies outside {_FIRST_YEAR} to {_LAST_YEAR}.",
        )
    return day


def _amount(cell: Cell, manner: Manner, currency: str) -> Decimal:
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        raise Unclear("bad_amount", f"{cell_text(cell)!r} is not an amount.")
    text = cell_text(cell)
    # A number cell is no text of the source's manner: it has a point, if any.
    typed = not isinstance(cell, str)
    try:
        amount = money.parse_amount(
            text,
            decimal="." if typed else manner.decimal,
            thousands="" if typed else manner.thousands,
            currency=currency,
        )
        if currency:
            amount = money.exact(amount, currency)
    except money.MoneyError as error:
        raise Unclear(error.code, error.sentence) from error
    if amount <= 0:
        raise Unclear(
            "amount_not_positive", f"The amount is {text}; it must be more than zero."
        )
    return amount


@repeated
def _currency(cell: Cell, lean: str) -> str:
    text = cell_text(cell).upper()
    if text not in money.currencies():
        raise Unclear(
            "unknown_currency",
            f"{text[:20]!r} is not a currency code. Write three letters, like EUR.",
        )
    return text


@repeated
def _flag(cell: Cell, lean: str) -> bool:
    text = cell_text(cell).casefold()
    if text not in _FLAGS:
        raise Unclear("bad_flag", f"{text[:40]!r} is neither yes nor no.")
    return _FLAGS[text]


@repeated
def _customer_kind(cell: Cell, lean: str) -> str:
    text = cell_text(cell).casefold()
    if text not in _KINDS:
        raise Unclear(
            "unknown_kind", f"{text[:40]!r} is neither 'consumer' nor 'business'."
        )
    return _KINDS[text]


def _email(cell: Cell, lean: str) -> str:
    try:
        return normalise_email(cell_text(cell))
    except ContactError as error:
        raise Unclear(error.code, error.sentence) from error


def _landline(cell: Cell, country: str) -> str:
    return _phone(cell, country).e164


def _mobile(cell: Cell, country: str) -> str:
    phone = _phone(cell, country)
    if phone.kind == "landline":
        raise Unclear(
            "phone_not_mobile",
            f"{phone.e164} is a landline, which gets no texts. Give it as landline.",
        )
    return phone.e164


def _phone(cell: Cell, country: str) -> Phone:
    try:
        return read_phone(cell_text(cell), country)
    except ContactError as error:
        raise Unclear(error.code, error.sentence) from error


Converter = Callable[[Cell, str], Value]

_CONVERTERS: Mapping[str, Converter] = {
    "customer_kind": _customer_kind,
    "language": read_language,
    "country": read_country,
    "region": read_region,
    "time_zone": read_time_zone,
    "email": _email,
    "mobile": _mobile,
    "landline": _landline,
    "currency": _currency,
    "flag": _flag,
}
# What an empty cell states: nothing, unless the field is text or a yes.
_EMPTY: Mapping[str, Value] = {
    "identity": "",
    "text": "",
    "email": "",
    "mobile": "",
    "landline": "",
    "flag": False,
}
_LEANS_ON = {
    "region": "country",
    "mobile": "country",
    "landline": "country",
    "amount": "currency",
}


def converter(field: Field, manner: Manner) -> Converter:
    """Return what turns a cell that is not empty into the field's value.

    It takes the cell and the value that the field leans on (see :func:`leans_on`),
    and raises :class:`Unclear` for what cannot be told or taken.
    """
    if field.kind == "date":
        return lambda cell, lean: _date(cell, manner.date_formats)
    if field.kind == "amount":
        return lambda cell, lean: _amount(cell, manner, lean)
    if field.kind in ("identity", "text"):
        return lambda cell, lean: _text(cell, field.longest)
    return _CONVERTERS[field.kind]


def empty(field: Field) -> Value:
    """Return what an empty cell states for the field."""
    return _EMPTY.get(field.kind)


def leans_on(field: Field) -> str:
    """Return the field of the same row that tells what a cell of this one means."""
    return _LEANS_ON.get(field.kind, "")
