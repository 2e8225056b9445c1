"""Turns words in a style into operators of a PDF, once for each words and style.

Pango is asked as WeasyPrint asks it. HarfBuzz, which Pango asks in turn, is asked
directly where that was shown to give the same: words of one script in one static font.
A style for which the two differ on any of the probes stays with Pango.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uharfbuzz

from notices.replay.pen import UNIT, Pen, Run, Unshaped
from notices.replay.signs import signs_of
from notices.replay.weasy import Style
from notices.replay.writing import number, written, written_glyph

# Words kept in a style; beyond it all are forgotten, for customers never end.
MOST_WORDS = 4_000

# Latin letters of Europe, digits, and signs that take the script of what is around.
_LATIN = re.compile(
    r"[\x20-\x7e\u00a0-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201e\u20ac]+"
)
_LETTER = re.compile(r"[A-Za-z\u00c0-\u017f]")
_PROBES = (
    "Hamburgefonstiv 0123456789 AVATAR To. Ty, LT'Y\" ffi fl fj “T” ",
    "Łukasz Dvořák Şahin Ğüneş Ñandú Çelik Øre Åsa Þór Ėglė Ůpice Őri ĳ",
    "£1,234.56 €99.00 – PO-7781 R-2026-0815 (A/B) 10:30 & Söhne GmbH, Co. KG",
    "example.com/r/7QK2M9XW4BTD +44 113 496 0000 a'b x·y 50% #7 @home",
)


class Unprintable(Exception):
    """Words that cannot be proven to come out as a full layout would print them."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """Words ready to be drawn: ``width`` in CSS pixels, text in one font.

    ``operators`` show them once font and size are set; ``glyphs`` are the text behind
    each glyph, for the font's subset and for whoever copies the words.
    """

    width: float
    operators: str
    glyphs: Mapping[int, str]
    font: Any


class Shaper:
    """Shapes words in one style; all of them in the style's first font."""

    def __init__(self, style: Style) -> None:
        self._pen = Pen(style)
        _, runs = self._shaped_by_pango("Hx 0")
        self.font = runs[0].font
        self.size = runs[0].size
        self.set_font = f"/{self.font.hash} {number(self.size)} Tf"
        self.signs = signs_of(self.font)
        self.colour = _colour(style["color"])
        self._ready: dict[str, Shaped] = {}
        self._harfbuzz = _HarfBuzz.for_style(self, style)

    def __call__(self, text: str) -> Shaped:
        """Return the words shaped.

        :raises Unprintable: they need another font, or more than glyphs in a row.
        """
        shaped = self._ready.get(text)
        if shaped is None:
            if len(self._ready) >= MOST_WORDS:
                self._ready.clear()
            shaped = self._ready[text] = self._shape(text)
        return shaped

    def by_pango(self, text: str) -> Shaped:
        """Return the words shaped by Pango.

        :raises Unprintable: see above.
        """
        width, runs = self._shaped_by_pango(text)
        if any(run.font.hash != self.font.hash for run in runs):
            raise Unprintable(text)
        glyphs: dict[int, str] = {}
        operators = []
        for run in runs:
            pieces = [
                (glyph, advance, shift) for glyph, advance, shift, _ in run.glyphs
            ]
            operators.append(written(pieces, run.font.widths, run.size))
            for glyph, _, _, words in run.glyphs:
                if not self.notes(glyphs, glyph, words):
                    raise Unprintable(text)
        return Shaped(width, "\n".join(operators), glyphs, self.font)

    def notes(self, glyphs: dict[int, str], glyph: int, words: str) -> bool:
        """Note the words behind a glyph; false if the font has it for other words.

        Who copies words from a PDF gets what is noted for their glyphs. A blank that
        holds its neighbours together is copied as a blank.
        """
        sign = self.signs.get(glyph, words)
        if words == "\u00a0" and sign == " ":
            words = sign
        if sign != words:
            return False
        return glyphs.setdefault(glyph, words) == words

    def _shape(self, text: str) -> Shaped:
        if not text:
            return Shaped(0.0, "", {}, self.font)
        if self._harfbuzz is not None:
            shaped = self._harfbuzz.shape(text)
            if shaped is not None:
                return shaped
        return self.by_pango(text)

    def _shaped_by_pango(self, text: str) -> tuple[float, list[Run]]:
        try:
            return self._pen.shape(text)
        except Unshaped as fault:
            raise Unprintable(text) from fault


