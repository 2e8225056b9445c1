"""Codes by exclusive or say what they should, as an independent reader sees it."""

from __future__ import annotations

import pytest
import segno
import zxingcpp
from PIL import Image

from notices.render import symbols
from notices.render.symbols import symbol_class, symbol_rows, version_for

CLASSES = range(symbols.SMALLEST_VERSION, symbols.LARGEST_VERSION + 1)
LINK = "https://bills.example/r/7QK2M9XW4BTD"


def capacity(version: int) -> int:
    """Return how many bytes a class holds: as many as still belong to it."""
    return max(length for length in range(400) if version_for(length) == version)


def read(rows: tuple[bytes, ...]) -> list[str]:
    """Return what a reader makes of a symbol."""
    side = len(rows) + 8
    picture = Image.new("L", (side, side), 255)
    for top, row in enumerate(rows, 4):
        for left, module in enumerate(row, 4):
            if module:
                picture.putpixel((left, top), 0)
    large = picture.resize((side * 4, side * 4), Image.Resampling.NEAREST)
    return [code.text for code in zxingcpp.read_barcodes(large)]


@pytest.mark.parametrize("version", CLASSES)
def test_a_symbol_of_every_class_is_read_as_what_it_says(version: int) -> None:
    room = capacity(version)
    for length in (room, room - 1, room - 5):
        said = (LINK * 20)[:length]

        assert read(symbol_rows(said)) == [said]


@pytest.mark.parametrize("version", CLASSES)
def test_a_full_symbol_is_the_one_that_segno_draws(version: int) -> None:
    said = ("€µ" + LINK * 20).encode()[: capacity(version)].decode(errors="ignore")
    said += "x" * (capacity(version) - len(said.encode()))

    drawn = segno.make_qr(
        said,
        version=version,
        error="m",
        mask=symbols.MASK,
        mode="byte",
        encoding="utf-8",
        boost_error=False,
    )

    assert symbol_rows(said) == tuple(bytes(row) for row in drawn.matrix)


def test_more_than_the_classes_hold_is_drawn_by_segno() -> None:
    said = LINK * 12

    assert version_for(len(said)) is None
    assert read(symbol_rows(said)) == [said]


def test_a_class_refuses_what_it_cannot_say() -> None:
    with pytest.raises(OverflowError, match="27 bytes do not fit 2-M"):
        symbol_class(2).bitmap(b"x" * 27)
