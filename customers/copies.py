"""Takes in the PDF copies of invoices: a folder of files named by invoice number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from customers.models import Invoice, InvoiceCopy
from customers.pdf import PdfError, check_pdf, safe_name

BATCH = 50


@dataclass(slots=True)
class CopiesTaken:
    """What became of a folder of copies: counts, and one sentence a file left out."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[str] = field(default_factory=list)


def take_copies(folder: Path) -> CopiesTaken:
    """Keep every ``<invoice number>.pdf`` of a folder with its invoice.

    The same file again is left as it is. A file that fits no invoice or is no sound
    PDF is named and left out; the others are kept.

    :raises NotADirectoryError: there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder.")
    taken = CopiesTaken()
    for paths in _batches(folder):
        invoices = {
            invoice.number: invoice
            for invoice in Invoice.objects.filter(
                number__in=[one.stem for one in paths]
            )
        }
        known = dict(
            InvoiceCopy.objects.filter(invoice__in=invoices.values()).values_list(
                "invoice_id", "sha256"
            )
        )
        for path in paths:
            invoice = invoices.get(path.stem)
            if invoice is None:
                taken.faults.append(f"{path.name}: there is no invoice {path.stem}.")
                continue
            _keep(path, invoice, known.get(invoice.pk), taken)
    return taken


def _batches(folder: Path) -> Iterator[list[Path]]:
    paths = sorted(one for one in folder.iterdir() if one.suffix.lower() == ".pdf")
    for start in range(0, len(paths), BATCH):
        yield paths[start : start + BATCH]


def _keep(
    path: Path, invoice: Invoice, known: bytes | memoryview | None, taken: CopiesTaken
) -> None:
    body = path.read_bytes()
    digest = hashlib.sha256(body).digest()
    if known is not None and bytes(known) == digest:
        taken.unchanged += 1
        return
    try:
        check_pdf(body, path.name)
    except PdfError as error:
        taken.faults.append(str(error))
        return
    InvoiceCopy.objects.update_or_create(
        invoice=invoice,
        defaults={
            "file_name": safe_name(path.name),
            "body": body,
            "size": len(body),
            "sha256": digest,
        },
    )
    if known is None:
        taken.new += 1
    else:
        taken.changed += 1