class _HarfBuzz:
    """Shapes Latin words of one style by HarfBuzz alone."""

    def __init__(self, shaper: Shaper, language: str) -> None:
        font = shaper.font
        face = uharfbuzz.Face(uharfbuzz.Blob(font.file_content), font.index)
        self._font = uharfbuzz.Font(face)
        scale = round(shaper.size / UNIT)
        self._font.scale = (scale, scale)
        self._language = language
        self._size = shaper.size
        self._widths = font.widths
        self._notes = shaper.notes
        self._signs = shaper.signs
        self._proven: set[tuple[int, str]] = set()
        self._shared_font = font
        self._pieces: dict[tuple[int, int, int, int], str] = {}
        self._buffer = uharfbuzz.Buffer()

    @classmethod
    def for_style(cls, shaper: Shaper, style: Style) -> _HarfBuzz | None:
        """Return one for a style that needs nothing special, and shows it."""
        if "fvar" in shaper.font.tables or not _is_plain(style):
            return None
        found = cls(shaper, style["lang"] or "en")
        for probe in _PROBES:
            for text in (probe, *probe.split()):
                try:
                    expected = shaper.by_pango(text)
                except Unprintable:
                    continue
                if _LATIN.fullmatch(text) and found.shape(text) != expected:
                    return None
        return found

    def shape(self, text: str) -> Shaped | None:
        """Return the words shaped, or None where Pango has to be asked."""
        if not _LATIN.fullmatch(text):
            return None
        buffer = self._buffer
        buffer.reset()
        buffer.add_str(text)
        buffer.direction = "ltr"
        buffer.script = "Latn" if _LETTER.search(text) else "Zyyy"
        buffer.language = self._language
        uharfbuzz.shape(self._font, buffer)
        infos = buffer.glyph_infos
        numbers = [info.codepoint for info in infos]
        glyphs = self._glyphs(text, numbers, infos)
        if glyphs is None:
            return None
        out = ["[<"]
        known, total = self._pieces, 0
        for glyph, place in zip(numbers, buffer.glyph_positions, strict=True):
            advance = place.x_advance
            key = (glyph, advance, place.x_offset, place.y_offset)
            piece = known.get(key)
            if piece is None:
                piece = self._piece(*key)
                if piece is None:
                    return None
            out.append(piece)
            total += advance
        out.append(">]TJ")
        operators = "".join(out).replace("<>", "")
        return Shaped(total * UNIT, operators, glyphs, self._shared_font)

    def _glyphs(
        self, text: str, numbers: list[int], infos: Sequence[Any]
    ) -> dict[int, str] | None:
        """Return the words behind each glyph, or None where others have it too."""
        words: Sequence[str] = text
        if len(numbers) != len(text):
            ends = [info.cluster for info in infos[1:]]
            words = [
                text[info.cluster : end]
                for info, end in zip(infos, [*ends, len(text)], strict=True)
            ]
        said = set(zip(numbers, words, strict=True))
        if said <= self._proven:
            return dict(said)
        glyphs: dict[int, str] = {}
        for glyph, each in said:
            if not self._notes(glyphs, glyph, each):
                return None
        # What a font has the glyph for is the same in all words.
        signs = self._signs
        self._proven |= {pair for pair in said if signs.get(pair[0]) == pair[1]}
        return glyphs

    def _piece(self, glyph: int, advance: int, right: int, up: int) -> str | None:
        """Return the operators of one glyph, or None where Pango has to be asked."""
        # A glyph not met before has no width yet; Pango knows it.
        if not glyph or up or glyph not in self._widths:
            return None
        piece = written_glyph(glyph, advance, right, self._widths, self._size)
        self._pieces[glyph, advance, right, up] = piece
        return piece


def _colour(colour: Any) -> str:
    """Return the operator that sets a colour.

    :raises Unprintable: it lets through what lies below.
    """
    if colour.alpha != 1:
        raise Unprintable("a colour")
    red, green, blue = colour.to("srgb").coordinates
    return f"{number(red)} {number(green)} {number(blue)} rg"


_USUAL = {
    "letter_spacing": "normal",
    "word_spacing": 0,
    "font_feature_settings": "normal",
    "font_variant_numeric": "normal",
    "font_variant_ligatures": "normal",
    "font_variant_position": "normal",
    "font_variant_caps": "normal",
    "font_variant_alternates": "normal",
    "font_variant_east_asian": "normal",
    "font_variation_settings": "normal",
    "font_language_override": "normal",
    "font_kerning": "auto",
}


def _is_plain(style: Style) -> bool:
    return all(style[name] == usual for name, usual in _USUAL.items())


def style_key(style: Style) -> tuple[object, ...]:
    """Return what two styles share that shape words alike."""
    return (
        tuple(style["font_family"]),
        style["font_size"],
        style["font_weight"],
        style["font_style"],
        str(style["font_stretch"]),
        str(style["color"]),
        style["lang"],
        style["direction"],
        *(str(style[name]) for name in _USUAL),
    )
