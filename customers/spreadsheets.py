"""Lists as files for a spreadsheet: one way for all, so that none runs a formula.

Knows nothing of what the rows are. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

from customers.imports.formulas import neutralise

# Without it a spreadsheet takes UTF-8 for something else.
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_ROWS_AT_ONCE = 500


def as_csv(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Yield a list as CSV in UTF-8, some hundred rows at a time; memory stays flat.

    Every cell is made harmless (customers.imports.formulas).
    """
    yield _MARK.encode() + _written([head])
    rest = iter(rows)
    while some := list(islice(rest, _ROWS_AT_ONCE)):
        yield _written(map(neutralise, row) for row in some)


def _written(rows: Iterable[Iterable[str]]) -> bytes:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerows(rows)
    return held.getvalue().encode()
