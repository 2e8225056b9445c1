"""A letter as pictures, page by page, for reading on a screen.

PDFium may be used by one thread at a time only, hence the lock.
"""

from __future__ import annotations

import io
from threading import Lock

import pypdfium2

# 108 dots an inch: an A4 page of 893 by 1263, sharp enough to read.
SCALE = 1.5

_one_at_a_time = Lock()


def count(pdf: bytes) -> int:
    """Return the number of pages."""
    with _one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def picture(pdf: bytes, number: int) -> bytes | None:
    """Return page ``number`` (from 1) as PNG, None when there is no such page."""
    with _one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= number <= len(document):
            return None
        image = document[number - 1].render(scale=SCALE).to_pil()
    held = io.BytesIO()
    image.save(held, "PNG", optimize=False)
    return held.getvalue()
