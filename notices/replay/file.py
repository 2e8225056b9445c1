"""Writes letters set by replay into one PDF: fonts and shared parts once.

The same letters in the same order give the same bytes, whatever was set before them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pydyf

from notices.render.assemble import EMPTY
from notices.replay.engine import Replayed
from notices.replay.weasy import Painted, Used, add_fonts, add_pictures


def leaves(letter: Replayed, *, duplex: bool) -> int:
    """Return how many pages a letter takes in a file, the blank ones included."""
    pages = len(letter.sides)
    return pages + pages % 2 if duplex else pages


def written(letters: Sequence[Replayed], *, title: str, duplex: bool = False) -> bytes:
    """Return one PDF of these letters, the pages of each behind one another.

    In duplex every letter takes an even number of pages.
    """
    pdf = pydyf.PDF()
    fonts = _Fonts()
    shared = _Shared(pdf)
    resources = pydyf.Dictionary()
    pdf.add_object(resources)
    for letter in letters:
        for number, drawn in enumerate(letter.prototype.static):
            if shared.needs(drawn.name):
                fonts.add_used(drawn.fonts)
                shared.add(drawn, _size(letter, number))
        fonts.add_used(letter.fonts)
    dictionary = add_fonts(pdf, fonts.ready())
    pdf.add_object(dictionary)
    resources["Font"] = dictionary.reference
    resources["XObject"] = shared.close(dictionary.reference)
    for letter in letters:
        for side in letter.sides:
            page = side[1]
            content = None if side == EMPTY else letter.contents[page]
            _add_page(pdf, content, _size(letter, page), resources.reference)
        for _ in range(len(letter.sides), leaves(letter, duplex=duplex)):
            _add_page(pdf, None, _size(letter, 0), resources.reference)
    pdf.info["Title"] = pydyf.String(title)
    out = io.BytesIO()
    pdf.write(out, b"1.7", True, True)
    return out.getvalue()


def _size(letter: Replayed, page: int) -> tuple[float, float]:
    return letter.prototype.widths[page], letter.prototype.heights[page]


class _Fonts:
    """The glyphs that a file uses, by font."""

    def __init__(self) -> None:
        self._fonts: dict[str, Any] = {}
        self._glyphs: dict[str, dict[int, str]] = {}
        self._widths: dict[str, dict[int, int]] = {}

    def add_used(self, fonts: Iterable[Used]) -> None:
        """Add what words, or the shared part of a page, use."""
        for used in fonts:
            self._add(used.font, used.glyphs, used.widths)

    def _add(
        self, font: Any, glyphs: Mapping[int, str], widths: Mapping[int, int]
    ) -> None:
        name = font.hash
        if name not in self._fonts:
            self._fonts[name], self._glyphs[name] = font, {}
            self._widths[name] = {}
        known = self._glyphs[name]
        for glyph, words in glyphs.items():
            if glyph not in known:
                known[glyph] = words
                self._widths[name][glyph] = widths[glyph]

    def ready(self) -> list[Used]:
        """Return the fonts with what is used of them, in a lasting order."""
        return [
            Used(
                self._fonts[name],
                dict(sorted(self._glyphs[name].items())),
                dict(sorted(self._widths[name].items())),
            )
            for name in sorted(self._fonts)
        ]


class _Shared:
    """What letters share, each part once in a file."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self._pdf = pdf
        self._forms: dict[str, _Written] = {}
        self._pictures: dict[str, bytes] = {}

    def needs(self, name: str) -> bool:
        """Whether the file does not have this part yet."""
        return name not in self._forms

    def add(self, drawn: Painted, size: tuple[float, float]) -> None:
        """Add the shared part of one page."""
        resources = pydyf.Dictionary({"ExtGState": drawn.resources["ExtGState"]})
        pictures = add_pictures(self._pdf, drawn, self._pictures)
        if pictures:
            resources["XObject"] = pydyf.Dictionary(pictures)
        extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array([0, 0, *size]),
            "Resources": resources,
        }
        form = _Written(drawn.content, pydyf.Dictionary(extra))
        self._pdf.add_object(form)
        self._forms[drawn.name] = form

    def close(self, fonts: bytes) -> pydyf.Dictionary:
        """Give every part the fonts of the file; return the parts by name."""
        for form in self._forms.values():
            form.extra["Resources"]["Font"] = fonts
        return pydyf.Dictionary(
            {name: form.reference for name, form in self._forms.items()}
        )


class _Written(pydyf.Stream):  # type: ignore[misc]
    """A stream whose bytes are deflated already."""

    def __init__(self, content: bytes, extra: pydyf.Dictionary | None = None) -> None:
        super().__init__(extra=extra)
        self._content = content

    @property
    def data(self) -> bytes:
        """Return the stream as the file has it."""
        head = pydyf.Dictionary(
            {**self.extra, "Filter": "/FlateDecode", "Length": len(self._content)}
        )
        return b"%s\nstream\n%s\nendstream" % (head.data, self._content)


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
