"""Draws QR codes as one vector path: sharp at any size, the same for the same words.

Codes for links keep their quiet zone of four modules inside
the picture; the Swiss one has its cross and leaves the quiet zone to the page.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from notices.render.symbols import symbol_rows

QUIET = 4  # modules of white that a scanner needs around a symbol
SWISS_SIDE = 46.0  # millimetres, without quiet zone
_CROSS_SIDE = 7.0


def picture(payload: str) -> str:
    """Return a code with its quiet zone as a data: URL of an SVG."""
    rows = symbol_rows(payload)
    side = len(rows) + 2 * QUIET
    path = f'<path d="{_path(rows, QUIET)}"/>'
    return _as_url(f'viewBox="0 0 {side} {side}"', path)


def swiss_picture(payload: str) -> str:
    """Return a Swiss code with the cross in its middle as a data: URL of an SVG."""
    rows = symbol_rows(payload)
    side = len(rows)
    scale = side / SWISS_SIDE
    # The cross as the style guide draws it, on a grid of 19.8.
    middle = (SWISS_SIDE - _CROSS_SIDE) / 2 * scale
    unit = _CROSS_SIDE * scale / 19.8
    cross = (
        f'<g transform="translate({middle:.4f} {middle:.4f}) scale({unit:.5f})">'
        '<path fill="#fff" d="M0 0h19.8v19.8H0z"/>'
        '<path d="M1.4 1.4h17v17H1.4z"/>'
        '<path fill="#fff" d="M8.3 4h3.3v11H8.3z"/>'
        '<path fill="#fff" d="M4.4 7.9h11v3.3h-11z"/></g>'
    )
    path = f'<path d="{_path(rows, 0)}"/>{cross}'
    return _as_url(f'viewBox="0 0 {side} {side}"', path)


@lru_cache(maxsize=8)
def corners(width: int, height: int) -> str:
    """Return the corners of a field to write in, in millimetres, as a data: URL."""
    wide, high = width - 0.15, height - 0.15
    path = (
        f"M.15 2V.15h3M{wide - 3} .15H{wide}V2M{wide} {high - 2}V{high}h-3"
        f"M3.15 {high}H.15V{high - 2}"
    )
    drawing = f'<path d="{path}" fill="none" stroke="#000" stroke-width=".26"/>'
    return _as_url(f'viewBox="0 0 {width} {height}"', drawing)


def _path(rows: tuple[bytes, ...], offset: int) -> str:
    """Return the dark modules as rectangles, one for each run of a row."""
    parts: list[str] = []
    for top, row in enumerate(rows, offset):
        left = 0
        while (left := row.find(1, left)) >= 0:
            end = row.find(0, left)
            end = len(row) if end < 0 else end
            parts.append(f"M{left + offset} {top}h{end - left}v1h{left - end}z")
            left = end
    return "".join(parts)


def _as_url(box: str, drawing: str) -> str:
    source = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{drawing}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(source.encode()).decode()
