"""Sets letters by replaying the layout of the first of their shape.

A shape that was not seen before is laid out in full and becomes a prototype; so does a
known shape whose blocks take other numbers of lines. What cannot be proven raises, and
its letter goes the full way.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from notices.render.assemble import Side, sides
from notices.render.press import listening
from notices.render.qr import picture
from notices.replay.blocks import Words
from notices.replay.breaking import Line
from notices.replay.conditions import Unprovable
from notices.replay.pages import Page
from notices.replay.prototype import Proof, Prototype, Shapers, prototype_of
from notices.replay.shaping import Unprintable
from notices.replay.sheets import Sheet
from notices.replay.weasy import Tree, Used

# Shapes and prototypes kept in a process; a prototype takes about a megabyte.
MOST_SHAPES = 48
MOST_PROTOTYPES = 160


@dataclass(frozen=True, slots=True)
class Replayed:
    """One letter set by replay: its pages' contents, deflated, and its fonts.

    ``sides`` are its pages and the blank ones among them, as they lie on paper.
    """

    prototype: Prototype
    contents: tuple[bytes, ...]
    fonts: tuple[Used, ...]
    text: str
    sides: tuple[Side, ...]

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
        blocks = []
        for block in first.blocks:
            words = block.words(values)
            blocks.append((words, block.lines(shape.tree, words)))
        lines = tuple([len(broken) for _, broken in blocks])
        prototype = shape.known.get(lines)
        if prototype is None:
            prototype = self._prototype(sheet, shape)
            if prototype.lines != lines:
                raise Unprintable("Its lines break otherwise.")
        contents, shown = _contents(prototype, values, blocks)
        self.counts.replayed += 1
        return Replayed(
            prototype,
            contents,
            shown,
            sheet.text,
            sides=sides(len(contents), has_slip=sheet.has_slip, duplex=sheet.duplex),
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
            block.forget_boxes()
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
    prototype: Prototype,
    values: Sequence[str],
    blocks: Sequence[tuple[Words, list[Line]]],
) -> tuple[tuple[bytes, ...], tuple[Used, ...]]:
    """Return what each page of a letter draws, deflated, and the fonts it uses."""
    pages = [Page(height) for height in prototype.heights]
    for drawn, page in zip(prototype.static, pages, strict=True):
        page.draw(drawn.name)
    for code in prototype.codes:
        pages[code.page].code(code, values[code.value])
    # Of each font what this letter uses: its words themselves take far more memory.
    fonts: dict[str, Used] = {}
    written = [
        block.written(*said)
        for block, said in zip(prototype.blocks, blocks, strict=True)
    ]
    for runner in prototype.runners:
        said = runner.words(values)
        written.append(runner.written(said, [list(enumerate(said))]))
    for each in written:
        for word in each.words:
            font = word.font
            used = fonts.get(font.hash)
            if used is None:
                used = fonts[font.hash] = Used(font, {}, font.widths)
            used.glyphs.update(word.glyphs)
        for mark in each.marks:
            pages[mark.page].write(mark)
    return tuple([page.deflated() for page in pages]), tuple(fonts.values())
