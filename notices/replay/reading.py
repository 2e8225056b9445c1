"""Reads a tree of boxes before its layout: its blocks with values, and its regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from notices.replay import weasy
from notices.replay.blocks import Block, Piece
from notices.replay.conditions import (
    Unprovable,
    align_of,
    require_apart,
    require_fixed,
    require_plain,
)
from notices.replay.marks import OPEN, parts_of, unmarked
from notices.replay.regions import region_in, signature
from notices.replay.shaping import Shaper, Unprintable, style_key
from notices.replay.weasy import Box, Style, Tree, texts_of

Shapers = dict[tuple[object, ...], Shaper]


@dataclass(slots=True)
class Reading:
    """What stands in a tree: its blocks in the order of the page, and its regions.

    ``regions`` are the signatures of those that hold values. ``strings`` are named
    strings with values in them: what is printed to what is marked. The boxes of blocks
    and regions have ``duly_block`` and ``duly_region``, their numbers.
    """

    blocks: list[Block] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    strings: dict[str, str] = field(default_factory=dict)


def read(tree: Tree, shapers: Shapers) -> Reading:
    """Find what holds values in a tree, and take the marks out.

    :raises Unprovable: a value could change more than its own lines.
    """
    found = Reading(regions=[])
    marked = sum(_is_marked(box) for box in tree.boxes())
    for path in weasy.ancestry(tree.root):
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
        box.duly_block = len(found.blocks)
        block = _block(box, texts, shapers)
        block.region = _region(path, found)
        found.blocks.append(block)
    if marked:
        raise Unprovable("A value stands where no line is.")
    found.strings = _strings(tree)
    return found


def _region(path: tuple[Box, ...], found: Reading) -> int | None:
    """Return the number of the region at the end of a path, a new one if need be."""
    to_region = region_in(path)
    if not to_region:
        return None
    region = to_region[-1]
    number = getattr(region, "duly_region", None)
    if number is None:
        number = region.duly_region = len(found.regions)
        found.regions.append(signature(to_region))
    return number


def _block(line: Box, texts: list[Box], shapers: Shapers) -> Block:
    require_plain(line, texts)
    pieces = []
    for number, text in enumerate(texts):
        pieces.append(piece_of(text.text, text.style, shapers))
        text.text = unmarked(text.text)
        text.duly_piece = number
    return Block(tuple(pieces), align_of(line.style), line=line, texts=texts)


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
