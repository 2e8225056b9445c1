"""Text of anybody made one printable line, whatever was typed, pasted or imported.

Knows no field and no notice: what a value means is for notices.render.values.
"""

from __future__ import annotations

import re
import unicodedata

# Line breaks of every kind, blanks, and what draws nothing or turns the direction of
# the text that follows it.
_BLANKS = re.compile(r"[\s\u0085\u2028\u2029]+")
_DROPPED = frozenset({"Cc", "Cf", "Cs"})
# Joiners carry meaning in Arabic, Persian and Indian names.
_JOINERS = "\u200c\u200d"


def clean(text: str, *, marks: str = "") -> str:
    """Return the text as one printable line; blanks in a row become one.

    ``marks`` are signs that draw nothing and stay all the same.
    """
    if text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(
        char
        for char in _BLANKS.sub(" ", text)
        if char in _JOINERS
        or char in marks
        or unicodedata.category(char) not in _DROPPED
    )
    # What was dropped may have stood between two blanks.
    return _BLANKS.sub(" ", kept).strip()


def phone_link(phone: str) -> str:
    """Return a telephone number as what a link calls."""
    return "tel:" + re.sub(r"[^0-9+]", "", phone)
