"""Finds the words that many pages of a file have in common: they are written once.

What stands in a paragraph with a value in it is set anew for every letter, and yet is
the same in most of them. Marks that are found on just the same pages make a group.
Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from notices.replay.blocks import Mark

# A group is worth its own object when it stands on so many pages,
FEWEST_PAGES = 3
# and saves so many marks in all.
FEWEST_SAVED = 12


@dataclass(frozen=True, slots=True)
class Common:
    """Groups of marks, and by page: the numbers of its groups, and its other marks."""

    groups: Sequence[Sequence[Mark]]
    pages: Sequence[tuple[Sequence[int], Sequence[Mark]]]


def common(pages: Sequence[Sequence[Mark]]) -> Common:
    """Return what the pages of a file have in common."""
    found: dict[Mark, list[int]] = defaultdict(list)
    for number, marks in enumerate(pages):
        for mark in marks:
            found[mark].append(number)
    # Those on the same pages belong together, whatever stands between them.
    together: dict[tuple[int, ...], list[Mark]] = defaultdict(list)
    for mark, where in found.items():
        if len(where) >= FEWEST_PAGES:
            together[tuple(where)].append(mark)
    groups: list[Sequence[Mark]] = []
    grouped: dict[Mark, int] = {}
    taken: list[list[int]] = [[] for _ in pages]
    for where_all, alike in together.items():
        if (len(where_all) - 1) * len(alike) >= FEWEST_SAVED:
            grouped.update(dict.fromkeys(alike, len(groups)))
            for number in where_all:
                taken[number].append(len(groups))
            groups.append(alike)
    return Common(
        groups,
        [
            (numbers, [mark for mark in marks if mark not in grouped])
            for numbers, marks in zip(taken, pages, strict=True)
        ],
    )
