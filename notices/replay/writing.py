"""Writes glyphs and numbers as WeasyPrint writes them into a PDF."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache

from notices.replay.pen import UNIT


def written(
    pieces: list[tuple[int, int, int]],
    widths: Mapping[int, int],
    size: float,
) -> str:
    """Return the operators that show glyphs as WeasyPrint shows them.

    ``pieces`` are a glyph's number, and its advance and its shift in Pango's units.
    """
    shown = [written_glyph(*piece, widths, size) for piece in pieces]
    return f"[<{''.join(shown)}>]TJ".replace("<>", "")


def written_glyph(
    glyph: int, advance: int, right: int, widths: Mapping[int, int], size: float
) -> str:
    """Return the operators of one glyph."""
    shift = right / size
    shown = f">{-shift}<{glyph:04x}" if shift else f"{glyph:04x}"
    kerning = int(widths[glyph] + shift - advance * 1000 * UNIT / size)
    return f"{shown}>{kerning}<" if kerning else shown


def number(value: float) -> str:
    """Return a number as a PDF has it."""
    text = f"{value:.6f}".rstrip("0")
    return text[:-1] if text[-1] == "." else text


@lru_cache(maxsize=8_192)
def place(value: float) -> str:
    """Return where something stands, in as few digits as say it exactly.

    Whoever draws a PDF computes with single precision, which tells apart some seven
    digits; WeasyPrint writes up to nine.
    """
    exact = number(value)
    single = _single(float(exact))
    for digits in range(2, 6):
        shorter = number(round(value, digits))
        if _single(float(shorter)) == single:
            return shorter
    return exact


_FLOAT = struct.Struct("f")


def _single(value: float) -> bytes:
    return _FLOAT.pack(value)
