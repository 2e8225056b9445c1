"""Takes the letters of somebody who is erased out of the files they were printed from.

Their pages become empty ones, so that every other letter of the file stays where its
row says it stands, with the fingerprint it had.
"""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence

import pikepdf
from django.db import connection, transaction
from django.db.models import QuerySet

from notices.models import PrintFile, PrintItem


@transaction.atomic
def blank_letters(items: QuerySet[PrintItem]) -> int:
    """Empty the pages of these letters in their files; return how many files changed.

    A file is read and written whole; an archive of some thousand letters takes a
    second and the memory of one file.
    """
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for item in items.filter(file__isnull=False).order_by("file", "first_page"):
        # Without address and place it was emptied before.
        is_full = bool(item.address or item.place)
        if is_full and item.file_id is not None and item.first_page is not None:
            places[item.file_id].append((item.first_page, item.pages))
    changed = 0
    for pk, letters in sorted(places.items()):
        file = PrintFile.objects.select_for_update().get(pk=pk)
        body = without(bytes(file.body), letters)
        if body is not None:
            _rewrite(file, body)
            changed += 1
    return changed


def without(pdf: bytes, letters: Sequence[tuple[int, int]]) -> bytes | None:
    """Return a file with these letters' pages empty, each given by its first page from
    1 and its number of pages; None where they are empty already."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        numbers = [
            first - 1 + page for first, number in letters for page in range(number)
        ]
        if not _emptied(document, numbers):
            return None
        # What readers are told of pictures and tables names people too; paper does
        # without it.
        for name in ("/StructTreeRoot", "/MarkInfo", "/Outlines", "/Names"):
            if name in document.Root:
                del document.Root[name]
        held = io.BytesIO()
        document.save(held, deterministic_id=True)
    return held.getvalue()


def _emptied(document: pikepdf.Pdf, numbers: Iterable[int]) -> bool:
    changed = False
    for number in numbers:
        page = document.pages[number].obj
        if set(page.keys()) & {"/Contents", "/Annots"}:
            changed = True
        for name in list(page.keys()):
            if name not in {"/Type", "/Parent", "/MediaBox", "/Rotate"}:
                del page[name]
        page["/Resources"] = pikepdf.Dictionary()
    return changed


def _rewrite(file: PrintFile, body: bytes) -> None:
    """Store a file anew; its trigger lets that happen for an erasure alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('duly.erasing', 'on', true)")
    file.body = body
    file.size = len(body)
    file.sha256 = hashlib.sha256(body).digest()
    file.save(update_fields=["body", "size", "sha256"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('duly.erasing', '', true)")
