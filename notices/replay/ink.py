"""What WeasyPrint draws of boxes, and what a file needs for it: fonts and pictures."""

from __future__ import annotations

import copy
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydyf
import uharfbuzz
from weasyprint import DEFAULT_OPTIONS
from weasyprint.document import Page
from weasyprint.draw import draw_page, draw_stacking_context
from weasyprint.pdf.fonts import build_fonts_dictionary
from weasyprint.pdf.stream import Stream
from weasyprint.stacking import StackingContext

from notices.replay.weasy import Box

Fonts = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Used:
    """What is used of a font: the text behind glyphs, and their widths."""

    font: Any
    glyphs: dict[int, str]
    widths: Mapping[int, int]


@dataclass(slots=True)
class Painted:
    """What was drawn, deflated, and all it needs: fonts, pictures, states.

    Lengths are CSS pixels, down from the upper left corner of the page. ``name`` is
    another one for whatever looks otherwise.
    """

    name: str
    content: bytes
    fonts: list[Used]
    images: dict[str, Any]
    resources: Mapping[str, Mapping[str, Any]]
    is_empty: bool

    @property
    def is_simple(self) -> bool:
        """Whether it can be put into any number of files."""
        groups = self.resources["Pattern"] or self.resources["Shading"]
        pictures = self.resources["XObject"].values()
        states = self.resources["ExtGState"].values()
        return not (
            groups
            or any(each is not None for each in pictures)
            or any("SMask" in each for each in states)
        )


def painted(page: Page) -> Painted:
    """Return what one page looks like."""
    return _painted(page, lambda stream: draw_page(page._page_box, stream))


def painted_alone(page: Page, box: Box) -> Painted:
    """Return what one placed box of a page looks like, without the page around it."""
    context = StackingContext.from_box(box, page._page_box)
    return _painted(page, lambda stream: draw_stacking_context(stream, context))


def _painted(page: Page, draw: Callable[[Stream], None]) -> Painted:
    fonts: Fonts = {}
    images: dict[str, Any] = {}
    resources = no_resources()
    edges = (0, 0, page.width, page.height)
    stream = Stream(fonts, edges, resources, images, None, {}, None, compress=True)
    draw(stream)
    operators = b"\n".join(
        each if isinstance(each, bytes) else str(each).encode()
        for each in stream.stream
    )
    return Painted(
        name="P" + hashlib.sha256(operators).hexdigest()[:12],
        content=zlib.compress(operators, 9),
        fonts=[
            Used(shared_font(font), font.to_unicode, font.widths)
            for font in fonts.values()
        ],
        images=images,
        resources=resources,
        # Saved and restored states draw nothing.
        is_empty=not operators.strip(b"qQ\n"),
    )


def shared_font(font: Any) -> Any:
    """Return the one object of this process for a font: each holds the whole file."""
    return _FONTS.setdefault(font.hash, font)


# By name; a process has a handful of fonts.
_FONTS: Fonts = {}


def no_resources() -> pydyf.Dictionary:
    kinds = ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")
    return pydyf.Dictionary({kind: pydyf.Dictionary() for kind in kinds})


def add_pictures(
    pdf: pydyf.PDF, drawn: Painted, added: dict[str, bytes]
) -> dict[str, bytes]:
    """Add the pictures of something drawn to a file; return their references.

    ``added`` are those that the file has already.
    """
    found = {}
    for name in drawn.resources["XObject"]:
        if name not in added:
            data = drawn.images[name]
            picture = data["image"].get_x_object(
                data["interpolate"], max(data["dpi_ratios"])
            )
            mask = picture.extra.get("SMask")
            if mask is not None:
                pdf.add_object(mask)
                picture.extra["SMask"] = mask.reference
            pdf.add_object(picture)
            added[name] = picture.reference
        found[name] = added[name]
    return found


def add_fonts(pdf: pydyf.PDF, fonts: Sequence[Used]) -> pydyf.Dictionary:
    """Add the used part of each font to a file; return the dictionary of fonts."""
    named = {}
    for number, used in enumerate(fonts):
        # Writing a font cuts it down to its glyphs; the next file needs it whole.
        font = named[number] = copy.copy(used.font)
        font.to_unicode, font.widths = dict(used.glyphs), dict(used.widths)
        font.missing = {}
        # Rounded from the size it was met in first; a file is to be always the same.
        font.ascent, font.descent = _heights(font)
    return build_fonts_dictionary(pdf, named, True, True, {**DEFAULT_OPTIONS})


def _heights(font: Any) -> tuple[int, int]:
    """Return how far a font reaches up and down, in thousandths of its size."""
    face = uharfbuzz.Face(uharfbuzz.Blob(font.file_content), font.index)
    reach = uharfbuzz.Font(face).get_font_extents("ltr")
    return round(reach.ascender * 1000 / face.upem), round(
        reach.descender * 1000 / face.upem
    )
