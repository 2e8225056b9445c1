"""Puts a letter's pages, its blank backs and its enclosures into one PDF.

Printed on both sides, a page with a slip to tear off has its own sheet: nothing of the
letter stands on its back, nor is it the back of anything. Enclosures begin on a sheet
of their own. A blank page is there only where a printed one follows.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from notices.render.errors import RenderError

_PDFUA = "{http://www.aiim.org/pdfua/ns/id/}part"


@dataclass(frozen=True, slots=True)
class Assembled:
    """A letter ready to be printed.

    ``pages`` counts printed pages, ``sheets`` leaves of paper; ``enclosed`` are the
    SHA-256 of the enclosures in hexadecimal, in their order.
    """

    body: bytes
    pages: int
    sheets: int
    enclosed: tuple[str, ...] = ()


def assemble(
    letter: bytes,
    *,
    pages: int,
    has_slip: bool,
    duplex: bool,
    enclosures: Sequence[bytes],
    number: str,
) -> Assembled:
    """Return the letter of so many ``pages`` with its enclosures behind it.

    ``has_slip`` says that the last page is to be torn. ``number`` is the customer's,
    for the message of an error.

    :raises RenderError: ``enclosure_faulty``.
    """
    blank_before = duplex and has_slip and pages % 2 == 0
    if not enclosures and not blank_before:
        return Assembled(letter, pages, -(-pages // 2) if duplex else pages)
    with pikepdf.open(io.BytesIO(letter)) as whole:
        size = tuple(whole.pages[0].mediabox)
        if blank_before:
            _add_blank(whole, size, pages - 1)
        printed = pages
        for position, enclosure in enumerate(enclosures, 1):
            # A sheet begins with an odd page.
            if duplex and len(whole.pages) % 2:
                _add_blank(whole, size, len(whole.pages))
            printed += _append(whole, enclosure, position, number)
        if enclosures:
            _claim_less(whole)
        out = io.BytesIO()
        whole.save(out, deterministic_id=True)
        leaves = len(whole.pages)
    return Assembled(
        body=out.getvalue(),
        pages=printed,
        sheets=-(-leaves // 2) if duplex else leaves,
        enclosed=tuple(hashlib.sha256(each).hexdigest() for each in enclosures),
    )


# One side of a sheet: a page of the letter (0, page), of an enclosure (its number from
# 1, page), or nothing.
Side = tuple[int, int]
EMPTY: Side = (-1, 0)


def sides(
    pages: int, *, has_slip: bool, duplex: bool, enclosures: Sequence[int] = ()
) -> tuple[Side, ...]:
    """Return what stands on each side of a letter's paper, in order.

    ``pages`` are the letter's own, ``enclosures`` how many pages each of them has. The
    same rules as :func:`assemble` keeps, for letters that go into one big file.
    """
    found: list[Side] = [(0, page) for page in range(pages)]
    if duplex and has_slip and pages % 2 == 0:
        found.insert(pages - 1, EMPTY)
    for number, count in enumerate(enclosures, 1):
        if duplex and len(found) % 2:
            found.append(EMPTY)
        found += [(number, page) for page in range(count)]
    return tuple(found)


def pages_in(enclosure: bytes, position: int, number: str) -> int:
    """Return how many pages an enclosure has.

    :raises RenderError: ``enclosure_faulty``.
    """
    with pikepdf.new() as nothing:
        return _append(nothing, enclosure, position, number)


def _add_blank(whole: pikepdf.Pdf, size: tuple[object, ...], at: int) -> None:
    blank = whole.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=pikepdf.Array(list(size)),
            Resources=pikepdf.Dictionary(),
        )
    )
    whole.pages.insert(at, pikepdf.Page(blank))


def _append(whole: pikepdf.Pdf, enclosure: bytes, position: int, number: str) -> int:
    """Append an enclosure's pages and return how many they are."""
    try:
        with plain(enclosure) as added:
            if not added.pages:
                raise RenderError("enclosure_faulty", "It has no pages.")
            whole.pages.extend(added.pages)
            return len(added.pages)
    except (pikepdf.PdfError, pikepdf.PasswordError, RenderError) as error:
        raise RenderError(
            "enclosure_faulty",
            f"Enclosure {position} of the letter to customer {number} cannot be "
            "printed: it is no whole, open PDF with pages. Upload it again.",
        ) from error


def plain(enclosure: bytes) -> pikepdf.Pdf:
    """Open an enclosure, its pages without what only its own file can explain."""
    added = pikepdf.open(io.BytesIO(enclosure))
    for page in added.pages:
        # Keys into a structure tree that stays behind, and actions.
        for key in ("/StructParents", "/AA", "/Annots"):
            if key in page.obj:
                del page.obj[key]
    return added


def _claim_less(whole: pikepdf.Pdf) -> None:
    """Take back the word that the whole file is PDF/UA: the enclosures are not ours."""
    with whole.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
        if _PDFUA in meta:
            del meta[_PDFUA]
