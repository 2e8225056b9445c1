"""Lays one letter of a shape out in full, and keeps what the others can share.

A block whose words hold a value is taken out of the page; all else is painted once.
What is kept of the block is where its lines stand, how wide they may be and in which
styles. Whatever else a value could move or change makes the shape unprovable: then
every letter of it goes the full way. At the end the prototype sets its own letter
again, and must arrive at the very lines of the full layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from notices.replay import weasy
from notices.replay.blocks import EXACT, Block, Piece, drawn_in
from notices.replay.conditions import (
    Unprovable,
    align_of,
    require_apart,
    require_fixed,
    require_plain,
)
from notices.replay.marks import CODE_ATTRIBUTE, OPEN, Apart, parts_of, unmarked
from notices.replay.shaping import Shaper, Unprintable, style_key
from notices.replay.weasy import Box, Painted, Setting, Style, Tree, texts_of

Check = Callable[[Sequence[Any]], None]
Shapers = dict[tuple[object, ...], Shaper]


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where a code stands on its page, and the value that it says."""

    value: int
    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(slots=True)
class Prototype:
    """What all letters share whose blocks take so many lines each."""

    blocks: list[Block]
    runners: list[Block]
    codes: list[CodePlace]
    static: list[Painted]
    heights: list[float]
    widths: list[float]

    @property
    def lines(self) -> tuple[int, ...]:
        """Return how many lines each block takes."""
        return tuple(len(block.places) for block in self.blocks)


@dataclass(slots=True)
class Proof:
    """A shape laid out for the first time: its boxes and its first prototype."""

    tree: Tree
    prototype: Prototype


def prototype_of(
    apart: Apart,
    setting: Setting,
    shapers: Shapers,
    *,
    picture: Callable[[str], str],
    check: Check,
) -> Proof:
    """Lay a letter out and return what others can share of it.

    ``check`` looks at the pages and raises what the full way would raise.

    :raises Unprovable: a value could change more than its own lines.
    :raises Unprintable: a value of this letter needs the full way.
    """
    tree = weasy.tree_of(apart.page(picture), setting)
    blocks = _Reader(tree, shapers).blocks()
    strings = _strings(tree)
    pages = tree.laid_out()
    check(pages)
    prototype = Prototype(
        blocks=blocks,
        runners=[],
        codes=_codes(pages),
        static=[],
        heights=[page.height * weasy.POINTS for page in pages],
        widths=[page.width * weasy.POINTS for page in pages],
    )
    lines = _placed(pages, prototype, strings, shapers)
    _require_same(prototype, tree, apart, lines)
    for found in lines.values():
        for line in found:
            line.children = ()
    prototype.static = [weasy.painted(page) for page in pages]
    if not all(drawn.is_simple for drawn in prototype.static):
        raise Unprovable("It is drawn in layers.")
    return Proof(tree, prototype)


class _Reader:
    """Finds the blocks that hold values in a tree, and takes the marks out."""

    def __init__(self, tree: Tree, shapers: Shapers) -> None:
        self._tree = tree
        self._shapers = shapers

    def blocks(self) -> list[Block]:
        """Return the blocks in the order of the page.

        :raises Unprovable: see the module.
        """
        found: list[Block] = []
        marked = sum(_is_marked(box) for box in self._tree.boxes())
        for path in weasy.ancestry(self._tree.root):
            box = path[-1]
            if box.is_floated() and not any(each.is_running() for each in path):
                raise Unprovable("Something floats.")
            if not weasy.is_line(box):
                continue
            texts = texts_of(box)
            here = sum(map(_is_marked, texts))
            if not here:
                continue
            marked -= here
            if _is_hidden(texts):
                require_apart(path)
                for text in texts:
                    text.text = unmarked(text.text)
                continue
            require_fixed(path)
            box.duly_block = len(found)
            found.append(self._block(box, texts))
        if marked:
            raise Unprovable("A value stands where no line is.")
        return found

    def _block(self, line: Box, texts: list[Box]) -> Block:
        require_plain(line, texts)
        pieces = []
        for number, text in enumerate(texts):
            pieces.append(self._piece(text.text, text.style))
            text.text = unmarked(text.text)
            text.duly_piece = number
        return Block(tuple(pieces), align_of(line.style), line=line, texts=texts)

    def _piece(self, text: str, style: Style) -> Piece:
        return piece_of(text, style, self._shapers)


def piece_of(text: str, style: Style, shapers: Shapers) -> Piece:
    """Return marked words in a style as a piece.

    :raises Unprovable: the style cannot be drawn in one font.
    """
    key = style_key(style)
    shaper = shapers.get(key)
    if shaper is None:
        try:
            shaper = shapers[key] = Shaper(style)
        except Unprintable as fault:
            raise Unprovable("A style has no font of its own.") from fault
    return Piece(tuple(parts_of(text)), shaper, style["white_space"] == "normal")


