"""Every call of WeasyPrint's own inside that replay makes, in one place.

Proven with WeasyPrint 70 alone: with another one :func:`is_known` is false and replay
stays off. tests/notices/test_replay_weasy.py holds each of these calls to its contract.
"""

from __future__ import annotations

import copy
import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pydyf
import uharfbuzz
import weasyprint
from weasyprint import CSS, DEFAULT_OPTIONS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document, Page
from weasyprint.formatting_structure import boxes
from weasyprint.formatting_structure.build import build_formatting_structure
from weasyprint.layout import layout_document
from weasyprint.layout.inline import iter_line_boxes
from weasyprint.pdf.fonts import build_fonts_dictionary
from weasyprint.pdf.stream import Stream
from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import Layout, line_size
from weasyprint.urls import URLFetcher

KNOWN_MAJOR = "70"
UNIT: float = FROM_UNITS  # of Pango, in CSS pixels
POINTS = 0.75  # in a CSS pixel

Box = Any
Style = Any
Fonts = dict[Any, Any]

# Of a Pango glyph: its number, its width, its offsets to the right and down.
_GLYPH = struct.Struct("<Iiii4x")
_GLYPH_SIZE = 20
_NO_GLYPH = 0x0FFFFFFF
_UNKNOWN = 0x10000000


