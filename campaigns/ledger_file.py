"""A ledger and its contacts, read from files as facts for a replay.

What a cell means is told by the import profile, exactly as for a live import. It
stores nothing, and stops at the first row that cannot be read: a replay over part
of a ledger would be an answer to another question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from campaigns.ladder import Reach
from campaigns.replay import Debt
from customers.imports.convert import Value
from customers.imports.profile import Profile
from customers.imports.reader import open_table
from customers.imports.refused import FileRefused
from customers.imports.section import Section

# Rule R5 has its answer to an invoice due before it was issued: nothing until then.
HARMLESS = "due_before_issue"

Values = Mapping[str, Value]


class LedgerFileError(ValueError):
    """A file that cannot be replayed; the message names file, row and column."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every invoice, and since when each customer agreed to electronic bills."""

    debts: tuple[Debt, ...]
    e_delivery_from: Mapping[str, date]


def read_profile(path: Path) -> Profile:
    """Read an import profile.

    :raises LedgerFileError: it cannot be read, or names what is not known.
    """
    try:
        return Profile.load(path)
    except FileRefused as error:
        raise LedgerFileError(error.sentence) from error


def read_ledger(path: Path, profile: Profile) -> Ledger:
    """Read the invoices; a customer's consent is the earliest any row gives.

    :raises LedgerFileError: a column is missing, a row cannot be read, or an
        invoice number stands twice.
    """
    debts: list[Debt] = []
    rows: dict[str, int] = {}
    consents: dict[str, date] = {}
    for number, values in _rows(path, profile.section("invoices")):
        debt = Debt(
            number=str(values["number"]),
            customer=str(values["customer"]),
            issued_on=_known_day(values, "issued_on"),
            due_on=_known_day(values, "due_on"),
            paid_on=_day(values, "paid_on"),
            disputed=bool(values.get("disputed")),
        )
        earlier = rows.setdefault(debt.number, number)
        if earlier != number:
            raise LedgerFileError(
                f"{path.name}, row {number}: invoice {debt.number} stands in row "
                f"{earlier} already. Keep one of them."
            )
        debts.append(debt)
        consent = _day(values, "e_delivery_consent_on")
        if consent is not None:
            known = consents.get(debt.customer, consent)
            consents[debt.customer] = min(known, consent)
    return Ledger(tuple(debts), consents)


def read_reaches(
    path: Path, profile: Profile, e_delivery_from: Mapping[str, date]
) -> dict[str, Reach]:
    """Read by customer number from when on each channel is allowed (rule R6).

    ``e_delivery_from`` comes from the ledger and goes before a consent that the
    contacts name themselves.

    :raises LedgerFileError: a column is missing, a row cannot be read, or a
        customer stands twice.
    """
    reaches: dict[str, Reach] = {}
    for number, values in _rows(path, profile.section("customers")):
        customer = str(values["number"])
        if customer in reaches:
            raise LedgerFileError(
                f"{path.name}, row {number}: customer {customer} stands in an earlier "
                "row already. Keep one of them."
            )
        consent = _day(values, "e_delivery_consent_on")
        reaches[customer] = _reach(values, e_delivery_from.get(customer, consent))
    return reaches


def _reach(values: Values, e_delivery_from: date | None) -> Reach:
    has_phone = values.get("mobile") or values.get("landline")
    has_address = all(values.get(f) for f in ("address_line1", "city", "postcode"))
    return Reach(
        email=e_delivery_from if values.get("email") else None,
        sms=_day(values, "sms_permission_on") if values.get("mobile") else None,
        call=date.min if has_phone else None,
        letter=date.min if has_address else None,
    )


def _rows(path: Path, section: Section) -> Iterator[tuple[int, Values]]:
    """Yield each row's number and its values.

    :raises LedgerFileError: as the functions above.
    """
    try:
        table = open_table(path, section)
        for row in table.rows():
            ragged = table.ragged(row)
            if ragged is not None:
                raise LedgerFileError(f"{path.name}, row {row.number}: {ragged[1]}")
            values, errors = section.convert(table.by_field(row))
            for error in errors:
                if error.code != HARMLESS:
                    raise LedgerFileError(
                        f"{path.name}, row {row.number}, column "
                        f"{table.heading(error.field)}: {error.sentence}"
                    )
            yield row.number, values
    except FileRefused as error:
        raise LedgerFileError(f"{path.name}: {error.sentence}") from error


def _day(values: Values, field: str) -> date | None:
    value = values.get(field)
    return value if isinstance(value, date) else None


def _known_day(values: Values, field: str) -> date:
    """Return a day that the section requires, so that no row arrives without it."""
    value = values[field]
    if not isinstance(value, date):
        raise TypeError(f"{field} is {value!r}, not a day.")
    return value
