"""Sets letters by replaying the layout of the first of their shape.

A shape that was not seen before is laid out in full; so is a known shape when a block
takes another number of lines than any letter before it had there. What cannot be proven
raises, and its letter goes the full way.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from notices.render.assemble import Side, sides
from notices.render.press import listening
from notices.render.qr import picture
from notices.replay.blocks import Block, Mark, Words, Written
from notices.replay.breaking import Line
from notices.replay.conditions import Unprovable
from notices.replay.ink import Painted, Used
from notices.replay.pages import code_operators
from notices.replay.parts import SAME, Flow, Laid, Part
from notices.replay.prototype import laid_out
from notices.replay.reading import Shapers
from notices.replay.shaping import Unprintable
from notices.replay.sheets import Sheet
from notices.replay.weasy import Tree

# What is kept in a process of shapes, of flows of all shapes, and of regions.
MOST_SHAPES = 64
MOST_FLOWS = 160
MOST_REGIONS = 512

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Inked:
    """What stands on one page: static parts, codes, and words with their places."""

    static: Sequence[Painted]
    codes: Sequence[bytes]
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One letter set by replay: what stands on its pages, and its fonts.

    ``widths`` and ``heights`` are those of its pages in points; ``sides`` are its pages
    and the blank ones among them, as they lie on paper.
    """

    pages: tuple[Inked, ...]
    fonts: tuple[Used, ...]
    text: str
    sides: tuple[Side, ...]
    widths: Sequence[float]
    heights: Sequence[float]


