"""Takes a filled letter apart into what its shape is and what its values are.

Of two letters of a text, what is alike is the shape: words, markup, which branches hold
and how many rows there are. The rest are values. The wording is parsed a second time
with a mark on both sides of each output that prints a customer's value; the filled
page, cut at the marks, is then fixed pieces and values in turn, and equal fixed pieces
are the same shape. A value that a stray mark cuts in two is still printed whole: what
is not taken for a value belongs to the shape. Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notices.render.shield import MARKUP

# Control signs: no value keeps one (notices.render.printable), no text may hold one.
OPEN, CLOSE, NUMBER_END = "\x0e", "\x0f", "\x10"
# Attribute by which the box of a picture is found again.
CODE_ATTRIBUTE = "data-code"

_PATH = re.compile(r"\s*([a-z_]+)")
# The same for all customers of a firm, so it may as well belong to the shape.
_FIXED = frozenset({"brand", "layout", "logo"})
_IN_TAG = re.compile(r"<(/?[a-z][a-z0-9]*)(?:\s[^<>]*)?$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*\"[^\"]*$", re.IGNORECASE)
# Attributes that nobody sees on paper, with what stands for a value there.
_UNSEEN = {"alt": "", "content": "", "href": "https://unseen.invalid/", "title": ""}
_MARKED = re.compile(f"{OPEN}(\\d+){NUMBER_END}([^{CLOSE}]*){CLOSE}")
# Blanks that a page would not print as they are.
_ODD_BLANKS = re.compile(f"  |[\t\n\r\f]|(?:^|{OPEN}) | (?:{OPEN}|$)")

Part = str | int


def marked(source: str) -> str:
    """Return the Liquid of a page with marks around each output of a value.

    What nobody sees on paper (title, alternative text, address of a link) is left out,
    so that it makes no shape of its own.
    """
    pieces: list[str] = []
    bare = MARKUP.sub(lambda match: "\x00" * len(match[0]), source)
    at = 0
    for match in MARKUP.finditer(source):
        pieces.append(source[at : match.start()])
        pieces.append(_written(match, bare))
        at = match.end()
    pieces.append(source[at:])
    return "".join(pieces)


def _written(match: re.Match[str], bare: str) -> str:
    """Return one piece of Liquid as the marked page has it."""
    path = _PATH.match(match["output"] or "")
    if path is None or path[1] in _FIXED:
        return match[0]
    before = bare[bare.rfind("<", 0, match.start()) : match.start()]
    if before.startswith(("<title", "<meta")) and ">" not in before:
        return ""
    if before.startswith("<title"):
        return ""
    if _IN_TAG.match(before):
        attribute = _ATTRIBUTE.search(before)
        name = attribute[1].lower() if attribute else ""
        if name in _UNSEEN:
            return _UNSEEN[name]
        return f"{OPEN}{match[0]}{CLOSE}" if name == "src" else match[0]
    return f"{OPEN}{match[0]}{CLOSE}"


@dataclass(frozen=True, slots=True)
class Apart:
    """One filled letter: its fixed pieces, and the values between them.

    ``values`` are plain text; an empty one prints nothing and belongs to the shape.
    ``fixed`` has one piece more than there are values.
    """

    fixed: Sequence[str]
    values: Sequence[str]

    @property
    def shape(self) -> str:
        """Return what all letters of this shape share, and no other letter has."""
        there = "".join("1" if value else "0" for value in self.values)
        return there + OPEN + OPEN.join(self.fixed)

    @property
    def is_plain(self) -> bool:
        """Whether the blanks of every value are printed as they are."""
        shown = [value for at, value in enumerate(self.values) if not self.is_code(at)]
        return not _ODD_BLANKS.search(OPEN.join(shown))

    def is_code(self, number: int) -> bool:
        """Whether a value is the picture of a code."""
        return self.fixed[number].endswith('src="')

    def page(self, picture: Callable[[str], str]) -> str:
        """Return the page with each value in its place, marked with its number.

        ``picture`` gives the address of a code that says a value.
        """
        pieces = []
        for number, (fixed, value) in enumerate(
            zip(self.fixed, self.values, strict=False)
        ):
            if self.is_code(number):
                pieces += [fixed[:-5], f'{CODE_ATTRIBUTE}="{number}" ', fixed[-5:]]
                pieces.append(picture(value))
                continue
            pieces.append(fixed)
            if value:
                pieces += [OPEN, str(number), NUMBER_END]
                pieces += [html.escape(value, quote=False), CLOSE]
        pieces.append(self.fixed[-1])
        return "".join(pieces)


def taken_apart(page: str) -> Apart:
    """Return a filled page of a marked wording, taken apart."""
    pieces = page.replace(CLOSE, OPEN).split(OPEN)
    values = [html.unescape(value) if "&" in value else value for value in pieces[1::2]]
    return Apart(pieces[::2], values)


def parts_of(text: str) -> list[Part]:
    """Return a marked text as fixed words and numbers of values, in their order."""
    parts: list[Part] = []
    at = 0
    for match in _MARKED.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        parts.append(int(match[1]))
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    return parts


def unmarked(text: str) -> str:
    """Return a marked text as it is printed."""
    return _MARKED.sub(r"\2", text)
