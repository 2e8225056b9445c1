"""Sets letters by replaying the layout of the first of their shape.

A shape that was not seen before is laid out in full and becomes a prototype; so does a
known shape whose blocks take other numbers of lines. What cannot be proven raises, and
its letter goes the full way.
"""

from __future__ import annotations

import re
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from notices.render.press import listening
from notices.render.qr import QUIET, picture
from notices.render.symbols import LARGEST_VERSION, symbol_class, version_for
from notices.replay.breaking import Line
from notices.replay.prototype import (
    Proof,
    Prototype,
    Shapers,
    Unprovable,
    placed,
    prototype_of,
)
from notices.replay.shaping import Shaped, Unprintable
from notices.replay.sheets import Sheet
from notices.replay.weasy import POINTS, Tree

# Shapes and prototypes kept in a process; a prototype takes about a megabyte.
MOST_SHAPES = 48
MOST_PROTOTYPES = 160


@dataclass(frozen=True, slots=True)
class Replayed:
    """One letter set by replay: its pages' contents, deflated, and its words.

    ``has_blank`` says that its last page, which is torn, has a blank one before it.
    """

    prototype: Prototype
    contents: tuple[bytes, ...]
    words: tuple[Shaped, ...]
    text: str
    has_blank: bool

    @property
    def pages(self) -> int:
        """Return how many pages it has."""
        return len(self.contents)


@dataclass(slots=True)
class _Shape:
    """A shape that was laid out: its boxes, its prototypes by lines of their blocks."""

    tree: Tree
    known: dict[tuple[int, ...], Prototype] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """What replay did since its beginning."""

    replayed: int = 0
    laid_out: int = 0
    asked: int = 0


