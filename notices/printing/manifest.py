"""What goes with the files of a run: every letter with where it stands, as CSV or JSON.

For the mail house or the colleague at the folding machine: how many letters there are,
in which order, on how many sheets, to whom. Both forms have the same rows.

``pages`` are printed, ``blank_pages`` are not: a letter takes both together in its
file, from ``first_page`` on, and two for each of its sheets where they are printed on
both sides. ``country`` is that of the address, by its two letters (ISO 3166).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from customers.imports.formulas import neutralise
from notices.models import PrintItem, PrintRun

COLUMNS = (
    "sequence",
    "reference",
    "customer",
    "pages",
    "blank_pages",
    "sheets",
    "address",
    "country",
    "sha256",
    "file",
    "first_page",
)


def rows(run: PrintRun) -> Iterator[dict[str, Any]]:
    """Yield the printed letters of a run in the order of their sequence."""
    items = (
        PrintItem.objects.filter(run=run, state=PrintItem.State.PRINTED)
        .select_related("notice__customer", "file")
        .defer("file__body")
        .order_by("sequence")
    )
    for item in items.iterator(chunk_size=2000):
        assert item.file is not None  # noqa: S101  (a CHECK constraint says so)
        yield {
            "sequence": item.sequence,
            "reference": item.notice.reference,
            "customer": item.notice.customer.number,
            "pages": item.pages - item.blanks,
            "blank_pages": _blanks(run, item),
            "sheets": item.sheets,
            "address": item.address.split("\n"),
            "country": item.country,
            "sha256": bytes(item.sha256).hex(),
            "file": item.file.name,
            "first_page": item.first_page,
        }


def _blanks(run: PrintRun, item: PrintItem) -> int:
    """Return how many empty pages a letter has in its file, its last back included."""
    if not run.duplex:
        return 0
    return item.sheets * 2 - (item.pages - item.blanks)


def as_csv(run: PrintRun) -> bytes:
    """Return the manifest as CSV that spreadsheets open; no cell runs as a formula."""
    held = io.StringIO()
    writer = csv.DictWriter(held, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows(run):
        address = "\n".join(row["address"])
        writer.writerow(
            row
            | {
                "customer": neutralise(row["customer"]),
                "address": neutralise(address),
            }
        )
    return b"\xef\xbb\xbf" + held.getvalue().encode()


def as_json(run: PrintRun) -> bytes:
    """Return the manifest as JSON, with the files and their SHA-256."""
    files = run.files.defer("body")
    manifest = {
        "run": run.name,
        "channel": run.channel,
        "duplex": run.duplex,
        "letters": run.letters,
        "pages": run.pages,
        "blank_pages": run.blanks,
        "sheets": run.sheets,
        "files": [
            {
                "name": one.name,
                "weight_class": one.part,
                "letters": one.letters,
                "pages": one.pages,
                "sheets": one.sheets,
                "bytes": one.size,
                "sha256": bytes(one.sha256).hex(),
            }
            for one in files
        ],
        "items": list(rows(run)),
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n"
