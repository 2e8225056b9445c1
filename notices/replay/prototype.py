"""Lays one letter of a shape out in full, and keeps what the others can share.

A block whose words hold a value is taken out of the page; all else is painted once.
What is kept of the block is where its lines stand, how wide they may be and in which
styles. Whatever else a value could move or change makes the shape unprovable: then
every letter of it goes the full way. At the end the letter is set again from what was
kept of it, and must arrive at the very lines of the full layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from notices.replay import weasy
from notices.replay.blocks import EXACT, Block, Stand, drawn_in
from notices.replay.conditions import Unprovable, align_of, require_plain
from notices.replay.ink import painted, painted_alone
from notices.replay.marks import CODE_ATTRIBUTE, Apart
from notices.replay.parts import CodePlace, Flow, Laid, Part
from notices.replay.reading import Reading, Shapers, piece_of, read
from notices.replay.weasy import Box, Setting, Tree, texts_of

Check = Callable[[Sequence[Any]], None]


def laid_out(
    apart: Apart,
    setting: Setting,
    shapers: Shapers,
    *,
    picture: Callable[[str], str],
    check: Check,
) -> Laid:
    """Lay a letter out and return what others can share of it.

    ``check`` looks at the pages and raises what the full way would raise.

    :raises Unprovable: a value could change more than its own lines.
    :raises Unprintable: a value of this letter needs the full way.
    """
    tree = weasy.tree_of(apart.page(picture), setting)
    reading = read(tree, shapers)
    pages = tree.laid_out()
    check(pages)
    layout = _Layout(pages, reading, shapers)
    stands = layout.stands()
    layout.require_same(tree, apart, stands)
    found = layout.kept(stands)
    tree.forget()
    flow, *parts = found
    return Laid(
        tree=tree,
        blocks=reading.blocks,
        lines=tuple([len(stand.places) for stand in stands]),
        flow=Flow(
            part=flow,
            runners=tuple(layout.runners),
            regions=tuple([page for page, _ in layout.regions]),
            heights=tuple([page.height * weasy.POINTS for page in pages]),
            widths=tuple([page.width * weasy.POINTS for page in pages]),
        ),
        signatures=reading.regions,
        parts=parts,
        codes=layout.codes,
    )


@dataclass(slots=True)
class _Layout:
    """Laid-out pages, and what is found on them by and by."""

    pages: Sequence[Any]
    reading: Reading
    shapers: Shapers
    runners: list[tuple[Block, Stand]] = field(default_factory=list)
    # The values that codes say, by part, the flow first.
    codes: list[list[int]] = field(default_factory=list)
    regions: list[tuple[int, Box]] = field(default_factory=list)
    # Laid-out lines by block; those of the margins behind those of the page.
    _lines: dict[int, list[Box]] = field(default_factory=dict)

    def stands(self) -> list[Stand]:
        """Return where the lines of each block stand.

        :raises Unprovable: see the module.
        """
        self.regions = self._regions()
        blocks = self.reading.blocks
        found: list[list[tuple[float, float, int, float]]] = [[] for _ in blocks]
        for number, page in enumerate(self.pages):
            for box in weasy.walk(page._page_box):
                if not _has_lines(box):
                    continue
                for line in box.children:
                    at = getattr(line, "duly_block", None)
                    if at is None:
                        self._note_runner(box, line, number)
                        continue
                    found[at].append(self._place(box, line, number))
                    self._lines.setdefault(at, []).append(line)
                    blocks[at].container = blocks[at].container or box
        stands = []
        for block, places in zip(blocks, found, strict=True):
            stand = _stand(places, self._first_page(block.region))
            block.width = stand.width
            stands.append(stand)
        return stands

    def require_same(self, tree: Tree, apart: Apart, stands: Sequence[Stand]) -> None:
        """Refuse a letter that replay would not set as the layout did.

        :raises Unprovable: the words, their order or their places differ.
        """
        known = [*zip(self.reading.blocks, stands, strict=True), *self.runners]
        for number, (block, stand) in enumerate(known):
            laid = [
                [(text.text.rstrip(" "), text.position_x) for text in drawn_in(line)]
                for line in self._lines.get(number, [])
            ]
            own = block.lines(tree, block.words(apart.values))
            mine = [
                [
                    (words.rstrip(" "), left)
                    for _, words, left in stand.placed(block, each)
                ]
                for each in own
            ]
            if not _are_same(mine, laid):
                raise Unprovable(f"Its own lines differ: {mine} and {laid}.")

    def kept(self, stands: Sequence[Stand]) -> list[Part]:
        """Return the flow and the regions, painted without what holds values.

        The pages are of no use afterwards.

        :raises Unprovable: something cannot be put into other files.
        """
        places = self._codes()
        for lines in self._lines.values():
            for line in lines:
                line.children = ()
        # Each region by itself, then the pages without them.
        alone = [[painted_alone(self.pages[page], box)] for page, box in self.regions]
        for _, box in self.regions:
            box.children = ()
        drawn = [[painted(page) for page in self.pages], *alone]
        if not all(each.is_simple for part in drawn for each in part):
            raise Unprovable("It is drawn in layers.")
        owners = [block.region for block in self.reading.blocks]
        return [
            Part(
                stands=tuple(
                    stand
                    for stand, owner in zip(stands, owners, strict=True)
                    if owner == (number - 1 if number else None)
                ),
                codes=tuple(places[number]),
                static=tuple(static),
            )
            for number, static in enumerate(drawn)
        ]

    def _regions(self) -> list[tuple[int, Box]]:
        """Return the page and the box of each region.

        :raises Unprovable: one goes on over the end of a page.
        """
        found: list[list[tuple[int, Box]]] = [[] for _ in self.reading.regions]
        for number, page in enumerate(self.pages):
            for box in weasy.walk(page._page_box):
                at = getattr(box, "duly_region", None)
                if at is not None:
                    found[at].append((number, box))
        if any(len(pieces) != 1 for pieces in found):
            raise Unprovable("A region is in pieces.")
        return [pieces[0] for pieces in found]

    def _first_page(self, region: int | None) -> int:
        return 0 if region is None else self.regions[region][0]

    def _place(self, box: Box, line: Box, page: int) -> tuple[float, float, int, float]:
        """Return the left edge and the width of a line's block, its page, its base."""
        words = drawn_in(line)
        bases = {round(text.position_y + text.baseline, 3) for text in words}
        if len(bases) != 1:
            raise Unprovable("A line is empty, or its words stand on two baselines.")
        base = words[0].position_y + words[0].baseline
        return box.content_box_x(), box.width, page, base

    def _note_runner(self, box: Box, line: Box, page: int) -> None:
        """Note a line of a margin that repeats a named string with a value in it."""
        strings = self.reading.strings
        texts = texts_of(line)
        said = "".join(text.text for text in texts)
        if said not in strings or not weasy.is_margin(box):
            return
        if len(texts) != 1 or len(box.children) != 1 or box.style["width"] == "auto":
            raise Unprovable("A running header takes more than a line.")
        require_plain(line, texts)
        piece = piece_of(strings[said], texts[0].style, self.shapers)
        if texts[0].style["white_space"] != "nowrap":
            raise Unprovable("A running header may break.")
        stand = _stand([self._place(box, line, page)], 0)
        block = Block((piece,), align_of(line.style), stand.width)
        self._lines[len(self.reading.blocks) + len(self.runners)] = [line]
        self.runners.append((block, stand))

    def _codes(self) -> list[list[CodePlace]]:
        """Find the codes by part, the flow first, and leave their places empty."""
        owners = {
            id(each): number
            for number, (_, region) in enumerate(self.regions, 1)
            for each in weasy.walk(region)
        }
        found: list[list[CodePlace]] = [[] for _ in range(len(self.regions) + 1)]
        self.codes = [[] for _ in found]
        for number, box, value in self._pictures():
            if box.style["width"] == "auto" or box.style["height"] == "auto":
                raise Unprovable("A code is as large as what it says.")
            owner = owners.get(id(box), 0)
            page = 0 if owner else number
            place = (box.content_box_x(), box.content_box_y(), box.width, box.height)
            found[owner].append(CodePlace(page, *place))
            self.codes[owner].append(value)
            # A picture without width is not drawn.
            box.width = 0
        return found

    def _pictures(self) -> Iterator[tuple[int, Box, int]]:
        """Return the page and the box of each code, and the number of its value."""
        for number, page in enumerate(self.pages):
            for box in weasy.walk(page._page_box):
                if weasy.is_picture(box) and box.element is not None:
                    value = box.element.get(CODE_ATTRIBUTE)
                    if value is not None:
                        yield number, box, int(value)


def _has_lines(box: Box) -> bool:
    children: Sequence[Box] = getattr(box, "children", ())
    return bool(children) and weasy.is_line(children[0])


def _stand(places: Sequence[tuple[float, float, int, float]], first: int) -> Stand:
    """Return the stand of lines at these places, whose pages count from ``first``."""
    if not places:
        raise Unprovable("A block is not on any page.")
    left, width, _, _ = places[-1]
    if any(abs(each - width) > EXACT for _, each, _, _ in places):
        raise Unprovable("The pieces of a block are of two widths.")
    return Stand(
        left, width, tuple([(page - first, base) for _, _, page, base in places])
    )


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
