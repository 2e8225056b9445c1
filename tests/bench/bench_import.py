"""Import: customers and invoices from CSV, against row-by-row ``get_or_create``.

Our side reads, checks, normalises, compares and commits; the reference only writes.
Phone numbers stand half in the national and half in the international form; two
customers in five gave permission for texts, every second invoice is paid, every
twentieth disputed.
"""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from consent.imports import import_file
from customers.blind import index_of
from customers.imports.profile import Profile
from customers.models import ContactPoint, Customer, Invoice, PostalAddress
from tests.bench.ledgers import peak_rss_mb

ROUNDS = 3
REFERENCE_SHARE = 20  # the loop gets a twentieth of the rows: it is that much slower
TODAY = dt.date(2026, 3, 2)
CUSTOMERS = (
    "number,kind,name,language,country,time_zone,email,mobile,landline,"
    "address_line1,address_line2,city,postcode,sms_permission_on"
)
INVOICES = "number,customer,issued_on,due_on,amount,currency,disputed,paid_on"


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` rows a round, half of them customers."""
    half = n // 2
    few = max(half // REFERENCE_SHARE, 1)
    ours = reference = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS):
            files = _write_files(Path(folder), f"A{turn}-", half)
            started = time.perf_counter()
            _import(*files, rows=half)
            ours += time.perf_counter() - started

            files = _write_files(Path(folder), f"B{turn}-", few)
            started = time.perf_counter()
            _row_by_row(*files)
            reference += time.perf_counter() - started
    ours_rate = half * 2 * ROUNDS / ours
    reference_rate = few * 2 * ROUNDS / reference
    return {
        "bench": "import",
        "n": half * 2 * ROUNDS,
        "ours_per_s": round(ours_rate),
        "reference": "row-by-row get_or_create",
        "reference_per_s": round(reference_rate),
        "ratio": round(ours_rate / reference_rate, 1),
        "peak_rss_mb": peak_rss_mb(),
    }


def _write_files(folder: Path, prefix: str, count: int) -> tuple[Path, Path]:
    customers, invoices = folder / "customers.csv", folder / "invoices.csv"
    with customers.open("w", encoding="utf-8") as file:
        file.write(f"{CUSTOMERS}\n")
        for at in range(count):
            plus = "+49171392" if at % 2 else "0171 / 392 "
            file.write(
                f"{prefix}{at:07},consumer,Jürgen Müller {at},de,DE,Europe/Berlin,"
                f"{prefix}{at:07}@example.com,{plus}{at % 10_000:04},,"
                f"Am Mühlbach {at % 99 + 1},,Würzburg,97070,"
                f"{'2025-08-29' if at % 5 < 2 else ''}\n"
            )
    with invoices.open("w", encoding="utf-8") as file:
        file.write(f"{INVOICES}\n")
        for at in range(count):
            issued = dt.date(2025, 1, 1) + dt.timedelta(days=at % 365)
            due = issued + dt.timedelta(days=30)
            paid = due.isoformat() if at % 2 else ""
            file.write(
                f"{prefix}R{at:07},{prefix}{at:07},{issued},{due},"
                f"{at % 900 + 1}.{at % 100:02},EUR,{'Yes' if at % 20 == 0 else 'No'},"
                f"{paid}\n"
            )
    return customers, invoices


def _import(customers: Path, invoices: Path, rows: int) -> None:
    for kind, path in (("customers", customers), ("invoices", invoices)):
        figures = import_file(
            kind=kind, path=path, profile=Profile.from_dict({}), today=TODAY
        )
        assert figures.new == rows, figures


def _row_by_row(customers: Path, invoices: Path) -> None:
    """Write the rows one at a time, as one would at first; nothing is checked."""
    with customers.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            _one_customer(row)
    with invoices.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            _one_invoice(row)


def _one_customer(row: dict[str, str]) -> None:
    customer, _ = Customer.objects.get_or_create(
        number=row["number"],
        defaults={
            "name": row["name"],
            "language": row["language"],
            "country": row["country"],
            "time_zone": row["time_zone"],
        },
    )
    for kind in ("email", "mobile"):
        ContactPoint.objects.get_or_create(
            customer=customer,
            kind=kind,
            value_index=index_of("customers_contactpoint.value", row[kind]),
            defaults={"value": row[kind]},
        )
    PostalAddress.objects.get_or_create(
        customer=customer,
        defaults={
            "line1": row["address_line1"],
            "city": row["city"],
            "postcode": row["postcode"],
            "country": row["country"],
        },
    )


def _one_invoice(row: dict[str, str]) -> None:
    Invoice.objects.get_or_create(
        number=row["number"],
        defaults={
            "customer": Customer.objects.get(number=row["customer"]),
            "issued_on": row["issued_on"],
            "due_on": row["due_on"],
            "currency": row["currency"],
            "amount": Decimal(row["amount"]),
            "open_amount": Decimal(row["amount"]),
        },
    )
