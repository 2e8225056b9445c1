"""How a cell that a spreadsheet would run as a formula is made harmless, and back.

An apostrophe in front makes it text. The way back is exact: what was neutralised is
restored to the letter, whatever the cell held.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def restore(cell: str) -> str:
    """Return the cell as it stood before :func:`neutralise`."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell
