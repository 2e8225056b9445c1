"""Finds in a text for everybody what belongs to one person: addresses and numbers.

E-mail addresses, phone numbers, IBANs and account-like numbers, however they are
spaced, unless the firm itself gave them. Dates, times and sums are no such numbers.
Names cannot be told from other words, so a person still reads. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"'/]+@[^\s@<>()\[\],;:\"'/]+\.[^\W\d_]{2,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b")
# Seven digits are the shortest phone number that is more than a date or a sum.
_RUN = re.compile(r"(?<!\d)\+?\(?\d(?:[ ().\-/]{0,2}\d){6,}")
# What is full of digits and nobody's number.
_HARMLESS = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}\b"
    r"|\b\d{1,2}[./]\s?\d{1,2}[./]\s?\d{4}\b"
    r"|\b\d{1,2}[:.]\d{2}\s?-\s?\d{1,2}[:.]\d{2}\b"
    r"|\b\d{1,2}:\d{2}\b"
    r"|\b(?:19|20)\d{2}[/-](?:19|20)?\d{2}\b"
    r"|[€£$¥₽]\s?\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{2})?"
    r"|\b\d{1,3}(?:[ .]\d{3})+(?:,\d{2})?\s?(?:[€£$¥₽]|zł|Kč|[A-Z]{3}\b)"
    r"|\b\d{1,3}(?:[ .]\d{3})*,\d{2}\b"
    r"|\b[A-Z]{2} \d{5}-\d{4}\b"
)
_TOKEN = re.compile(r"[^\W_][\w/.-]{3,62}[^\W_]")


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that may be somebody's own: what it is, and the words themselves."""

    what: str
    words: str


def personal_data(text: str, ours: Iterable[str]) -> list[Found]:
    """Return what in a text may be a person's own, each once.

    ``ours`` are texts in which the firm gives its own addresses and numbers; what
    stands in them may stand in the text too.
    """
    plain = _plain(text)
    own = _plain(" \n ".join(ours))
    own_numbers = {_digits(run) for run in _RUN.findall(own)}
    own_words = {word.casefold() for word in _EMAIL.findall(own)} | {
        _compact(iban) for iban in _IBAN.findall(own)
    }
    found: dict[Found, None] = {}
    for match in _EMAIL.finditer(plain):
        if match[0].casefold().rstrip(".") not in own_words:
            found[Found("an e-mail address", match[0])] = None
    for match in _IBAN.finditer(plain):
        if _is_iban(_compact(match[0])) and _compact(match[0]) not in own_words:
            found[Found("an IBAN", match[0])] = None
    rest = _IBAN.sub(" · ", _EMAIL.sub(" · ", plain))
    for match in _RUN.finditer(_HARMLESS.sub(" · ", rest)):
        if not _is_ours(_digits(match[0]), own_numbers):
            found[Found("a phone or account number", match[0].strip())] = None
    return list(found)


def numbers_in(text: str) -> frozenset[str]:
    """Return the words of a text that could be a customer's number."""
    plain = _HARMLESS.sub(" · ", _plain(text))
    return frozenset(
        word for word in _TOKEN.findall(plain) if any(sign.isdigit() for sign in word)
    )


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    # +44 (0)113 is dialled from abroad without the nought.
    return text.translate(_DASHES).replace("(0)", "")


def _digits(run: str) -> str:
    return "".join(sign for sign in run if sign.isdigit())


def _compact(words: str) -> str:
    return re.sub(r"[ -]", "", words)


def _is_ours(digits: str, own: Iterable[str]) -> bool:
    """Whether it is a number of the firm, at home (0113…) or abroad (+44 113…)."""
    national = digits.lstrip("0")
    return len(national) >= 7 and any(
        number.endswith(national) or digits.endswith(number.lstrip("0"))
        for number in own
    )


def _is_iban(signs: str) -> bool:
    turned = signs[4:] + signs[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