@dataclass(slots=True)
class _Shape:
    """A shape that was laid out: its blocks, and its flows by the lines they take.

    ``owners`` are the numbers of the blocks, and ``codes`` the values that codes say,
    by part: of the flow first, then of each region in ``signatures``.
    """

    tree: Tree
    blocks: Sequence[Block]
    signatures: Sequence[str]
    owners: Sequence[Sequence[int]]
    codes: Sequence[Sequence[int]]
    flows: dict[tuple[int, ...], Flow] = field(default_factory=dict)

    @classmethod
    def of(cls, laid: Laid) -> _Shape:
        """Return the shape of a letter just laid out."""
        owners: list[list[int]] = [[] for _ in range(len(laid.signatures) + 1)]
        for number, block in enumerate(laid.blocks):
            owners[0 if block.region is None else block.region + 1].append(number)
        return cls(laid.tree, laid.blocks, laid.signatures, owners, laid.codes)

    def split(self, lines: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the lines of blocks by part, the flow first."""
        return [tuple([lines[at] for at in owned]) for owned in self.owners]


@dataclass(slots=True)
class Counts:
    """What replay did since its beginning."""

    replayed: int = 0
    laid_out: int = 0


class Replay:
    """Sets letters, and remembers the shapes it met; the caller holds the press."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._shapers: Shapers = {}
        self._shapes: OrderedDict[object, _Shape | str] = OrderedDict()
        self._regions: OrderedDict[Key, Part] = OrderedDict()

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
        said = []
        for block in shape.blocks:
            words = block.words(values)
            said.append((words, block.lines(shape.tree, words)))
        lines = [len(broken) for _, broken in said]
        known = self._known(sheet, shape, lines)
        if known is None:
            self._learn(sheet, shape, lines)
            known = self._known(sheet, shape, lines)
            assert known is not None  # noqa: S101  (it was just learnt)
        replayed = _inked(sheet, shape, *known, said)
        self.counts.replayed += 1
        return replayed

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
            laid = self._laid_out(sheet)
            shape = _Shape.of(laid)
            self._keep(sheet, shape, laid)
        except Unprovable as fault:
            return str(fault)
        return shape

    def _known(
        self, sheet: Sheet, shape: _Shape, lines: Sequence[int]
    ) -> tuple[Flow, list[Part]] | None:
        """Return the parts of a letter whose blocks take these lines, if all are known.

        Every region has to be; a flow of the shape may have met them elsewhere.
        """
        of_flow, *of_regions = shape.split(lines)
        flow = shape.flows.get(of_flow)
        if flow is None:
            return None
        regions = []
        for signature, taken in zip(shape.signatures, of_regions, strict=True):
            key = (sheet.paper, signature, taken)
            region = self._regions.get(key)
            if region is None:
                return None
            self._regions.move_to_end(key)
            regions.append(region)
        return flow, regions

    def _learn(self, sheet: Sheet, shape: _Shape, lines: Sequence[int]) -> None:
        """Lay a letter of a known shape out, for its blocks take lines not met yet.

        :raises Unprintable: it cannot serve others, or breaks otherwise.
        """
        try:
            laid = self._laid_out(sheet)
            if list(laid.lines) != lines or laid.signatures != shape.signatures:
                raise Unprintable("Its lines break otherwise.")
            if any(
                abs(one.width - other.width) > SAME
                for one, other in zip(laid.blocks, shape.blocks, strict=True)
            ):
                raise Unprintable("Its blocks are of other widths.")
            self._keep(sheet, shape, laid)
        except Unprovable as fault:
            raise Unprintable(str(fault)) from fault

    def _keep(self, sheet: Sheet, shape: _Shape, laid: Laid) -> None:
        """Keep the parts of a letter just laid out.

        :raises Unprovable: a region is known, and looks otherwise here.
        """
        of_flow, *of_regions = shape.split(laid.lines)
        for signature, taken, part in zip(
            laid.signatures, of_regions, laid.parts, strict=True
        ):
            known = self._regions.setdefault((sheet.paper, signature, taken), part)
            if not known.is_like(part):
                raise Unprovable("A region does not stand on its own.")
        shape.flows[of_flow] = laid.flow

    def _laid_out(self, sheet: Sheet) -> Laid:
        self.counts.laid_out += 1
        with listening() as faults:
            laid = laid_out(
                sheet.apart,
                sheet.setting,
                self._shapers,
                picture=picture,
                check=sheet.check,
            )
        if faults:
            raise Unprintable(faults[0].getMessage())
        return laid

    def _forget(self) -> None:
        """Forget what was met longest ago, until little enough is left."""
        while len(self._regions) > MOST_REGIONS:
            self._regions.popitem(last=False)
        while len(self._shapes) > MOST_SHAPES or self._flows() > MOST_FLOWS:
            if len(self._shapes) == 1:
                (shape,) = self._shapes.values()
                if isinstance(shape, _Shape):
                    shape.flows.clear()
                return
            self._shapes.popitem(last=False)

    def _flows(self) -> int:
        return sum(
            len(shape.flows)
            for shape in self._shapes.values()
            if isinstance(shape, _Shape)
        )


def _inked(
    sheet: Sheet,
    shape: _Shape,
    flow: Flow,
    regions: Sequence[Part],
    said: Sequence[tuple[Words, list[Line]]],
) -> Replayed:
    """Return what stands on each page of a letter, and the fonts it uses."""
    values = sheet.apart.values
    static = [[drawn] for drawn in flow.part.static]
    codes: list[list[bytes]] = [[] for _ in static]
    marks: list[list[Mark]] = [[] for _ in static]
    fonts: dict[str, Used] = {}

    def write(written: Written, first: int) -> None:
        for page, mark in written.marks:
            marks[first + page].append(mark)
        # Of each font what this letter uses: its words themselves take more memory.
        for word in written.words:
            used = fonts.get(word.font.hash)
            if used is None:
                used = fonts[word.font.hash] = Used(word.font, {}, word.font.widths)
            used.glyphs.update(word.glyphs)

    for number, part in enumerate([flow.part, *regions]):
        first = flow.regions[number - 1] if number else 0
        if number:
            static[first] += [drawn for drawn in part.static if not drawn.is_empty]
        for place, value in zip(part.codes, shape.codes[number], strict=True):
            codes[first + place.page].append(code_operators(place, values[value]))
        for stand, at in zip(part.stands, shape.owners[number], strict=True):
            write(stand.written(shape.blocks[at], *said[at]), first)
    for block, stand in flow.runners:
        words = block.words(values)
        write(stand.written(block, words, [list(enumerate(words))]), 0)
    return Replayed(
        pages=tuple([Inked(*page) for page in zip(static, codes, marks, strict=True)]),
        fonts=tuple(fonts.values()),
        text=sheet.text,
        sides=sides(len(static), has_slip=sheet.has_slip, duplex=sheet.duplex),
        widths=flow.widths,
        heights=flow.heights,
    )
