"""Writes the operators of a page: what letters share, codes, and words."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

from notices.render.qr import QUIET
from notices.render.symbols import LARGEST_VERSION, symbol_class, version_for
from notices.replay.blocks import Mark
from notices.replay.prototype import CodePlace
from notices.replay.shaping import Unprintable, number
from notices.replay.weasy import POINTS


class Page:
    """The operators of one page, written from its upper left corner in pixels."""

    def __init__(self, height: float) -> None:
        self._out = [f"1 0 0 -1 0 {number(height)} cm"]
        self._colour = self._font = ""
        self._in_text = False

    def draw(self, name: str) -> None:
        """Draw what all letters share."""
        self._out.append(f"/{name} Do {POINTS} 0 0 {POINTS} 0 0 cm")

    def code(self, place: CodePlace, payload: str) -> None:
        """Draw a code with its quiet zone as the full way draws it.

        :raises Unprintable: it says more than the symbols here do.
        """
        side, paths = code_paths(payload)
        scale = f"{number(place.width / side)} 0 0 {number(place.height / side)}"
        self._out.append(f"q {scale} {number(place.left)} {number(place.top)} cm 0 g")
        self._out += paths
        self._out.append("f Q")

    def write(self, mark: Mark) -> None:
        """Write words."""
        out = self._out
        if not self._in_text:
            out.append("BT")
            self._in_text = True
        if mark.colour != self._colour:
            self._colour = mark.colour
            out.append(mark.colour)
        if mark.font != self._font:
            self._font = mark.font
            out.append(mark.font)
        out.append(mark.operators)

    def deflated(self) -> bytes:
        """Return the page, as a file holds it."""
        if self._in_text:
            self._out.append("ET")
        return zlib.compress("\n".join(self._out).encode(), 6)


def code_paths(payload: str) -> tuple[int, list[str]]:
    """Return the modules across a code, and a rectangle for each run of dark ones.

    :raises Unprintable: it says more than the symbols here do.
    """
    message = payload.encode()
    version = version_for(len(message))
    if version is None:
        raise Unprintable(payload)
    found = symbol_class(version)
    bits = int.from_bytes(found.bitmap(message), "big")
    # Rows are padded with light modules, so that no run reaches into the next one.
    modules = f"{bits:0{found.side * found.stride * 8}b}"
    starts, ends = _edges(version)
    side = found.side + 2 * QUIET
    return side, [
        starts[run.start()] + ends[run.end() - run.start()]
        for run in _DARK.finditer(modules)
    ]


_DARK = re.compile("1+")


@lru_cache(maxsize=LARGEST_VERSION)
def _edges(version: int) -> tuple[list[str], list[str]]:
    """Return what a rectangle begins with at each module, and ends with by length."""
    found = symbol_class(version)
    width = found.stride * 8
    starts = [
        f"{at % width + QUIET} {at // width + QUIET} "
        for at in range(width * found.side)
    ]
    return starts, [f"{length} 1 re" for length in range(found.side + 1)]
