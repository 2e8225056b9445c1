"""Writes letters set by replay into one PDF: fonts and shared parts once.

The same letters in the same order give the same bytes, whatever was set before them.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pydyf

from notices.render.assemble import EMPTY
from notices.replay.blocks import Mark
from notices.replay.common import common
from notices.replay.engine import Replayed
from notices.replay.ink import Painted, Used, add_fonts, add_pictures
from notices.replay.pages import page_content, words
from notices.replay.weasy import POINTS

Size = tuple[float, float]


def leaves(letter: Replayed, *, duplex: bool) -> int:
    """Return how many pages a letter takes in a file, the blank ones included."""
    pages = len(letter.sides)
    return pages + pages % 2 if duplex else pages


def written(letters: Sequence[Replayed], *, title: str, duplex: bool = False) -> bytes:
    """Return one PDF of these letters, the pages of each behind one another.

    In duplex every letter takes an even number of pages.
    """
    pdf = pydyf.PDF()
    shared = _Shared(pdf)
    fonts = _Fonts()
    # Every letter's pages by their place there, in the order of the file.
    contents = iter(_contents(letters, shared, fonts))
    resources = shared.close(fonts)
    for letter in letters:
        own = [next(contents) for _ in letter.pages]
        for side in letter.sides:
            page = side[1]
            content = None if side == EMPTY else own[page]
            _add_page(pdf, content, _size(letter, page), resources)
        for _ in range(len(letter.sides), leaves(letter, duplex=duplex)):
            _add_page(pdf, None, _size(letter, 0), resources)
    pdf.info["Title"] = pydyf.String(title)
    out = io.BytesIO()
    pdf.write(out, b"1.7", True, True)
    return out.getvalue()


def _size(letter: Replayed, page: int) -> Size:
    return letter.widths[page], letter.heights[page]


def _contents(
    letters: Sequence[Replayed], shared: _Shared, fonts: _Fonts
) -> list[bytes]:
    """Return the content of each page of each letter, deflated."""
    sizes = [
        _size(letter, page) for letter in letters for page in range(len(letter.pages))
    ]
    pages = [page for letter in letters for page in letter.pages]
    alike = common([page.marks for page in pages])
    largest = (
        (max(size[0] for size in sizes), max(size[1] for size in sizes))
        if sizes
        else (0.0, 0.0)
    )
    groups = [shared.add_words(marks, largest) for marks in alike.groups]
    found = []
    for page, size, (numbers, marks) in zip(pages, sizes, alike.pages, strict=True):
        drawn = []
        for each in page.static:
            drawn.append(shared.add(each, size, fonts))
        drawn += [groups[number] for number in numbers]
        found.append(page_content(size[1], drawn, page.codes, marks))
    for letter in letters:
        fonts.add_used(letter.fonts)
    return found


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
        for glyph, said in glyphs.items():
            if glyph not in known:
                known[glyph] = said
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
    """What pages share, each part once in a file, under a short name."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self._pdf = pdf
        self._resources = pydyf.Dictionary()
        pdf.add_object(self._resources)
        self._names: dict[str, str] = {}
        self._forms: dict[str, _Written] = {}
        self._pictures: dict[str, bytes] = {}

    def add(self, drawn: Painted, size: Size, fonts: _Fonts) -> str:
        """Add what was painted on a page of a size in points; return its name."""
        name = self._names.get(drawn.name)
        if name is None:
            resources = pydyf.Dictionary({"ExtGState": drawn.resources["ExtGState"]})
            pictures = add_pictures(self._pdf, drawn, self._pictures)
            if pictures:
                resources["XObject"] = pydyf.Dictionary(pictures)
            fonts.add_used(drawn.fonts)
            name = self._names[drawn.name] = self._add(drawn.content, resources, size)
        return name

    def add_words(self, marks: Sequence[Mark], size: Size) -> str:
        """Add words that many pages share; return their name."""
        return self._add(zlib.compress(words(marks), 9), pydyf.Dictionary(), size)

    def _add(self, content: bytes, resources: pydyf.Dictionary, size: Size) -> str:
        edges = [0, 0, *[length / POINTS for length in size]]
        extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array(edges),
            "Resources": resources,
        }
        form = _Written(content, pydyf.Dictionary(extra))
        self._pdf.add_object(form)
        name = f"{len(self._forms):x}"
        self._forms[name] = form
        return name

    def close(self, fonts: _Fonts) -> bytes:
        """Give every part the fonts of the file; return what its pages draw with."""
        dictionary = add_fonts(self._pdf, fonts.ready())
        self._pdf.add_object(dictionary)
        for form in self._forms.values():
            form.extra["Resources"]["Font"] = dictionary.reference
        self._resources["Font"] = dictionary.reference
        self._resources["XObject"] = pydyf.Dictionary(
            {name: form.reference for name, form in self._forms.items()}
        )
        reference: bytes = self._resources.reference
        return reference


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
    pdf: pydyf.PDF, content: bytes | None, size: Size, resources: bytes
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