def _is_marked(box: Box) -> bool:
    return weasy.is_text(box) and OPEN in box.text


def _is_hidden(texts: Sequence[Box]) -> bool:
    return all(text.style["visibility"] != "visible" for text in texts)


def _strings(tree: Tree) -> dict[str, str]:
    """Take the marks out of named strings; return what is printed to what is marked."""
    found: dict[str, str] = {}
    for box in tree.boxes():
        for at, (name, text) in enumerate(box.string_set or ()):
            if OPEN in text:
                found[unmarked(text)] = text
                box.string_set[at] = (name, unmarked(text))
    return found


def _codes(pages: Sequence[Any]) -> list[CodePlace]:
    """Find the codes on the pages, and leave their places empty."""
    found = []
    for number, page in enumerate(pages):
        for box in weasy.walk(page._page_box):
            if not weasy.is_picture(box) or box.element is None:
                continue
            value = box.element.get(CODE_ATTRIBUTE)
            if value is None:
                continue
            if box.style["width"] == "auto" or box.style["height"] == "auto":
                raise Unprovable("A code is as large as what it says.")
            place = (box.content_box_x(), box.content_box_y(), box.width, box.height)
            found.append(CodePlace(int(value), number, *place))
            # A picture without width is not drawn.
            box.width = 0
    return found


Found = dict[int, list[Box]]


def _placed(
    pages: Sequence[Any],
    prototype: Prototype,
    strings: dict[str, str],
    shapers: Shapers,
) -> Found:
    """Note where the lines of each block stand; return them by block.

    Lines of the margins come behind those of the page, with numbers of their own.
    """
    lines: Found = {}
    blocks = prototype.blocks
    for number, page in enumerate(pages):
        for box in weasy.walk(page._page_box):
            if not _has_lines(box):
                continue
            for line in box.children:
                at = getattr(line, "duly_block", None)
                if at is not None:
                    _place(blocks[at], box, line, number)
                    lines.setdefault(at, []).append(line)
                    continue
                runner = _runner(box, line, strings, shapers)
                if runner is not None:
                    _place(runner, box, line, number)
                    prototype.runners.append(runner)
                    lines[len(blocks) + len(prototype.runners) - 1] = [line]
    return lines


def _has_lines(box: Box) -> bool:
    children: Sequence[Box] = getattr(box, "children", ())
    return bool(children) and weasy.is_line(children[0])


def _runner(
    box: Box, line: Box, strings: dict[str, str], shapers: Shapers
) -> Block | None:
    """Return a line of a margin that repeats a named string with a value in it."""
    texts = texts_of(line)
    said = "".join(text.text for text in texts)
    if said not in strings or not weasy.is_margin(box):
        return None
    if len(texts) != 1 or len(box.children) != 1 or box.style["width"] == "auto":
        raise Unprovable("A running header takes more than a line.")
    require_plain(line, texts)
    piece = piece_of(strings[said], texts[0].style, shapers)
    if texts[0].style["white_space"] != "nowrap":
        raise Unprovable("A running header may break.")
    return Block((piece,), align_of(line.style))


def _place(block: Block, box: Box, line: Box, page: int) -> None:
    words = drawn_in(line)
    bases = {round(text.position_y + text.baseline, 3) for text in words}
    if len(bases) != 1:
        raise Unprovable("A line is empty, or its words stand on two baselines.")
    if block.places and abs(block.width - box.width) > EXACT:
        raise Unprovable("The pieces of a block are of two widths.")
    block.left, block.width = box.content_box_x(), box.width
    block.places.append((page, words[0].position_y + words[0].baseline))
    block.container = block.container or box


def _require_same(prototype: Prototype, tree: Tree, apart: Apart, lines: Found) -> None:
    """Refuse a shape whose own letter replay would not set as the layout did.

    :raises Unprovable: the words, their order or their places differ.
    """
    blocks = [*prototype.blocks, *prototype.runners]
    for number, block in enumerate(blocks):
        laid = [
            [(text.text.rstrip(" "), text.position_x) for text in drawn_in(line)]
            for line in lines.get(number, [])
        ]
        own = block.lines(tree, block.words(apart.values))
        mine = [
            [(words.rstrip(" "), left) for _, words, left in block.placed(line)]
            for line in own
        ]
        if not _are_same(mine, laid):
            raise Unprovable(f"Its own lines differ: {mine} and {laid}.")


Words = list[list[tuple[str, float]]]


def _are_same(mine: Words, laid: Words) -> bool:
    if [len(line) for line in mine] != [len(line) for line in laid]:
        return False
    pairs = zip(
        [word for line in mine for word in line],
        [word for line in laid for word in line],
        strict=True,
    )
    return all(a == b and abs(x - y) <= EXACT for (a, x), (b, y) in pairs)
