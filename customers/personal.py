"""What this room holds of a person (customers.holdings)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from customers.holdings import CHUNK, File, Holding, Room, known_by
from customers.models import (
    AccessEntry,
    Allocation,
    AuditEntry,
    ContactPoint,
    Customer,
    Erasure,
    ErasureRequest,
    ExportPart,
    Hold,
    Instalment,
    Invoice,
    InvoiceCopy,
    LegalHold,
    Payment,
    PersonExport,
    Plan,
    PostalAddress,
    RejectedRow,
)

LAW = "Law has them kept for years; nobody's name stands in them."


def _rejected(customer: Customer) -> QuerySet[RejectedRow]:
    """Return the rows of imports that were set aside and speak of a customer."""
    words = known_by(customer)
    address = PostalAddress.objects.filter(customer=customer).first()
    street = (
        {address.line1.casefold(), address.postcode.casefold()} if address else set()
    )
    name = customer.name.casefold() if customer.erased_at is None else ""
    # Read one by one: what stands in them may be sealed, and headings differ by file.
    found = [
        row.pk
        for row in RejectedRow.objects.only("pk", "cells").iterator(chunk_size=CHUNK)
        if (cells := _cells(row)) & words
        # Others may bear the same name, or live in the same house.
        or (name in cells and cells & street - {"", name})
    ]
    return RejectedRow.objects.filter(pk__in=found)


def _cells(row: RejectedRow) -> set[str]:
    return {str(cell).strip().casefold() for cell in row.cells.values()}


def _logged(model: Any) -> Any:
    return lambda customer: model.objects.filter(whose=customer.pk)


def _tells(customer: Customer) -> Iterator[str]:
    if customer.erased_at is None:
        yield customer.number
    for point in customer.contact_points.all():
        yield point.value


def _hinders(customer: Customer) -> Iterator[str]:
    owed = customer.invoices.filter(status=Invoice.Status.OPEN).count()
    if owed:
        yield (
            "1 invoice is still open: let it be paid or write it off first."
            if owed == 1
            else f"{owed} invoices are still open: let them be paid or write them off "
            "first."
        )
    today = timezone.now().date()
    disputes = customer.holds.filter(reason=Hold.Reason.DISPUTE).standing_on(today)
    if disputes.exists():
        yield "A bill is in dispute: settle it and lift that hold first."
    legal = LegalHold.objects.filter(customer=customer).first()
    if legal is not None:
        yield f"There is a legal hold ({legal.reason}): whoever placed it lifts it."
    if customer.exports.filter(state=PersonExport.State.WAITING).exists():
        yield "Their data is being gathered for them: wait until that file is ready."


def _files(customer: Customer) -> Iterator[File]:
    copies = InvoiceCopy.objects.filter(invoice__customer=customer)
    for copy in copies.select_related("invoice").iterator(chunk_size=1):
        name = "".join(
            sign if sign.isalnum() or sign in "-_" else "_"
            for sign in copy.invoice.number
        )
        yield f"invoices/{name}.pdf", [bytes(copy.body)]


ROOM = Room(
    name="customers",
    holdings=(
        # Found by name and address, so before those go.
        Holding(
            RejectedRow,
            "Rejected rows",
            "Rows of imports that could not be taken.",
            found=_rejected,
            is_deleted=True,
        ),
        Holding(
            ContactPoint,
            "Contact points",
            "E-mail addresses and phone numbers.",
            whose="customer",
            is_deleted=True,
        ),
        Holding(
            PostalAddress,
            "Postal address",
            "The postal address.",
            whose="customer",
            is_deleted=True,
        ),
        Holding(
            Hold,
            "Holds",
            "Why we waited, with what staff noted.",
            whose="customer",
            is_deleted=True,
        ),
        Holding(
            InvoiceCopy,
            "Invoice copies",
            "The PDFs of invoices: the firm's own ledger keeps the originals.",
            whose="invoice__customer",
            is_deleted=True,
            leaves_out=frozenset({"body"}),
        ),
        Holding(
            Invoice,
            "Invoices",
            "Law has them kept for years: amounts and dates stay, what they were for "
            "and order numbers go.",
            whose="customer",
            blanks={"purpose": "", "order_number": ""},
        ),
        Holding(Payment, "Payments", LAW, whose="customer"),
        Holding(Allocation, "Allocations", LAW, whose="invoice__customer"),
        Holding(
            Plan,
            "Plans",
            "What was to be paid in parts: it goes with its invoices.",
            whose="customer",
            leaves_out=frozenset({"decided_by"}),
        ),
        Holding(
            Instalment,
            "Parts of plans",
            "Amounts and days of each part.",
            whose="plan__customer",
        ),
        Holding(
            Plan.invoices.through,
            "Invoices in plans",
            "Which invoices a plan was about.",
            whose="plan__customer",
        ),
        Holding(
            ExportPart,
            "Export parts",
            "Files made for the customer earlier.",
            whose="export__customer",
            is_deleted=True,
            is_exported=False,
        ),
        Holding(
            PersonExport,
            "Exports",
            "Files made for the customer earlier.",
            whose="customer",
            is_deleted=True,
            leaves_out=frozenset(
                {"asked_by", "taken_until", "trouble", "form_id", "tried_at"}
            ),
        ),
        Holding(
            LegalHold,
            "Legal holds",
            "Nobody is erased while one stands.",
            whose="customer",
            is_deleted=True,
            leaves_out=frozenset({"placed_by"}),
        ),
        Holding(
            ErasureRequest,
            "Erasure requests",
            "That somebody asked, and who decided.",
            whose="customer",
            leaves_out=frozenset({"asked_by", "decided_by"}),
        ),
        Holding(
            AccessEntry,
            "Access log",
            "Who looked at what, without names or addresses.",
            found=_logged(AccessEntry),
            leaves_out=frozenset({"who", "whose"}),
        ),
        Holding(
            AuditEntry,
            "Changes",
            "Which columns were changed, without what stood in personal ones.",
            found=_logged(AuditEntry),
            leaves_out=frozenset({"who", "whose"}),
        ),
        Holding(
            Erasure,
            "Erasures",
            "So that a backup or an import cannot bring the person back.",
            found=_logged(Erasure),
            leaves_out=frozenset({"number_print", "asked_by", "approved_by"}),
        ),
        Holding(
            Customer,
            "Profile",
            "A row without name and number, which invoices and payments hang on; "
            "language and country stay for the figures.",
            whose="pk",
        ),
    ),
    hinders=_hinders,
    files=_files,
    tells=_tells,
)
