"""Boxes of WeasyPrint: made of a page, laid out, and broken into lines once more.

Here, in :mod:`notices.replay.ink` and in :mod:`notices.replay.pen` stands every call of
WeasyPrint's own inside that replay makes. Proven with WeasyPrint 70 alone: with another
one :func:`is_known` is false and replay stays off. tests/notices/test_replay_weasy.py
holds each of these calls to its contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import weasyprint
from weasyprint import CSS, DEFAULT_OPTIONS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document, Page
from weasyprint.formatting_structure import boxes
from weasyprint.formatting_structure.build import build_formatting_structure
from weasyprint.layout import layout_document
from weasyprint.layout.inline import iter_line_boxes
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

KNOWN_MAJOR = "70"
POINTS = 0.75  # in a CSS pixel

Box = Any
Style = Any


def is_known() -> bool:
    """Whether this is the WeasyPrint that replay was proven with."""
    return str(weasyprint.__version__).split(".")[0] == KNOWN_MAJOR


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page is laid out with, alike for all letters of a stationery."""

    fonts: FontConfiguration
    styles: Sequence[CSS]
    fetcher: URLFetcher


@dataclass(slots=True)
class Tree:
    """The boxes of one page before its layout; ``lines`` hold unbroken text."""

    root: Box
    html: HTML | None
    context: Any

    def boxes(self) -> Iterator[Box]:
        """Return every box, parents before their children."""
        return walk(self.root)

    def laid_out(self) -> list[Page]:
        """Return the pages; attributes set on a box stand on its pieces too."""
        return [
            Page(box) for box in layout_document(self.html, self.root, self.context)
        ]

    def forget(self) -> None:
        """Let go of what only a whole layout needs, many megabytes of it.

        Single lines can still be broken again.
        """
        self.root = self.html = None
        context = self.context
        context.style_for = context.target_collector = context.counter_style = None
        context.get_image_from_uri = context.current_footnote_area = None
        for held in (
            context.page_maker,
            context.string_set,
            context.running_elements,
            context.broken_out_of_flow,
            context.tables,
        ):
            held.clear()

    def break_again(self, line: Box, container: Box) -> list[Box]:
        """Return the lines that an unbroken line makes in its laid-out container."""
        context = self.context
        context.create_block_formatting_context()
        top = container.content_box_y()
        found = iter_line_boxes(
            context, line, top, -inf, None, container, [], [], None, None
        )
        lines = [each for each, _ in found]
        context.finish_block_formatting_context()
        return lines


def tree_of(html: str, setting: Setting) -> Tree:
    """Return the boxes that a page makes, not laid out yet."""
    page = HTML(string=html, url_fetcher=setting.fetcher)
    counters = CounterStyle()
    options = {**DEFAULT_OPTIONS, "stylesheets": list(setting.styles), "cache": {}}
    context = Document._build_layout_context(page, setting.fonts, counters, {}, options)
    root = build_formatting_structure(
        page.etree_element,
        context.style_for,
        context.get_image_from_uri,
        page.base_url,
        context.target_collector,
        counters,
        context.footnotes,
    )
    return Tree(root, page, context)


def walk(box: Box) -> Iterator[Box]:
    """Return a box and all in it; what is placed absolutely hides behind a proxy."""
    box = box.__dict__.get("_box", box)
    yield box
    if isinstance(box, boxes.ParentBox):
        for child in box.all_children():
            yield from walk(child)


def ancestry(box: Box, above: tuple[Box, ...] = ()) -> Iterator[tuple[Box, ...]]:
    """Return the path to each box, the outermost first and the box itself last."""
    box = box.__dict__.get("_box", box)
    path = (*above, box)
    yield path
    if isinstance(box, boxes.ParentBox):
        for child in box.all_children():
            yield from ancestry(child, path)


def is_text(box: Box) -> bool:
    """Whether a box is words."""
    return isinstance(box, boxes.TextBox)


def is_line(box: Box) -> bool:
    """Whether a box is a line, or before the layout all words of a block."""
    return isinstance(box, boxes.LineBox)


def is_inline(box: Box) -> bool:
    """Whether a box is inline and holds others, and is no block of its own."""
    return isinstance(box, boxes.InlineBox)


def texts_of(line: Box) -> list[Box]:
    """Return the words of a line in their order."""
    found: list[Box] = []
    for child in line.children:
        if is_text(child):
            found.append(child)
        elif is_inline(child):
            found += texts_of(child)
    return found


def is_picture(box: Box) -> bool:
    """Whether a box is a picture."""
    return isinstance(box, boxes.ReplacedBox)


def is_margin(box: Box) -> bool:
    """Whether a box stands in the margin of a page."""
    return isinstance(box, boxes.MarginBox)


def is_table(box: Box) -> bool:
    """Whether a box is a table without its captions."""
    return isinstance(box, boxes.TableBox)


def shrinks(box: Box) -> bool:
    """Whether the width of a box may come from the words in it."""
    wraps = isinstance(box, boxes.FlexContainerBox | boxes.GridContainerBox)
    alone = box.is_floated() or box.is_absolutely_positioned()
    inline = isinstance(box, boxes.InlineBlockBox)
    return wraps or ((alone or inline) and box.style["width"] == "auto")
