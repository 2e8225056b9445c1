"""Which weight class a letter falls into, by its sheets. Pure, and data.

A sheet of A4 or US Letter at 80 g/m² weighs 5 g, the envelope with its flap 5 g, and a
large envelope 20 g. Postcards go at a rate of their own, whatever they weigh.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeightClass:
    """One class of postage: its name in file names, and the most sheets in it."""

    name: str
    most_sheets: int


WEIGHT_CLASSES = (
    WeightClass("20g", 3),
    WeightClass("50g", 9),
    WeightClass("100g", 16),
    WeightClass("250g", 46),
    WeightClass("500g", 96),
)


def sheets_of(pages: int, *, duplex: bool) -> int:
    """Return how many sheets the pages of one letter take."""
    return -(-pages // 2) if duplex else pages


def weight_class(sheets: int) -> WeightClass | None:
    """Return the lightest class that takes so many sheets, None when none does."""
    for one in WEIGHT_CLASSES:
        if sheets <= one.most_sheets:
            return one
    return None


# What a postcard's file is called by: its rate of postage knows no weight.
CARD = "card"


def part_of(channel: str, sheets: int) -> str | None:
    """Return the part of a run that what has so many sheets belongs to.

    None when nothing takes it: it is too heavy.
    """
    if channel == "postcard":
        return CARD
    weight = weight_class(sheets)
    return weight.name if weight else None
