"""The facts a notice has of its own: a change, a promise, a visit, by field.

Kept as JSON beside the notice, read back as typed values. A sum is its digits in a
string, a day or instant is ISO 8601; a field that may hold anything says what it
holds: ``{"money": "12.50"}``, ``{"percent": "5"}``, ``{"date": …}``,
``{"account": …}``, ``{"count": 3}`` or plain words. Knows no customer and no table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from notices.fields import (
    Account,
    Field,
    Kind,
    Percent,
    Subject,
    Value,
    fields_for,
)
from notices.loops import INSTALMENT_FIELDS

About = Mapping[str, Any]

# Facts that come from invoices, the firm or the day, never from the notice itself.
_GATHERED = frozenset({Subject.DEBT})
# Not a field of texts: in which currency the sums of the notice are.
CURRENCY = "currency"
# Days outside are slips of the pen, and calendars cannot turn them into every zone.
YEARS = range(1900, 2200)
INSTALMENTS = "instalments"
# The one fact a firm has for all its notices (Brand), unless one names another.
OPT_IN_PHONE = "paperless.opt_in_phone"
FILL_IN = "Fill in the firm's: under Settings, Brands, “number to agree by phone”."


class AboutError(ValueError):
    """A fact of a notice is missing or not of its kind; ``field`` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def own_fields(subjects: Iterable[Subject]) -> list[Field]:
    """Return the fields whose values a notice with these subjects brings itself."""
    wanted = frozenset(subjects) - _GATHERED
    local = INSTALMENT_FIELDS.keys()
    return [
        field
        for field in fields_for(wanted)
        if field.subject in wanted and field.path not in local
    ]


def read_about(raw: Mapping[str, Any], subjects: Iterable[Subject]) -> dict[str, Any]:
    """Return the typed values of a notice, optional ones as empty where not given.

    :raises AboutError: a field is missing, unknown or not of its kind.
    """
    subjects = frozenset(subjects)
    if not isinstance(raw, Mapping):
        raise AboutError("about", "The facts of a notice are named values.")
    fields = {field.path: field for field in own_fields(subjects)}
    for path in raw.keys() - fields.keys() - {CURRENCY, INSTALMENTS, "reply_by"}:
        raise AboutError(path, f"There is no fact called “{path}” in such a notice.")
    values: dict[str, Any] = {
        path: _read(field, raw.get(path)) for path, field in fields.items()
    }
    if CURRENCY in raw:
        values[CURRENCY] = str(raw[CURRENCY])
    if "reply_by" in raw:
        values["reply_by"] = _date("reply_by", raw["reply_by"])
    if (
        Subject.VISIT in subjects
        and values["visit.ends_at"] <= values["visit.starts_at"]
    ):
        raise AboutError("visit.ends_at", "The end must come after the beginning.")
    if Subject.PLAN in subjects:
        values[INSTALMENTS] = _instalments(raw.get(INSTALMENTS))
    return values


def with_firms_number(raw: Mapping[str, Any], opt_in_phone: str) -> Mapping[str, Any]:
    """Return the facts of a notice about going paperless, with the firm's number to
    agree by phone where they name none of their own."""
    if not isinstance(raw, Mapping) or raw.get(OPT_IN_PHONE) or not opt_in_phone:
        return raw
    return {**raw, OPT_IN_PHONE: opt_in_phone}


def write_about(values: Mapping[str, Value | list[dict[str, Value]]]) -> dict[str, Any]:
    """Return the values as they are kept: the reverse of :func:`read_about`."""
    return {path: _written(path, value) for path, value in values.items()}


def _written(path: str, value: Any) -> Any:
    if isinstance(value, list):
        return [{name: _plain(part) for name, part in one.items()} for one in value]
    field = {each.path: each for each in fields_for(Subject)}.get(path)
    if field is None or field.kind != Kind.ANY:
        return _plain(value)
    match value:
        case Percent():
            return {"percent": str(value)}
        case Decimal():
            return {"money": str(value)}
        case dt.datetime():
            return {"moment": value.isoformat()}
        case dt.date():
            return {"date": value.isoformat()}
        case int():
            return {"count": value}
        case Account():
            return {"account": str(value)}
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _read(field: Field, value: Any) -> Any:
    if value is None or value == "":
        if field.kind == Kind.FLAG:
            return False
        if field.path == OPT_IN_PHONE:
            raise AboutError(field.path, f"“{field.label}” is missing. {FILL_IN}")
        if not field.optional:
            raise AboutError(field.path, f"“{field.label}” is missing.")
        return ""
    return _READERS[field.kind](field.path, value)


def _text(path: str, value: Any) -> str:
    if not isinstance(value, str):
        raise AboutError(path, f"“{path}” must be words, not {value!r}.")
    return value


def _flag(path: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise AboutError(path, f"“{path}” must be true or false, not {value!r}.")
    return value


def _count(path: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise AboutError(path, f"“{path}” must be a whole number, not {value!r}.")
    return value


def _money(path: str, value: Any) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        raise AboutError(
            path, f"“{path}” must be a sum such as “12.50”, not {value!r}."
        )
    return amount


def _date(path: str, value: Any) -> dt.date:
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.year not in YEARS:
        raise AboutError(
            path, f"“{path}” must be a day such as “2026-07-01”, not {value!r}."
        )
    return day


def _moment(path: str, value: Any) -> dt.datetime:
    try:
        when = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        when = None
    if when is None or when.tzinfo is None or when.year not in YEARS:
        raise AboutError(
            path, f"“{path}” must be an instant with its zone, not {value!r}."
        )
    return when


def _any(path: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        raise AboutError(path, f"“{path}” must be words or one typed value.")
    [(kind, inner)] = value.items()
    reader = _TYPED.get(kind)
    if reader is None:
        raise AboutError(path, f"“{path}” has a value of an unknown kind, {kind!r}.")
    return reader(path, inner)


def _percent(path: str, value: Any) -> Percent:
    return Percent(_money(path, value))


def _account(path: str, value: Any) -> Account:
    return Account(_text(path, value))


Reader = Callable[[str, Any], Any]

_READERS: dict[Kind, Reader] = {
    Kind.TEXT: _text,
    Kind.LINK: _text,
    Kind.FLAG: _flag,
    Kind.COUNT: _count,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.ANY: _any,
}
_TYPED: dict[str, Reader] = {
    "money": _money,
    "date": _date,
    "moment": _moment,
    "count": _count,
    "text": _text,
    "percent": _percent,
    "account": _account,
}


def _instalments(raw: Any) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not raw:
        raise AboutError(INSTALMENTS, "The parts of the plan are missing.")
    if not all(isinstance(part, Mapping) for part in raw):
        raise AboutError(INSTALMENTS, "Each part of the plan has a day and a sum.")
    return [
        {
            "number": place,
            "due_on": _date(f"part {place}, due_on", part.get("due_on")),
            "amount": _money(f"part {place}, amount", part.get("amount")),
        }
        for place, part in enumerate(raw, start=1)
    ]
