"""Takes a file that a stranger sends with an answer: a photo or a PDF, and no more.

Pictures are drawn anew, so that neither their makers' tricks nor the place where they
were taken survive; a PDF is only looked at, and never opened in our pages.
"""

from __future__ import annotations

from customers.pdf import PdfError, check_pdf, safe_name
from notices.answers import File
from notices.logo import LogoError, is_picture, redrawn

MOST_BYTES = 8 * 1024 * 1024
# A page of paper stays readable.
LONGEST_SIDE = 2000
PDF, JPEG = "application/pdf", "image/jpeg"


class ProofError(ValueError):
    """A file that is not kept; ``code`` is ``too_large``, ``other_kind`` or ``broken``,
    a key of the words of answers."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_size(size: int) -> None:
    """Return when so many bytes may be looked at: asked before they are read.

    :raises ProofError: ``too_large``.
    """
    if size > MOST_BYTES:
        raise ProofError("too_large")


def proof_of(name: str, body: bytes) -> File:
    """Return the file as it is kept, whatever its name says it is.

    :raises ProofError: as its ``code`` says.
    """
    check_size(len(body))
    plain = safe_name(name)
    if is_picture(body):
        stem = plain.rpartition(".")[0] or plain
        try:
            return File(f"{stem}.jpg", JPEG, redrawn(body, LONGEST_SIDE, "JPEG"))
        except LogoError as error:
            raise ProofError("broken") from error
    if not body.startswith(b"%PDF-"):
        raise ProofError("other_kind")
    try:
        check_pdf(body, plain)
    except PdfError as error:
        raise ProofError("broken") from error
    return File(plain, PDF, body)
