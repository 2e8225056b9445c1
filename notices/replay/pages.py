"""Writes the operators of a page: what letters share, codes, and words."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from operator import itemgetter

from notices.render.qr import QUIET
from notices.render.symbols import symbol_class, version_for
from notices.replay.blocks import Mark
from notices.replay.parts import CodePlace
from notices.replay.shaping import Unprintable
from notices.replay.weasy import POINTS
from notices.replay.writing import number, place

# Of a stencil the zeros are painted.
_INVERTED = bytes(255 - byte for byte in range(256))


def code_operators(spot: CodePlace, payload: str) -> bytes:
    """Return what draws a code: a stencil of one bit a module, within its quiet zone.

    :raises Unprintable: it says more than the symbols here do.
    """
    message = payload.encode()
    version = version_for(len(message))
    if version is None:
        raise Unprintable(payload)
    symbol = symbol_class(version)
    wide = spot.width / (symbol.side + 2 * QUIET)
    high = spot.height / (symbol.side + 2 * QUIET)
    left, foot = spot.left + QUIET * wide, spot.top + (QUIET + symbol.side) * high
    head = (
        f"q {place(symbol.side * wide)} 0 0 {place(-symbol.side * high)} "
        f"{place(left)} {place(foot)} cm BI/W {symbol.side}/H {symbol.side}/IM true ID "
    )
    modules = symbol.bitmap(message).translate(_INVERTED)
    return b"%s%s\nEI Q" % (head.encode(), modules)


def page_content(
    height: float, drawn: Iterable[str], codes: Iterable[bytes], marks: Sequence[Mark]
) -> bytes:
    """Return a page, deflated: ``drawn`` are names of what letters share.

    ``height`` is in points; all else stands in CSS pixels, down from the upper left.
    """
    start = f"{POINTS} 0 0 -{POINTS} 0 {number(height)} cm"
    shared = "".join(f"/{name} Do " for name in drawn)
    out = [start.encode(), shared.encode(), *codes, words(marks)]
    # The best effort takes twice the time and saves a thousandth.
    return zlib.compress(b"\n".join(out), 6)


# Words lie beside one another, so that their order is not seen.
_STYLE = itemgetter(0, 1)


def words(marks: Sequence[Mark]) -> bytes:
    """Return the operators of words; those of one style stand behind one another."""
    if not marks:
        return b""
    out = ["BT"]
    colour = font = ""
    for mark in sorted(marks, key=_STYLE):
        if mark.colour != colour:
            colour = mark.colour
            out.append(colour)
        if mark.font != font:
            font = mark.font
            out.append(font)
        out.append(mark.operators)
    out.append("ET")
    return "\n".join(out).encode()
