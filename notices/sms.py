"""How long a text message is on the wire, and how to keep it short without harm.

Measures a text in the units and parts it is billed by, and puts plain characters for
typographic ones. Refuses to know what the text says, who gets it and what it costs;
letters are never flattened, since a name without its accents is another name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

# GSM 03.38, the basic alphabet and its extension table, one septet and two.
_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM_ALL = _GSM_BASIC | _GSM_EXTENDED

# What every network still puts together again, and about what a reader will read.
MOST_SEGMENTS = 6
# What one message holds alone, and each part of a longer one beside its header.
_GSM_SINGLE, _GSM_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67


@dataclass(frozen=True, slots=True)
class Measured:
    """The size of a text: septets for ``gsm7``, UTF-16 code units for ``ucs2``.

    ``segments`` are the parts it is sent and billed in; an empty text is one.
    """

    encoding: Encoding
    units: int
    segments: int


@dataclass(frozen=True, slots=True)
class Change:
    """One character that was put in a plainer form.

    ``position`` counts the characters of the original text from 0; ``replacement`` is
    empty where the character showed nothing.
    """

    position: int
    original: str
    replacement: str
    name: str


def measure(text: str) -> Measured:
    """Return the encoding, the units and the parts ``text`` needs."""
    if _GSM_ALL.issuperset(text):
        sizes = [2 if character in _GSM_EXTENDED else 1 for character in text]
        return Measured("gsm7", sum(sizes), _parts(sizes, _GSM_SINGLE, _GSM_PART))
    sizes = [2 if character > "\uffff" else 1 for character in text]
    return Measured("ucs2", sum(sizes), _parts(sizes, _UCS2_SINGLE, _UCS2_PART))


def beyond_gsm7(text: str) -> tuple[str, ...]:
    """Return the characters that force Unicode, each once, in order of appearance."""
    return tuple(dict.fromkeys(sign for sign in text if sign not in _GSM_ALL))


def _parts(sizes: Iterable[int], single: int, part: int) -> int:
    """Count the parts, none of which cuts a character of two units in half."""
    sizes = list(sizes)
    if sum(sizes) <= single:
        return 1
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            parts, filled = parts + 1, 0
        filled += size
    return parts


def downgrade(text: str) -> tuple[str, tuple[Change, ...]]:
    """Return ``text`` with plain characters for typographic ones, and every change.

    Quotes, dashes, blanks, bullets, ligatures and full-width forms only. What has no
    plain form of the same meaning stays as it is, even if it costs another encoding.
    """
    changes = tuple(
        Change(position, character, _PLAIN[character], _name(character))
        for position, character in enumerate(text)
        if character in _PLAIN
    )
    return (text.translate(_PLAIN_TABLE) if changes else text), changes


def _name(character: str) -> str:
    return unicodedata.name(character, _UNNAMED.get(character, "")).lower()


def _full_width() -> dict[str, str]:
    """Return the full-width forms of ASCII that the GSM alphabet has, and its signs."""
    ascii_forms = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
    signs = {"￠": "¢", "￡": "£", "￥": "¥", "￣": "¯"}
    plain = {**ascii_forms, **signs, "｀": "'"}
    return {wide: form for wide, form in plain.items() if form in _GSM_ALL}


_UNNAMED = {"\t": "tab", "\x85": "next line"}
_SAME_MEANING = {
    "'": "‘’‚‛′‵ʹʼ‹›`´",
    '"': "“”„‟″«»〝〞",
    "-": "‐‑‒–—―−﹘﹣•‣◦⁃▪●",
    "...": "…",
    "..": "‥",
    "/": "⁄∕",
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u202f\u205f\u3000\t",
    "\n": "\u2028\u2029\x85",
    # Joiners and direction marks are not here: some scripts are misread without them.
    "": "\u00ad\u200b\u2060\ufeff",
}
_LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
}
_PLAIN: dict[str, str] = {
    **{sign: plain for plain, signs in _SAME_MEANING.items() for sign in signs},
    **_LIGATURES,
    **_full_width(),
}
_PLAIN_TABLE = str.maketrans(_PLAIN)
