"""What lies over the picture of a letter's first page: the window and the folds.

In millimetres from the upper left corner of the paper. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from notices.paper import Box, stationery_for


@dataclass(frozen=True, slots=True)
class Overlay:
    """Where the envelope shows the sheet, and where the sheet is folded."""

    width: float
    height: float
    window: Box
    folds: tuple[float, ...]


def overlay_of(paper: str, envelope: str) -> Overlay:
    """Return the window and folds of letters on that paper, in that envelope.

    :raises ValueError: there is no such envelope, or the paper does not fit into it.
    """
    found = stationery_for(paper, envelope)
    return Overlay(
        width=found.sheet.width,
        height=found.sheet.height,
        window=found.window,
        folds=found.folds,
    )
