"""The sign behind each glyph of a font: what who copies words from a PDF gets."""

from __future__ import annotations

import unicodedata
from typing import Any

import uharfbuzz


def signs_of(font: Any) -> dict[int, str]:
    """Return the one sign that a font has each glyph for, the lowest of several."""
    found = _SIGNS.get(font.hash)
    if found is None:
        face = uharfbuzz.Face(uharfbuzz.Blob(font.file_content), font.index)
        asked = uharfbuzz.Font(face)
        found = _SIGNS[font.hash] = {}
        for sign in sorted(face.unicodes, reverse=True):
            # A ligature that has a sign of its own stands for its letters.
            found[asked.get_nominal_glyph(sign)] = (
                unicodedata.normalize("NFKC", chr(sign))
                if sign in _LIGATURES
                else chr(sign)
            )
    return found


_LIGATURES = range(0xFB00, 0xFB07)
# By font; a process has a handful of fonts.
_SIGNS: dict[str, dict[int, str]] = {}
