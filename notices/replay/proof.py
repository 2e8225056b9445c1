"""Says whether two PDFs are the same on paper: pages, words and pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image, ImageChops

DPI = 150
# On a page: pixels that may differ at all, and by how much of 255.
MOST_PIXELS = 2
MOST_GREY = 17


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
            pixels, grey = _off(_picture(one), _picture(other))
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


def _picture(page: Any) -> Image.Image:
    picture: Image.Image = page.render(scale=DPI / 72, grayscale=True).to_pil()
    return picture


def _off(one: Image.Image, other: Image.Image) -> tuple[int, int]:
    """Return how many pixels differ, and by how much at most."""
    counts = ImageChops.difference(one, other).histogram()
    off = sum(counts[1:])
    return off, max((grey for grey, count in enumerate(counts) if count), default=0)
