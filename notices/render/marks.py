"""Marks of direction for plain text that is read from the right.

A reader's telephone or mail program turns the groups of a number around where they
stand among Arabic words: after a letter of Arabic ``+966 11 000`` is shown as
``000 11 966+``. One mark before the number holds it together; one before a line that
begins with a Latin name says that the line is Arabic all the same. Pages and letters
do this with ``bdi``. Pure.
"""

from __future__ import annotations

import re
import unicodedata

_FROM_LEFT, _FROM_RIGHT = "\u200e", "\u200f"
MARKS = _FROM_LEFT + _FROM_RIGHT
# A number of several groups, with the mark it may have had before. One that begins
# with a letter, such as an IBAN, keeps its order by itself; so does a web address, and
# a sum, which brings its own marks.
_GROUPS = re.compile(
    r"\u200e?(?<![A-Za-z0-9+@/.:_•\u200f-])(?:•{1,8} )?\+?[A-Za-z\d]+"
    r"(?:[ \u00a0()/+-]{1,2}[A-Za-z\d]+|[.,:]\d+)*"
)
# What parts groups; 184.20 and 9:30 are never turned around.
_PARTING = re.compile(r"[ \u00a0()/+-]")


def kept_whole(fact: str) -> str:
    """Return a fact of Arabic words with the numbers in it marked, so that they hold
    together wherever it is set; any other fact as it is."""
    if fact.isascii() or not any(map(_is_from_right, fact)):
        return fact
    return _GROUPS.sub(_held, fact)


def marked(text: str) -> str:
    """Return plain text in a language written from the right, with marks where its
    numbers and lines would be shown the wrong way round."""
    return "\n".join(map(_marked_line, text.split("\n")))


def _marked_line(line: str) -> str:
    if not any(map(_is_from_right, line)):
        return line
    held = kept_whole(line)
    first = next((sign for sign in line if sign.isalpha()), "")
    is_clear = _is_from_right(first) or line.startswith(_FROM_RIGHT)
    return held if is_clear else _FROM_RIGHT + held


def _held(match: re.Match[str]) -> str:
    number = match[0]
    begins = number.lstrip("•+ ")[0]
    is_scrambled = begins.isdigit() and _PARTING.search(number)
    return _FROM_LEFT + number if is_scrambled else number


def _is_from_right(sign: str) -> bool:
    return bool(sign) and unicodedata.bidirectional(sign) in {"R", "AL"}