def is_known() -> bool:
    """Whether this is the WeasyPrint that replay was proven with."""
    return str(weasyprint.__version__).split(".")[0] == KNOWN_MAJOR


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page is laid out with, alike for all letters of a stationery."""

    fonts: FontConfiguration
    styles: Sequence[CSS]
    fetcher: URLFetcher


@dataclass(slots=True)
class Tree:
    """The boxes of one page before its layout; ``lines`` hold unbroken text."""

    root: Box
    html: HTML
    context: Any

    def boxes(self) -> Iterator[Box]:
        """Return every box, parents before their children."""
        return walk(self.root)

    def laid_out(self) -> list[Page]:
        """Return the pages; attributes set on a box stand on its pieces too."""
        return [
            Page(box) for box in layout_document(self.html, self.root, self.context)
        ]

    def break_again(self, line: Box, container: Box) -> list[Box]:
        """Return the lines that an unbroken line makes in its laid-out container."""
        context = self.context
        context.create_block_formatting_context()
        top = container.content_box_y()
        found = iter_line_boxes(
            context, line, top, -inf, None, container, [], [], None, None
        )
        lines = [each for each, _ in found]
        context.finish_block_formatting_context()
        return lines


def tree_of(html: str, setting: Setting) -> Tree:
    """Return the boxes that a page makes, not laid out yet."""
    page = HTML(string=html, url_fetcher=setting.fetcher)
    counters = CounterStyle()
    options = {**DEFAULT_OPTIONS, "stylesheets": list(setting.styles), "cache": {}}
    context = Document._build_layout_context(page, setting.fonts, counters, {}, options)
    root = build_formatting_structure(
        page.etree_element,
        context.style_for,
        context.get_image_from_uri,
        page.base_url,
        context.target_collector,
        counters,
        context.footnotes,
    )
    return Tree(root, page, context)


def walk(box: Box) -> Iterator[Box]:
    """Return a box and all in it; what is placed absolutely hides behind a proxy."""
    box = box.__dict__.get("_box", box)
    yield box
    if isinstance(box, boxes.ParentBox):
        for child in box.all_children():
            yield from walk(child)


def ancestry(box: Box, above: tuple[Box, ...] = ()) -> Iterator[tuple[Box, ...]]:
    """Return the path to each box, the outermost first and the box itself last."""
    box = box.__dict__.get("_box", box)
    path = (*above, box)
    yield path
    if isinstance(box, boxes.ParentBox):
        for child in box.all_children():
            yield from ancestry(child, path)


def is_text(box: Box) -> bool:
    """Whether a box is words."""
    return isinstance(box, boxes.TextBox)


def is_line(box: Box) -> bool:
    """Whether a box is a line, or before the layout all words of a block."""
    return isinstance(box, boxes.LineBox)


def is_inline(box: Box) -> bool:
    """Whether a box is inline and holds others, and is no block of its own."""
    return isinstance(box, boxes.InlineBox)


def texts_of(line: Box) -> list[Box]:
    """Return the words of a line in their order."""
    found: list[Box] = []
    for child in line.children:
        if is_text(child):
            found.append(child)
        elif is_inline(child):
            found += texts_of(child)
    return found


def is_picture(box: Box) -> bool:
    """Whether a box is a picture."""
    return isinstance(box, boxes.ReplacedBox)


def is_margin(box: Box) -> bool:
    """Whether a box stands in the margin of a page."""
    return isinstance(box, boxes.MarginBox)


def is_table(box: Box) -> bool:
    """Whether a box is a table without its captions."""
    return isinstance(box, boxes.TableBox)


def shrinks(box: Box) -> bool:
    """Whether the width of a box may come from the words in it."""
    wraps = isinstance(box, boxes.FlexContainerBox | boxes.GridContainerBox)
    alone = box.is_floated() or box.is_absolutely_positioned()
    inline = isinstance(box, boxes.InlineBlockBox)
    return wraps or ((alone or inline) and box.style["width"] == "auto")


@dataclass(frozen=True, slots=True)
class Used:
    """What is used of a font: the text behind glyphs, and their widths."""

    font: Any
    glyphs: dict[int, str]
    widths: Mapping[int, int]


@dataclass(slots=True)
class Painted:
    """What was drawn, deflated, and all it needs: fonts, pictures, states.

    ``name`` is another one for whatever looks otherwise.
    """

    name: str
    content: bytes
    fonts: list[Used]
    images: dict[str, Any]
    resources: Mapping[str, Mapping[str, Any]]

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
    """Return what one page looks like, from its upper left corner in points."""
    fonts: Fonts = {}
    images: dict[str, Any] = {}
    resources = _resources()
    stream = Stream(
        fonts,
        (0, 0, page.width, page.height),
        resources,
        images,
        None,
        {},
        None,
        compress=True,
    )
    page.paint(stream, POINTS)
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
    )


def shared_font(font: Any) -> Any:
    """Return the one object of this process for a font: each holds the whole file."""
    return _FONTS.setdefault(font.hash, font)


# By name; a process has a handful of fonts.
_FONTS: Fonts = {}


def _resources() -> pydyf.Dictionary:
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


@dataclass(slots=True)
class Run:
    """Words shaped in one font: ``glyphs`` are number, width, shift, and text."""

    font: Any
    size: float
    glyphs: list[tuple[int, int, int, str]] = field(default_factory=list)


class Unshaped(Exception):
    """Words that need more than plain glyphs on one line."""


class Pen:
    """Shapes words in one style by the calls that WeasyPrint itself draws with."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._layout = Layout(style)
        self._fonts: Fonts = {}
        self._stream = Stream(
            self._fonts, (0, 0, 1, 1), _resources(), {}, None, {}, None
        )
        pango.pango_layout_set_single_paragraph_mode(self._layout.layout, True)

    def shape(self, text: str) -> tuple[float, list[Run]]:
        """Return the width in CSS pixels, and the runs, of words on one line.

        :raises Unshaped: a sign that no font has, raised glyphs, a line break.
        """
        self._layout.set_text(text)
        line, more = self._layout.get_first_line()
        if more is not None:
            raise Unshaped
        width, _ = line_size(line, self._style)
        raw = self._layout.text.encode()
        runs = []
        item = line.runs[0]
        while item != ffi.NULL:
            runs.append(self._run(item.data, raw))
            item = item.next
        return float(width), runs

    def _run(self, item: Any, raw: bytes) -> Run:
        if item.item.analysis.level % 2:
            raise Unshaped
        own, size = self._stream.add_font(item.item.analysis.font)
        font = shared_font(own)
        if font.png or font.svg or font.colr or font.bitmap:
            raise Unshaped
        run = Run(font, size)
        string, start = item.glyphs, item.item.offset
        count, ends = string.num_glyphs, string.log_clusters
        raw_glyphs = ffi.buffer(string.glyphs, _GLYPH_SIZE * count)
        for at, (glyph, width, right, down) in enumerate(
            _GLYPH.iter_unpack(raw_glyphs)
        ):
            if glyph & _UNKNOWN or glyph == _NO_GLYPH or down:
                raise Unshaped
            end = item.item.length if at == count - 1 else ends[at + 1]
            text = raw[start + ends[at] : start + end].decode()
            if glyph not in font.widths:
                font.widths[glyph] = self._width(item, glyph, size)
            run.glyphs.append((glyph, width, right, text))
        return run

    def _width(self, item: Any, glyph: int, size: float) -> int:
        """Return the width of a glyph itself, in thousandths of its size."""
        stream = self._stream
        pango.pango_font_get_glyph_extents(
            item.item.analysis.font, glyph, stream.ink_rect, stream.logical_rect
        )
        width: float = stream.logical_rect.width * 1000 * FROM_UNITS / size
        return round(width)
