"""What lies over the picture of a letter's first page: the window and the folds.

In millimetres from the upper left corner of the paper. Pure but for the words of
paper and envelopes.
"""

from __future__ import annotations

from dataclasses import dataclass

from notices.render import BrandFacts
from notices.render.address import DIN_5008_B, Window


@dataclass(frozen=True, slots=True)
class Overlay:
    """Where the envelope shows the sheet, and where the sheet is folded."""

    width: float
    height: float
    window: Window
    folds: tuple[float, ...]


def overlay_of(brand: BrandFacts) -> Overlay:
    """Return the window and folds of the firm's letters."""
    return Overlay(width=210, height=297, window=DIN_5008_B, folds=(105, 210))