class Replay:
    """Sets letters, and remembers the shapes it met; the caller holds the press."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._shapers: Shapers = {}
        self._shapes: OrderedDict[object, _Shape | str] = OrderedDict()
        self._prototypes = 0

    def set(self, sheet: Sheet) -> Replayed:
        """Return a letter, set.

        :raises Unprovable: its shape can only be laid out in full.
        :raises Unprintable: its own words can only be laid out in full.
        :raises RenderError: it cannot be set at all.
        """
        if not sheet.apart.is_plain:
            raise Unprintable("Blanks in a value.")
        shape = self._shape(sheet)
        values = sheet.apart.values
        first = next(iter(shape.known.values()))
        broken = [block.lines(shape.tree, values) for block in first.blocks]
        lines = tuple(map(len, broken))
        prototype = shape.known.get(lines)
        if prototype is None:
            prototype = self._prototype(sheet, shape)
            if prototype.lines != lines:
                raise Unprintable("Its lines break otherwise.")
        contents, words = _contents(prototype, values, broken)
        self.counts.replayed += 1
        return Replayed(
            prototype,
            contents,
            tuple(words),
            sheet.text,
            has_blank=sheet.keeps_slip_apart and len(contents) % 2 == 0,
        )

    def _shape(self, sheet: Sheet) -> _Shape:
        key = sheet.shape
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = self._new_shape(sheet)
        self._shapes.move_to_end(key)
        self._forget()
        if isinstance(shape, str):
            raise Unprovable(shape)
        return shape

    def _new_shape(self, sheet: Sheet) -> _Shape | str:
        """Return a shape just laid out, or why it is none."""
        try:
            proof = self._laid_out(sheet)
        except Unprovable as fault:
            return str(fault)
        return _Shape(proof.tree, {proof.prototype.lines: proof.prototype})

    def _prototype(self, sheet: Sheet, shape: _Shape) -> Prototype:
        try:
            prototype = self._laid_out(sheet).prototype
        except Unprovable as fault:
            raise Unprintable(str(fault)) from fault
        # Its boxes are those of another tree; the shape asks those of its first letter.
        for block in prototype.blocks:
            block.line = block.container = None
            block.texts = []
        shape.known[prototype.lines] = prototype
        return prototype

    def _laid_out(self, sheet: Sheet) -> Proof:
        self.counts.laid_out += 1
        with listening() as faults:
            proof = prototype_of(
                sheet.apart,
                sheet.setting,
                self._shapers,
                picture=picture,
                check=sheet.check,
            )
        if faults:
            raise Unprintable(faults[0].getMessage())
        self._prototypes += 1
        return proof

    def _forget(self) -> None:
        """Forget the shapes met longest ago, until few enough are left."""
        while len(self._shapes) > MOST_SHAPES or self._prototypes > MOST_PROTOTYPES:
            if len(self._shapes) == 1:
                self._trim(next(iter(self._shapes.values())))
                return
            _, shape = self._shapes.popitem(last=False)
            if isinstance(shape, _Shape):
                self._prototypes -= len(shape.known)

    def _trim(self, shape: _Shape | str) -> None:
        """Keep of the only shape its first prototype alone."""
        if isinstance(shape, _Shape):
            first = next(iter(shape.known))
            shape.known = {first: shape.known[first]}
            self._prototypes = 1


def _contents(
    prototype: Prototype, values: Sequence[str], broken: Sequence[list[Line]]
) -> tuple[tuple[bytes, ...], list[Shaped]]:
    """Return what each page of a letter draws, deflated, and the words in it."""
    pages = [_Page(height) for height in prototype.heights]
    for drawn, page in zip(prototype.static, pages, strict=True):
        page.draw(drawn.name)
    for code in prototype.codes:
        page = pages[code.page]
        page.code(values[code.value], code.left, code.top, code.width, code.height)
    words: list[Shaped] = []
    for block, lines in zip(prototype.blocks, broken, strict=True):
        for (number, base), line in zip(block.places, lines, strict=True):
            for shaper, text, left in placed(block, line):
                shaped = shaper(text)
                words.append(shaped)
                pages[number].write(
                    shaper.colour, shaper.set_font, left, base, shaped.operators
                )
    for runner in prototype.runners:
        (number, base), piece = runner.places[0], runner.pieces[0]
        line = [(0, piece.token(values).text)]
        for shaper, text, left in placed(runner, line):
            shaped = shaper(text)
            words.append(shaped)
            pages[number].write(
                shaper.colour, shaper.set_font, left, base, shaped.operators
            )
    return tuple(page.deflated() for page in pages), words


class _Page:
    """The operators of one page, written from its upper left corner in pixels."""

    def __init__(self, height: float) -> None:
        self._out = [f"1 0 0 -1 0 {_short(height)} cm"]
        self._colour = self._font = ""
        self._in_text = False

    def draw(self, name: str) -> None:
        """Draw what all letters share."""
        self._out.append(f"/{name} Do {POINTS} 0 0 {POINTS} 0 0 cm")

    def code(
        self, payload: str, left: float, top: float, width: float, height: float
    ) -> None:
        """Draw a code with its quiet zone as the full way draws it."""
        side, paths = code_paths(payload)
        scale = f"{_short(width / side)} 0 0 {_short(height / side)}"
        self._out.append(f"q {scale} {_short(left)} {_short(top)} cm 0 g")
        self._out += paths
        self._out.append("f Q")

    def write(
        self, colour: str, font: str, left: float, base: float, operators: str
    ) -> None:
        """Write words that begin at a place."""
        out = self._out
        if not self._in_text:
            out.append("BT")
            self._in_text = True
        if colour != self._colour:
            self._colour = colour
            out.append(colour)
        if font != self._font:
            self._font = font
            out.append(font)
        out.append(f"1 0 0 -1 {_short(left)} {_short(base)} Tm{operators}")

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


def _short(value: float) -> str:
    """Return a length to a thousandth, which no printer tells from the whole."""
    text = f"{value:.6f}".rstrip("0")
    return text[:-1] if text[-1] == "." else text
