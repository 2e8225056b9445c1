"""The lists a text may go through, and the fields known inside each: invoices, earlier
contacts, instalments. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from notices.field_kinds import Field, Kind, Subject, by_path, of_subject

_OPTIONAL = True

# Each loop an author may write, and the fields known inside it and nowhere else.
INVOICE_FIELDS = by_path(
    of_subject(
        Subject.DEBT,
        ("invoice.number", Kind.TEXT, "Invoice number", "R-2026-0815"),
        ("invoice.purpose", Kind.TEXT, "What it is for", "Electricity, May", _OPTIONAL),
        ("invoice.order_number", Kind.TEXT, "Order number", "PO-7781", _OPTIONAL),
        ("invoice.issued_on", Kind.DATE, "Invoice date", dt.date(2026, 5, 8)),
        ("invoice.due_on", Kind.DATE, "Due date", dt.date(2026, 5, 22)),
        ("invoice.amount", Kind.MONEY, "Invoice amount", Decimal("120.00")),
        ("invoice.paid_amount", Kind.MONEY, "Paid so far", Decimal("20.00")),
        ("invoice.open_amount", Kind.MONEY, "Still to pay", Decimal("100.00")),
        ("invoice.days_late", Kind.COUNT, "Days late", 14),
        ("invoice.is_late", Kind.FLAG, "The invoice is late", True),
        ("invoice.is_part_paid", Kind.FLAG, "Part of it is paid", True),
    )
)
CONTACT_FIELDS = by_path(
    of_subject(
        Subject.DEBT,
        ("contact.on", Kind.DATE, "When we wrote", dt.date(2026, 5, 26)),
        ("contact.is_email", Kind.FLAG, "By e-mail", True),
        ("contact.is_sms", Kind.FLAG, "By text message", False),
        ("contact.is_call", Kind.FLAG, "By phone", False),
        ("contact.is_letter", Kind.FLAG, "By letter", False),
    )
)
INSTALMENT_FIELDS = by_path(
    of_subject(
        Subject.PLAN,
        ("instalment.number", Kind.COUNT, "Number of the part", 1),
        ("instalment.due_on", Kind.DATE, "Due on", dt.date(2026, 7, 1)),
        ("instalment.amount", Kind.MONEY, "Sum of the part", Decimal("100.00")),
    )
)
LOOPS: Mapping[str, Mapping[str, Field]] = {
    "invoice in invoices": INVOICE_FIELDS,
    "contact in contacts": CONTACT_FIELDS,
    "instalment in instalments": INSTALMENT_FIELDS,
}


def loop_of(path: str) -> str | None:
    """Return the loop inside which that path is known, or None."""
    return next((loop for loop, fields in LOOPS.items() if path in fields), None)
