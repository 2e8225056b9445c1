"""Makes short texts for social media and site banners out of an announcement.

Whole words only: what does not fit is left out or cut between two words. Chinese and
Japanese, which write no blanks, are cut between two signs. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# In characters, the link included: a headline, a short post, a long post.
LENGTHS = (100, 280, 500)
BANNER_LENGTH = 160
ELLIPSIS = "…"

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_LIST_LINE = re.compile(r"\s*(?:[-*•]|\d+\.)\s")
# Signs that never begin a line of Chinese or Japanese.
_CLOSING = frozenset("、。，．：；！？）】」』〉》％")


@dataclass(frozen=True, slots=True)
class SocialText:
    """One text and the most characters it may have."""

    limit: int
    text: str

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(self.text)


def social_texts(
    lines: Sequence[str], link: str, name: str, limits: Sequence[int] = LENGTHS
) -> list[SocialText]:
    """Return a text for each limit: as many of ``lines`` as fit, then the link.

    ``lines`` go from the most to the least important. ``name`` is the firm's, which
    stands in where not even a part of the first line fits. A limit that the link
    alone passes has no text.
    """
    found = []
    for limit in limits:
        room = limit - len(link) - (2 if link else 0)
        if link and len(link) > limit:
            continue
        words = fitting(lines, room) or fitting([name], room)
        found.append(SocialText(limit, "\n\n".join(filter(None, (words, link)))))
    return found


def banner_text(lines: Sequence[str]) -> str:
    """Return one line for the top of a site."""
    return fitting(lines, BANNER_LENGTH, " · ")


def fitting(lines: Sequence[str], room: int, between: str = "\n") -> str:
    """Return the first lines that fit into ``room`` characters; the first may be cut.

    Empty when not one word fits.
    """
    text = ""
    for line in filter(None, (unicodedata.normalize("NFC", one) for one in lines)):
        if not text:
            text = cut(line, room)
            if text != line:
                return text
        elif len(text) + len(between) + len(line) <= room:
            text += between + line
        else:
            break
    return text


def cut(text: str, room: int) -> str:
    """Return the text, or its beginning with an ellipsis, in ``room`` characters.

    Never ends inside a word; empty when not one word fits.
    """
    if len(text) <= room:
        return text
    for end in range(room - len(ELLIPSIS), 0, -1):
        if _may_end(text, end):
            return text[:end].rstrip(" \t\n,;:–—-、，：；") + ELLIPSIS
    return ""


def first_sentences(text: str, most: int = 4) -> list[str]:
    """Return the first whole sentences of a plain text, lists and headings left out."""
    found: list[str] = []
    for paragraph in text.split("\n\n"):
        if _LIST_LINE.match(paragraph):
            continue
        sentences = [one.strip() for one in _SENTENCE.split(paragraph) if one.strip()]
        found += [one for one in sentences if one[-1] in ".!?。！？"]
        if len(found) >= most:
            break
    return found[:most]


def _may_end(text: str, end: int) -> bool:
    """Whether a text may be cut before the character at ``end``."""
    before, after = text[end - 1], text[end]
    if after.isspace():
        return not before.isspace()
    if unicodedata.combining(after) or after in _CLOSING or after in "\u200d\ufe0f":
        return False
    return _is_ideographic(before) and not before.isspace() and _wide(after)


def _is_ideographic(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(
        ("CJK UNIFIED", "HIRAGANA", "KATAKANA")
    ) or (sign in _CLOSING)


def _wide(sign: str) -> bool:
    """Whether a new word may begin here: another such sign, or other writing."""
    return _is_ideographic(sign) or sign.isalnum()
