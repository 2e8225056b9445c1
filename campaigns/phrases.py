"""Days, numbers and lists as staff read them, in plain English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection


def step(key: str) -> str:
    """Return a step's key as a heading: "first_reminder" reads "First reminder"."""
    return sentence(key.replace("_", " ").replace("-", " ").strip())


def offset(days: int) -> str:
    """Return when a step comes, counted from the due date."""
    if days == 0:
        return "On the due date"
    side = "after" if days > 0 else "before"
    return f"{counted(abs(days), 'day')} {side} the due date"


def day(value: dt.date) -> str:
    """Return a date as "10 March 2026"."""
    return f"{value.day} {value:%B %Y}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 invoice", "1,240 invoices"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def counted_to(most: int, number: int, noun: str, plural: str = "") -> str:
    """Return a number that was counted to ``most`` and one more, with its noun: past
    ``most`` nobody knows the rest, as in "more than 1,000 customers"."""
    if number <= most:
        return counted(number, noun, plural)
    return f"more than {counted(most, noun, plural)}"


def listed(words: Collection[str]) -> str:
    """Return "a, b and c"."""
    first = list(words)
    if len(first) < 2:
        return "".join(first)
    return f"{', '.join(first[:-1])} and {first[-1]}"


def sentence(text: str) -> str:
    """Return words with a capital in front."""
    return text[:1].upper() + text[1:]
