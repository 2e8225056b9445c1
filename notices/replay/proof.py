"""Says whether two PDFs are the same on paper: pages, words, pictures and codes.

A code is drawn as lines by the full way and as a stencil by replay, so that its edges
come out by a fraction of a pixel otherwise. Both are compared module by module, and the
pictures around them as strictly as all else.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

DPI = 150
# On a page: pixels that may differ at all, and by how much of 255.
MOST_PIXELS = 2
MOST_GREY = 17
# Of a code: pixels a module when it is compared, and how black and white it has to be.
SHARP = 8
DARK, LIGHT = 64, 191


@dataclass(frozen=True, slots=True)
class Difference:
    """How two PDFs differ, in words for a log; empty when they do not."""

    what: str

    def __bool__(self) -> bool:
        return bool(self.what)


SAME = Difference("")


def compared(expected: bytes, found: bytes) -> Difference:
    """Return how two PDFs differ on paper.

    Words are compared whatever their order: on paper they are where the pictures show
    them, and nobody copies from a print run.
    """
    with (
        pypdfium2.PdfDocument(io.BytesIO(expected)) as ours,
        pypdfium2.PdfDocument(io.BytesIO(found)) as theirs,
    ):
        if len(ours) != len(theirs):
            return Difference(f"{len(ours)} pages against {len(theirs)}")
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True), 1):
            if one.get_size() != other.get_size():
                return Difference(f"page {number}: another size")
            if _words(one) != _words(other):
                return Difference(f"page {number}: other words")
            codes = _stencils(other)
            for code in codes:
                seen = _modules(one, code)
                if None in seen or seen != _modules(other, code):
                    return Difference(f"page {number}: a code says something else")
            pixels, grey = _off(_picture(one, codes), _picture(other, codes))
            if pixels > MOST_PIXELS or grey > MOST_GREY:
                return Difference(
                    f"page {number}: {pixels} pixels are off, by up to {grey}"
                )
    return SAME


def _words(page: Any) -> list[str]:
    text = page.get_textpage()
    try:
        return sorted(text.get_text_bounded().split())
    finally:
        text.close()


@dataclass(frozen=True, slots=True)
class _Stencil:
    """A code on a page: its modules, and its edges in points from the lower left."""

    side: int
    left: float
    bottom: float
    right: float
    top: float


def _stencils(page: Any) -> list[_Stencil]:
    """Return the codes that a page draws with one bit a module."""
    found = []
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        width, height = each.get_px_size()
        if each.get_metadata().bits_per_pixel == 1 and width == height:
            found.append(_Stencil(width, *each.get_bounds()))
    return found


def _modules(page: Any, code: _Stencil) -> list[bool | None]:
    """Return whether each module is dark at its middle; None where that is unclear."""
    scale = SHARP * code.side / (code.right - code.left)
    width, height = page.get_size()
    crop = (code.left, code.bottom, width - code.right, height - code.top)
    picture = page.render(scale=scale, crop=crop, grayscale=True).to_pil()
    # A page is as many whole pixels wide as hold it, and so is what is cut off.
    across, down = (
        math.ceil(width * scale) / width,
        math.ceil(height * scale) / height,
    )
    left, top = math.ceil(crop[0] * scale), math.ceil(crop[3] * scale)
    step = (code.right - code.left) / code.side
    found: list[bool | None] = []
    for row in range(code.side):
        y = (height - code.top + (row + 0.5) * step) * down - top
        for column in range(code.side):
            x = (code.left + (column + 0.5) * step) * across - left
            grey = picture.getpixel((int(x), int(y)))
            found.append(True if grey < DARK else False if grey > LIGHT else None)
    return found


def _picture(page: Any, codes: Sequence[_Stencil]) -> Image.Image:
    """Return a page in grey, blank where its codes are."""
    picture: Image.Image = page.render(scale=DPI / 72, grayscale=True).to_pil()
    width, height = page.get_size()
    across, down = picture.width / width, picture.height / height
    for code in codes:
        edges = (
            int(code.left * across) - 1,
            int((height - code.top) * down) - 1,
            math.ceil(code.right * across),
            math.ceil((height - code.bottom) * down),
        )
        ImageDraw.Draw(picture).rectangle(edges, fill=255)
    return picture


def _off(one: Image.Image, other: Image.Image) -> tuple[int, int]:
    """Return how many pixels differ, and by how much at most."""
    counts = ImageChops.difference(one, other).histogram()
    off = sum(counts[1:])
    return off, max((grey for grey, count in enumerate(counts) if count), default=0)
