"""Shapes words by the calls that WeasyPrint itself draws them with."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from weasyprint.pdf.stream import Stream
from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, line_size

from notices.replay.ink import Fonts, no_resources, shared_font
from notices.replay.weasy import Style

UNIT: float = FROM_UNITS  # of Pango, in CSS pixels

# Of a Pango glyph: its number, its width, its offsets to the right and down.
_GLYPH = struct.Struct("<Iiii4x")
_GLYPH_SIZE = 20
_NO_GLYPH = 0x0FFFFFFF
_UNKNOWN = 0x10000000


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
            self._fonts, (0, 0, 1, 1), no_resources(), {}, None, {}, None
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
