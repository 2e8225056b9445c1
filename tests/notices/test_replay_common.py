"""Words that many pages share are written once; places in as few digits as say them."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from notices.replay.blocks import Mark
from notices.replay.common import FEWEST_PAGES, common
from notices.replay.writing import number, place


def marks(*operators: str) -> list[Mark]:
    """Return marks of one style."""
    return [Mark("0 g", "/F 9 Tf", each) for each in operators]


def test_what_stands_on_the_same_pages_makes_one_group() -> None:
    alike = marks("a", "b", "c")
    pages = [[*alike, *marks(f"own {at}")] for at in range(9)]

    found = common([*pages, marks("alone")])

    assert found.groups == [alike]
    assert [list(numbers) for numbers, _ in found.pages] == [[0]] * 9 + [[]]
    assert [own for _, own in found.pages] == [
        *[marks(f"own {at}") for at in range(9)],
        marks("alone"),
    ]


def test_what_few_pages_share_stays_where_it_is() -> None:
    alike = marks(*map(str, range(40)))
    pages = [alike] * (FEWEST_PAGES - 1)

    found = common(pages)

    assert not found.groups
    assert [own for _, own in found.pages] == pages


@given(st.floats(-1e4, 1e4, allow_subnormal=False))
def test_a_place_is_the_same_number_in_fewer_digits(value: float) -> None:
    # Minus nothing is written without its sign.
    short, exact = place(value), number(value + 0.0)

    assert struct.pack("f", float(short)) == struct.pack("f", float(exact))
    assert len(short) <= len(exact)
