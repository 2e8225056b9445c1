"""Looks at a PDF somebody gives us before it is kept: whole, readable and not too big.

Nothing in it is run or followed. Knows of no table.
"""

from __future__ import annotations

import io
import re

import pikepdf

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 200
_NAME = re.compile(r"[^\w .()-]+")


class PdfError(ValueError):
    """A file that cannot be kept as a PDF; the sentence says why."""


def check_size(size: int, name: str) -> None:
    """Return when a file of so many bytes may be looked at: asked before it is read.

    :raises PdfError: it is too big.
    """
    if size > MOST_BYTES:
        raise PdfError(f"{name} is larger than {MOST_BYTES // 1024 // 1024} MB.")


def check_pdf(body: bytes, name: str) -> int:
    """Return how many pages the PDF has.

    :raises PdfError: it is too big, no PDF, damaged, locked or has too many pages.
    """
    check_size(len(body), name)
    if not body.startswith(b"%PDF-"):
        raise PdfError(f"{name} is not a PDF file.")
    try:
        with pikepdf.open(io.BytesIO(body)) as document:
            pages = len(document.pages)
            locked = document.is_encrypted
    except pikepdf.PasswordError:
        raise PdfError(f"{name} is locked with a password.") from None
    except pikepdf.PdfError:
        raise PdfError(f"{name} is damaged and cannot be read.") from None
    if locked:
        raise PdfError(f"{name} is locked against printing or copying.")
    if not 1 <= pages <= MOST_PAGES:
        raise PdfError(f"{name} has {pages} pages; 1 to {MOST_PAGES} can be kept.")
    return pages


def safe_name(name: str) -> str:
    """Return the file name with plain signs only, as it may stand in a header."""
    return _NAME.sub("-", name).strip(" .-")[:120] or "document.pdf"
