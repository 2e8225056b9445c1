"""A cell of a sheet, as a person reads it, and what is said of one nobody can read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
# Columns with few different cells are read once per cell; "1", 1 and True differ.
repeated = lru_cache(maxsize=4096, typed=True)


class Unclear(ValueError):
    """A cell whose meaning cannot be told."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def cell_text(cell: Cell) -> str:
    """Return the cell as a person reads it in the sheet, without blanks around it.

    A number from a spreadsheet is shown with at most 15 digits, as the spreadsheet
    itself shows it, so that no binary fraction reaches an amount.
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        shown = format(Decimal(format(cell, ".15g")), "f")
        return shown.rstrip("0").rstrip(".") if "." in shown else shown
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else str(cell)
    return str(cell)
