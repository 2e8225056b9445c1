"""Whether it is the customer who asks: a fact they know and the message does not tell.

A link is all the authority on a customer's pages, and messages are passed on. Before
more than a message says is handed out, the firm may have a fact asked for. Pure.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

# Fewer digits of a phone number than this are shown on the customer's own pages.
_LEAST_DIGITS = 7


class Fact(StrEnum):
    """What can be asked; the customer number is not, since every message prints it."""

    POSTCODE = "postcode"
    PHONE = "phone"


# What whoever holds a message in hand can read off it, or was reached by.
PRINTED: Mapping[str, frozenset[Fact]] = {
    "letter": frozenset({Fact.POSTCODE}),
    "postcard": frozenset({Fact.POSTCODE}),
    "sms": frozenset({Fact.PHONE}),
    "call": frozenset({Fact.PHONE}),
}


class NothingToAsk(Exception):
    """A question is asked for, and nothing is known that the message does not tell."""


@dataclass(frozen=True, slots=True)
class Question:
    """One fact to ask for, and what is known of it."""

    fact: Fact
    known: str

    def is_right(self, typed: str) -> bool:
        """Whether somebody typed what is known, in whichever way it is written."""
        if self.fact == Fact.PHONE:
            return is_same_number(typed, self.known)
        return is_same(typed, self.known)


def question(
    first: str, known: Mapping[Fact, str], *, channels: Iterable[str]
) -> Question | None:
    """Return what to ask whoever came by a message: ``first`` if it can be asked, else
    the other fact; None where ``first`` is empty and nothing is to be asked.

    ``known`` are facts by name, empty where not known; ``channels`` are those of every
    message that somebody needed to come this far.

    :raises NothingToAsk: neither fact is known without being printed.
    """
    if not first:
        return None
    printed = {fact for one in channels for fact in PRINTED.get(one, ())}
    for fact in sorted(Fact, key=lambda one: one != first):
        if fact not in printed and folded(known.get(fact, "")):
            return Question(fact, known[fact])
    raise NothingToAsk


def is_same(typed: str, known: str) -> bool:
    """Whether two spellings are the same but for case, blanks and dashes.

    In constant time; never true of nothing.

    >>> is_same("sw1a-1aa ", "SW1A 1AA")
    True
    """
    ours = folded(known)
    return _is_equal(folded(typed), ours) and bool(ours)


def is_same_number(typed: str, known: str) -> bool:
    """Whether a phone number is ``known``, which is in E.164, with its country code or
    without.

    >>> is_same_number("07700 900123", "+447700900123")
    True
    """
    digits = folded(typed).lstrip("0")
    is_whole = len(digits) >= _LEAST_DIGITS
    return _is_equal(digits, folded(known)[-max(len(digits), 1) :]) and is_whole


def folded(text: str) -> str:
    """Return letters and digits alone, whether typed wide, in Arabic or in capitals."""
    signs = unicodedata.normalize("NFKC", text[:80]).casefold()
    return "".join(str(unicodedata.decimal(one, one)) for one in signs if one.isalnum())


def _is_equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
