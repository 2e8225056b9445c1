"""Lays one letter of a shape out in full, and keeps what the others can share.

A block whose words hold a value is taken out of the page; all else is painted once.
What is kept of the block is where its lines stand, how wide they may be and in which
styles. Whatever else a value could move or change makes the shape unprovable: then
every letter of it goes the full way. At the end the prototype sets its own letter
again, and must arrive at the very lines of the full layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from notices.replay import weasy
from notices.replay.breaking import BREAK, Line, Token, Undecided, broken
from notices.replay.marks import CODE_ATTRIBUTE, OPEN, Apart, Part, parts_of, unmarked
from notices.replay.shaping import Shaper, Unprintable, style_key
from notices.replay.weasy import Box, Painted, Setting, Style, Tree

# What a block remembers of how its words break.
MOST_KNOWN = 1_000
# Pixels by which a place may differ from the full layout: a rounding, no more.
EXACT = 0.01

Check = Callable[[Sequence[Any]], None]
Shapers = dict[tuple[object, ...], Shaper]


class Unprovable(Exception):
    """A shape whose letters can only be laid out in full; the words say why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a block in one style: fixed words, and numbers of values."""

    parts: tuple[Part, ...]
    shaper: Shaper
    wraps: bool

    def token(self, values: Sequence[str]) -> Token:
        """Return the words with the values in their places."""
        words = [part if type(part) is str else values[part] for part in self.parts]  # type: ignore[index]
        return Token("".join(words), self._measure, self.wraps)

    def _measure(self, words: str) -> float:
        return self.shaper(words).width


@dataclass(slots=True)
class Block:
    """A block whose words hold a value; lengths in CSS pixels.

    ``places`` are the page and the baseline of each of its lines. ``line`` and
    ``container`` are what WeasyPrint breaks anew.
    """

    pieces: tuple[Piece, ...]
    align: str
    left: float = 0.0
    width: float = 0.0
    places: list[tuple[int, float]] = field(default_factory=list)
    line: Box = None
    container: Box = None
    texts: list[Box] = field(default_factory=list)
    known: dict[tuple[str, ...], list[Line]] = field(default_factory=dict)

    def lines(self, tree: Tree, values: Sequence[str]) -> list[Line]:
        """Return the lines that the block makes with these values.

        :raises Unprintable: not even WeasyPrint can be asked for them.
        """
        tokens = [piece.token(values) for piece in self.pieces]
        words = tuple(token.text for token in tokens)
        found = self.known.get(words)
        if found is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            found = self.known[words] = self._broken(tree, tokens, words)
        return found

    def _broken(
        self, tree: Tree, tokens: Sequence[Token], words: Sequence[str]
    ) -> list[Line]:
        try:
            return broken(tokens, self.width)
        except Undecided:
            return self._asked(tree, words)

    def _asked(self, tree: Tree, words: Sequence[str]) -> list[Line]:
        """Return the lines as WeasyPrint itself breaks them."""
        if self.line is None:
            raise Unprintable(" ".join(words))
        for text, said in zip(self.texts, words, strict=True):
            text.text = said
        return [
            [(text.duly_piece, text.pango_layout.text) for text in _words(line)]
            for line in tree.break_again(self.line, self.container)
        ]


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
            texts = _texts(box)
            here = sum(map(_is_marked, texts))
            if not here:
                continue
            marked -= here
            if _is_hidden(texts):
                _require_apart(path)
                for text in texts:
                    text.text = unmarked(text.text)
                continue
            _require_fixed(path)
            box.duly_block = len(found)
            found.append(self._block(box, texts))
        if marked:
            raise Unprovable("A value stands where no line is.")
        return found

    def _block(self, line: Box, texts: list[Box]) -> Block:
        _require_plain(line, texts)
        pieces = []
        for number, text in enumerate(texts):
            pieces.append(self._piece(text.text, text.style))
            text.text = unmarked(text.text)
            text.duly_piece = number
        return Block(tuple(pieces), _align(line.style), line=line, texts=texts)

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


def _texts(line: Box) -> list[Box]:
    """Return the words of a line in their order."""
    found: list[Box] = []
    for child in line.children:
        if weasy.is_text(child):
            found.append(child)
        elif weasy.is_inline(child):
            found += _texts(child)
    return found


def _words(line: Box) -> list[Box]:
    """Return the words of a laid-out line that are drawn."""
    return [text for text in _texts(line) if text.text.strip(BREAK)]


def _require_apart(path: tuple[Box, ...]) -> None:
    """Refuse hidden words that others have to make room for."""
    if not any(box.is_absolutely_positioned() for box in path):
        raise Unprovable("Hidden words take room.")


def _require_fixed(path: tuple[Box, ...]) -> None:
    """Refuse boxes whose size or look may come from the words in them."""
    for box in path:
        style = box.style
        table = box.get_wrapped_table() if getattr(box, "is_table_wrapper", 0) else box
        if weasy.is_table(table):
            if style is not table.style:
                style = table.style
            if style["table_layout"] != "fixed" or style["width"] == "auto":
                raise Unprovable("The columns of a table are as wide as its words.")
        elif weasy.shrinks(box):
            raise Unprovable("A box is as wide as its words.")
        if box.is_running():
            raise Unprovable("A value stands in a running element.")
        clipped = box.style["overflow"] != "visible" and box.element_tag != "html"
        if clipped or box.style["opacity"] != 1 or box.style["transform"]:
            raise Unprovable("A block is clipped, turned or seen through.")


_PLAIN_LINE = {
    "direction": ("ltr",),
    "text_overflow": ("clip",),
}
_PLAIN_WORDS = {
    "text_transform": ("none",),
    "hyphens": ("manual", "none"),
    "word_break": ("normal",),
    "white_space": ("normal", "nowrap"),
    "direction": ("ltr",),
    "unicode_bidi": ("normal", "isolate"),
    "visibility": ("visible",),
}
_EDGES = ("padding", "margin", "border")


def _require_plain(line: Box, texts: Sequence[Box]) -> None:
    """Refuse lines on which more than words stands."""
    _require_style(line, _PLAIN_LINE)
    if line.style["text_indent"].value:
        raise Unprovable("The first line is indented.")
    for box in weasy.walk(line):
        if box is line:
            continue
        if not (weasy.is_text(box) or weasy.is_inline(box)):
            raise Unprovable("Something stands between the words.")
        if box.style["vertical_align"] != "baseline":
            raise Unprovable("Words stand higher or lower.")
        if box.style["position"] != "static":
            raise Unprovable("Words are moved.")
        if weasy.is_inline(box):
            _require_bare(box)
    for text in texts:
        if text.text != BREAK:
            _require_style(text, _PLAIN_WORDS)
        if text.style["text_decoration_line"] != "none":
            raise Unprovable("Words are underlined.")


def _require_style(box: Box, allowed: dict[str, tuple[str, ...]]) -> None:
    for name, values in allowed.items():
        if box.style[name] not in values:
            raise Unprovable(f"The style {name} is {box.style[name]}.")


def _require_bare(box: Box) -> None:
    style = box.style
    for side in ("top", "right", "bottom", "left"):
        sizes = (
            style[f"padding_{side}"].value,
            style[f"margin_{side}"].value if style[f"margin_{side}"] != "auto" else 0,
            style[f"border_{side}_width"],
        )
        if any(sizes):
            raise Unprovable("Words have an edge of their own.")
    if style["background_color"].alpha or style["background_image"][0][0] != "none":
        raise Unprovable("Words have a ground of their own.")


_ALIGNS = {
    "start": "left",
    "left": "left",
    "end": "right",
    "right": "right",
    "center": "center",
}


def _align(style: Style) -> str:
    align, last = style["text_align_all"], style["text_align_last"]
    if align not in _ALIGNS or last not in ("auto", align):
        raise Unprovable("The lines are justified.")
    return _ALIGNS[align]


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
    children = getattr(box, "children", ())
    return bool(children) and weasy.is_line(children[0])


def _runner(
    box: Box, line: Box, strings: dict[str, str], shapers: Shapers
) -> Block | None:
    """Return a line of a margin that repeats a named string with a value in it."""
    texts = _texts(line)
    said = "".join(text.text for text in texts)
    if said not in strings or not weasy.is_margin(box):
        return None
    if len(texts) != 1 or len(box.children) != 1 or box.style["width"] == "auto":
        raise Unprovable("A running header takes more than a line.")
    _require_plain(line, texts)
    piece = piece_of(strings[said], texts[0].style, shapers)
    if texts[0].style["white_space"] != "nowrap":
        raise Unprovable("A running header may break.")
    return Block((piece,), _align(line.style))


def _place(block: Block, box: Box, line: Box, page: int) -> None:
    words = _words(line)
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
            [(text.text.rstrip(" "), text.position_x) for text in _words(line)]
            for line in lines.get(number, [])
        ]
        own = block.lines(tree, apart.values)
        mine = [
            [(words.rstrip(" "), left) for _, words, left in placed(block, line)]
            for line in own
        ]
        if not _are_same(mine, laid):
            raise Unprovable(f"Its own lines differ: {mine} and {laid}.")


Placed = list[tuple[Shaper, str, float]]


def placed(block: Block, line: Line) -> Placed:
    """Return the words of a line with where each begins, in pixels.

    :raises Unprintable: the line is wider than its block.
    """
    shaped = [(block.pieces[at].shaper, words) for at, words in line]
    widths = [shaper(words).width for shaper, words in shaped[:-1]]
    # The blank at the end of a line takes no room.
    shaper, words = shaped[-1]
    widths.append(shaper(words.rstrip(" ")).width)
    spare = block.width - sum(widths)
    if spare < -EXACT:
        raise Unprintable(" ".join(words for _, words in line))
    shares = {"left": 0.0, "right": spare, "center": spare / 2}
    left = block.left + shares[block.align]
    found: Placed = []
    for (shaper, words), width in zip(shaped, widths, strict=True):
        found.append((shaper, words, left))
        left += width
    return found


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
