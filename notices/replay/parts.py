"""What is kept of a letter that was laid out in full: its flow and its regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from notices.replay.blocks import Block, Stand
from notices.replay.ink import Painted
from notices.replay.weasy import Tree

# Pixels between two computations of one place.
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where a code stands on its page, in CSS pixels."""

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a letter as all share it whose blocks there take so many lines each.

    ``stands`` are those of its blocks; ``static`` is what is drawn beside them, page by
    page. Pages count from the first of the part.
    """

    stands: tuple[Stand, ...]
    codes: tuple[CodePlace, ...]
    static: tuple[Painted, ...]

    def is_like(self, other: Part) -> bool:
        """Whether both come out alike, but for the last digits of a computation."""
        drawn = [[each.name for each in part.static] for part in (self, other)]
        mine, others = self._numbers(), other._numbers()
        return (
            drawn[0] == drawn[1]
            and len(mine) == len(others)
            and all(abs(a - b) < SAME for a, b in zip(mine, others, strict=True))
        )

    def _numbers(self) -> list[float]:
        """Return all that says where something stands."""
        found: list[float] = []
        for stand in self.stands:
            found += [stand.left, stand.width, *chain(*stand.places)]
        for code in self.codes:
            found += [code.page, code.left, code.top, code.width, code.height]
        return found


@dataclass(frozen=True, slots=True)
class Flow:
    """What of a letter is no region: its pages, and on which of them each region is.

    ``runners`` are the lines that repeat a named string in a margin.
    """

    part: Part
    runners: tuple[tuple[Block, Stand], ...]
    regions: tuple[int, ...]
    heights: tuple[float, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A letter laid out in full; ``lines`` says how many its blocks take each.

    ``signatures`` and ``parts`` are those of its regions; ``codes`` the values that
    codes say, those of the flow first, then those of each region.
    """

    tree: Tree
    blocks: Sequence[Block]
    lines: tuple[int, ...]
    flow: Flow
    signatures: Sequence[str]
    parts: Sequence[Part]
    codes: Sequence[Sequence[int]]
