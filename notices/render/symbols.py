"""QR symbols by exclusive or: what segno takes milliseconds for, in microseconds.

With version, level and mask given, every module of a symbol is a sum (over two values)
of bits of the message. So each half of each byte of the message has a picture, and a
symbol is the sum of the pictures of what it says, over the picture of nothing, which
segno draws. The mask is always the same; any reader reads any mask. Messages too long
for the classes here are drawn by segno, with the same mask.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno
from segno import consts

LEVEL = "m"
MASK = 2
# A smaller symbol has modules too coarse once its box is of one size for all.
SMALLEST_VERSION = 2
# Beyond it the pictures of one class would take more memory than they are worth.
LARGEST_VERSION = 14
_GENERATOR = 0x11D  # of the field with 256 elements


def version_for(length: int) -> int | None:
    """Return the smallest class that holds so many bytes; None if none here does."""
    for version in range(SMALLEST_VERSION, LARGEST_VERSION + 1):
        if length <= _capacity(version):
            return version
    return None


def symbol_rows(payload: str) -> tuple[bytes, ...]:
    """Return the rows of the symbol of a text, one byte a module, 1 for dark.

    Bytes in UTF-8, level M, the smallest version that holds it, but 2 at least.

    :raises segno.DataOverflowError: no symbol at all holds so much.
    """
    message = payload.encode()
    version = version_for(len(message))
    if version is None:
        drawn = segno.make_qr(
            payload,
            error=LEVEL,
            mask=MASK,
            mode="byte",
            encoding="utf-8",
            boost_error=False,
        )
        return tuple(bytes(row) for row in drawn.matrix)
    found = symbol_class(version)
    bits = found.bitmap(message)
    side, stride = found.side, found.stride
    return tuple(
        bytes(bits[row * stride + at // 8] >> (7 - at % 8) & 1 for at in range(side))
        for row in range(side)
    )


class SymbolClass:
    """All symbols of one version: ``side`` modules, rows of ``stride`` bytes."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.side = 17 + 4 * version
        self.stride = -(-self.side // 8)
        self._blocks, self._checks = _structure(version)
        self._total = sum(self._blocks)
        self._places = [self._bit(row, column) for row, column in _order(version)]
        self._pictures = self._halves()
        # Function patterns and mask: a symbol without what it says.
        drawn = segno.make_qr(
            b"x" * _capacity(version),
            version=version,
            error=LEVEL,
            mask=MASK,
            mode="byte",
            boost_error=False,
        )
        shown = 0
        for row, modules in enumerate(drawn.matrix):
            for column, module in enumerate(modules):
                if module:
                    shown |= self._bit(row, column)
        self._nothing = shown ^ self._sum(self._codewords(b"x" * _capacity(version)))

    def bitmap(self, message: bytes) -> bytes:
        """Return the symbol, rows padded to whole bytes, 1 for dark.

        :raises OverflowError: the message is too long for this version.
        """
        if len(message) > _capacity(self.version):
            raise OverflowError(f"{len(message)} bytes do not fit {self.version}-M.")
        said = self._nothing ^ self._sum(self._codewords(message))
        return said.to_bytes(self.stride * self.side, "big")

    def _bit(self, row: int, column: int) -> int:
        return 1 << (self.stride * 8 * (self.side - row) - 1 - column)

    def _codewords(self, message: bytes) -> bytes:
        """Return the message with its header, its end and its padding."""
        counter = _counter_bits(self.version)
        bits = 4 << counter | len(message)
        bits = bits << 8 * len(message) | int.from_bytes(message, "big")
        used = 4 + counter + 8 * len(message)
        end = min(4, self._total * 8 - used)
        end += -(used + end) % 8
        words = (bits << end).to_bytes((used + end) // 8, "big")
        left = self._total - len(words)
        return words + (b"\xec\x11" * (left // 2 + 1))[:left]

    def _sum(self, words: bytes) -> int:
        said = 0
        for (high, low), word in zip(self._pictures, words, strict=True):
            said ^= high[word >> 4] ^ low[word & 15]
        return said

    def _halves(self) -> list[tuple[list[int], list[int]]]:
        """Return, for each codeword, the pictures of its upper and its lower half."""
        blocks, checks = self._blocks, self._checks
        longest = max(blocks)
        pictures = []
        for block, size in enumerate(blocks):
            for at in range(size):
                # Codewords of all blocks are woven: the first of each, the second ...
                spot = sum(1 for other in blocks[:block] if other > at) + sum(
                    min(other, at) for other in blocks
                )
                weave = [spot] + [
                    sum(blocks) + number * len(blocks) + block
                    for number in range(checks)
                ]
                tail = _remainder(size - 1 - at, checks)
                units = [self._picture(weave, tail, 1 << bit) for bit in range(8)]
                pictures.append((_spans(units[4:]), _spans(units[:4])))
        assert longest * len(blocks) >= self._total  # noqa: S101  (the weave is whole)
        return pictures

    def _picture(self, weave: list[int], tail: list[int], value: int) -> int:
        """Return the modules that one codeword of this value and its checks turn."""
        seen = 0
        for spot, factor in zip(weave, [1, *tail], strict=True):
            word = _times(factor, value)
            for bit in range(8):
                if word >> (7 - bit) & 1:
                    seen ^= self._places[spot * 8 + bit]
        return seen


@lru_cache(maxsize=LARGEST_VERSION)
def symbol_class(version: int) -> SymbolClass:
    """Return the class of a version, made once in a process."""
    return SymbolClass(version)


def _spans(units: list[int]) -> list[int]:
    """Return the sums of all sixteen choices of four pictures."""
    sums = [0]
    for unit in units:
        sums += [each ^ unit for each in sums]
    return sums


def _counter_bits(version: int) -> int:
    return 8 if version < 10 else 16


@lru_cache(maxsize=64)
def _capacity(version: int) -> int:
    """Return how many bytes of message a version holds at our level."""
    blocks, _ = _structure(version)
    return (sum(blocks) * 8 - 4 - _counter_bits(version)) // 8


def _structure(version: int) -> tuple[list[int], int]:
    """Return the codewords of each block, and the checks behind each."""
    sizes: list[int] = []
    checks = 0
    table: Any = consts.ECC[version]
    for group in table[consts.ERROR_LEVEL_M]:
        sizes += [group.num_data] * group.num_blocks
        checks = group.num_total - group.num_data
    return sizes, checks


def _order(version: int) -> list[tuple[int, int]]:
    """Return the modules that say something, in the order in which they say it."""
    side = 17 + 4 * version
    order = []
    upwards = True
    right = side - 1
    while right > 0:
        if right == 6:
            right -= 1
        rows = range(side - 1, -1, -1) if upwards else range(side)
        order += [
            (row, column)
            for row in rows
            for column in (right, right - 1)
            if not _is_pattern(version, row, column)
        ]
        upwards = not upwards
        right -= 2
    return order


def _is_pattern(version: int, row: int, column: int) -> bool:
    """Whether a module is one of the patterns that all symbols of a version share."""
    side = 17 + 4 * version
    if row == 6 or column == 6:
        return True
    if (row < 9 and (column < 9 or column > side - 9)) or (
        row > side - 9 and column < 9
    ):
        return True
    far = side - 12
    if version > 6 and (
        (row < 6 and far < column < side - 8) or (column < 6 and far < row < side - 8)
    ):
        return True
    places = consts.ALIGNMENT_POS[version - 2]
    first, last = places[0], places[-1]
    corners = {(first, first), (first, last), (last, first)}
    return any(
        abs(row - up) < 3 and abs(column - across) < 3
        for up in places
        for across in places
        if (up, across) not in corners
    )


def _times(left: int, right: int) -> int:
    """Return the product of two elements of the field."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 0x100:
            left ^= _GENERATOR
        right >>= 1
    return product


@lru_cache(maxsize=64)
def _generator(checks: int) -> tuple[int, ...]:
    """Return the coefficients of the generator behind the leading one."""
    found = [1]
    root = 1
    for _ in range(checks):
        shifted = [*found, 0]
        for at, factor in enumerate(found):
            shifted[at + 1] ^= _times(factor, root)
        found, root = shifted, _times(root, 2)
    return tuple(found[1:])


@lru_cache(maxsize=2048)
def _remainder(power: int, checks: int) -> list[int]:
    """Return the checks of the codeword 1 that ``power`` others follow in its block."""
    generator = _generator(checks)
    found = list(generator)
    for _ in range(power):
        lead, found = found[0], [*found[1:], 0]
        found = [
            word ^ _times(factor, lead)
            for word, factor in zip(found, generator, strict=True)
        ]
    return found
