"""Writes letters set by replay into one PDF: fonts and shared parts once.

The same letters in the same order give the same bytes, whatever was set before them.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterable, Sequence
from typing import Any

import pydyf

from notices.replay.engine import Replayed
from notices.replay.weasy import Painted, add_fonts, add_pictures


def leaves(letter: Replayed, *, duplex: bool) -> int:
    """Return how many pages a letter takes in a file, the blank ones included."""
    pages = letter.pages + letter.has_blank
    return pages + pages % 2 if duplex else pages


def written(
    letters: Sequence[Replayed], *, title: str, duplex: bool = False
) -> bytes:
    """Return one PDF of these letters, the pages of each behind one another.

    In duplex every letter takes an even number of pages.
    """
    pdf = pydyf.PDF()
    fonts = _Fonts()
    shared = _Shared(pdf)
    resources = pydyf.Dictionary()
    pdf.add_object(resources)
    for letter in letters:
        for name, drawn in zip(letter.names, letter.prototype.static, strict=True):
            if shared.needs(name):
                fonts.add_painted(drawn)
                shared.add(name, drawn, letter.prototype)
        fonts.add_words(letter.words)
    dictionary = add_fonts(pdf, fonts.ready())
    pdf.add_object(dictionary)
    resources["Font"] = dictionary.reference
    resources["XObject"] = shared.close(dictionary.reference)
    for letter in letters:
        sizes = list(
            zip(letter.prototype.widths, letter.prototype.heights, strict=True)
        )
        contents: list[bytes | None] = list(letter.contents)
        if letter.has_blank:
            contents.insert(-1, None)
        contents += [None] * (leaves(letter, duplex=duplex) - len(contents))
        for number, content in enumerate(contents):
            size = sizes[min(number, len(sizes) - 1)]
            _add_page(pdf, content, size, resources.reference)
    pdf.info["Title"] = pydyf.String(title)
    out = io.BytesIO()
    pdf.write(out, b"1.7", True, True)
    return out.getvalue()


class _Fonts:
    """The glyphs that a file uses, by font."""

    def __init__(self) -> None:
        self._fonts: dict[str, Any] = {}
        self._glyphs: dict[str, dict[int, str]] = {}
        self._widths: dict[str, dict[int, int]] = {}
        self._seen: set[int] = set()

    def add_painted(self, drawn: Painted) -> None:
        """Add what the shared part of a page uses."""
        for font in drawn.fonts.values():
            self._add(font, font.to_unicode)

    def add_words(self, words: Iterable[Any]) -> None:
        """Add what words use."""
        for shaped in words:
            if id(shaped) not in self._seen:
                self._seen.add(id(shaped))
                self._add(shaped.font, shaped.glyphs)

    def _add(self, font: Any, glyphs: Any) -> None:
        name = font.hash
        if name not in self._fonts:
            self._fonts[name], self._glyphs[name] = font, {}
            self._widths[name] = {}
        known = self._glyphs[name]
        for glyph, words in glyphs.items():
            if glyph not in known:
                known[glyph] = words
                self._widths[name][glyph] = font.widths[glyph]

    def ready(self) -> list[Any]:
        """Return the fonts with what they need and no more, for WeasyPrint to write."""
        fonts = []
        for name in sorted(self._fonts):
            # Writing a font cuts it down to its glyphs; the next file needs it whole.
            font = copy.copy(self._fonts[name])
            font.to_unicode = dict(sorted(self._glyphs[name].items()))
            font.widths = dict(sorted(self._widths[name].items()))
            font.missing = {}
            fonts.append(font)
        return fonts


class _Shared:
    """What letters share, each part once in a file."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self._pdf = pdf
        self._forms: dict[str, pydyf.Stream] = {}
        self._pictures: dict[str, bytes] = {}

    def needs(self, name: str) -> bool:
        """Whether the file does not have this part yet."""
        return name not in self._forms

    def add(self, name: str, drawn: Painted, prototype: Any) -> None:
        """Add the shared part of one page."""
        page = prototype.static.index(drawn)
        box = [0, 0, prototype.widths[page], prototype.heights[page]]
        resources = pydyf.Dictionary({"ExtGState": drawn.resources["ExtGState"]})
        pictures = add_pictures(self._pdf, drawn, self._pictures)
        if pictures:
            resources["XObject"] = pydyf.Dictionary(pictures)
        extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array(box),
            "Resources": resources,
        }
        form = pydyf.Stream([drawn.operators], pydyf.Dictionary(extra), compress=True)
        self._pdf.add_object(form)
        self._forms[name] = form

    def close(self, fonts: bytes) -> pydyf.Dictionary:
        """Give every part the fonts of the file; return the parts by name."""
        for form in self._forms.values():
            form.extra["Resources"]["Font"] = fonts
        return pydyf.Dictionary(
            {name: form.reference for name, form in self._forms.items()}
        )


class _Written(pydyf.Stream):
    """A stream whose bytes are deflated already."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    @property
    def data(self) -> bytes:
        """Return the stream as the file has it."""
        head = b"<</Filter /FlateDecode/Length %d>>\nstream\n" % len(self._content)
        return head + self._content + b"\nendstream"


def _add_page(
    pdf: pydyf.PDF, content: bytes | None, size: tuple[float, float], resources: bytes
) -> None:
    page = {
        "Type": "/Page",
        "Parent": pdf.pages.reference,
        "MediaBox": pydyf.Array([0, 0, *size]),
        "Resources": resources if content else pydyf.Dictionary(),
    }
    if content:
        stream = _Written(content)
        pdf.add_object(stream)
        page["Contents"] = stream.reference
    pdf.add_page(pydyf.Dictionary(page))
