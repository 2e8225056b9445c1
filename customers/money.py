"""Arithmetic of money: how amounts are written, rounded and shared out.

All amounts are Decimals in one named currency; no float is ever taken. This module
knows no rate of exchange, adds no fee, and has no opinion on what is owed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import list_currencies

# ISO 4217 minor units. CLDR (which Babel ships) says how cash is rounded instead,
# which would drop the paras of a Serbian bill.
# fmt: off
_WHOLE = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
    "VND", "VUV", "XAF", "XOF", "XPF",
})
# fmt: on
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_TOO_FINE = frozenset({"CLF", "UYW"})
_REAL_X = frozenset({"XAF", "XCD", "XCG", "XOF", "XPF"})

MOST_DIGITS = 13  # before the decimal sign; what the amount columns hold

_SIGNS: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "GIP", "FKP", "SHP", "EGP", "LBP", "SYP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₽": frozenset({"RUB"}),
    "₴": frozenset({"UAH"}),
    "₹": frozenset({"INR"}),
    "₺": frozenset({"TRY"}),
    "zł": frozenset({"PLN"}),
    "Kč": frozenset({"CZK"}),
    "Ft": frozenset({"HUF"}),
    "lei": frozenset({"RON"}),
    "лв.": frozenset({"BGN"}),
    "kr": frozenset({"DKK", "NOK", "SEK", "ISK"}),
    "kr.": frozenset({"DKK", "NOK", "SEK", "ISK"}),
    "Fr.": frozenset({"CHF"}),
}
_DOLLAR = "$"

_PLAIN = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,3})?", re.ASCII)
_SHAPE = re.compile(r"([^0-9.,'’\s-]*)\s*([0-9][0-9.,'’\s]*|[.,][0-9]+)\s*([^0-9\s]*)")


class MoneyError(ValueError):
    """An amount or currency that cannot be taken.

    ``code`` is stable and meant for programs, ``sentence`` is meant for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Share:
    """The part of one payment that settles one invoice, by its place in the list."""

    index: int
    amount: Decimal


@cache
def currencies() -> frozenset[str]:
    """Return the codes of all currencies that an invoice can be in."""
    return frozenset(
        code
        for code in list_currencies()
        if code not in _TOO_FINE and (code[0] != "X" or code in _REAL_X)
    )


def exponent(currency: str) -> int:
    """Return how many decimals the currency has: EUR 2, JPY 0, KWD 3.

    :raises MoneyError: ``unknown_currency``.
    """
    if currency in _WHOLE:
        return 0
    if currency in _THOUSANDTHS:
        return 3
    if currency in currencies():
        return 2
    raise MoneyError(
        "unknown_currency",
        f"{currency!r} is not a currency code. Write three capital letters, like EUR.",
    )


@cache
def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))


def quantise(amount: Decimal, currency: str) -> Decimal:
    """Return the amount in whole minor units, halves away from zero.

    :raises MoneyError: ``unknown_currency``.
    """
    return amount.quantize(_unit(currency), rounding=ROUND_HALF_UP)


def exact(amount: Decimal, currency: str) -> Decimal:
    """Return the amount in the currency's own decimals, refusing to round.

    :raises MoneyError: ``unknown_currency``, ``too_many_decimals``,
        ``amount_too_large``.
    """
    if abs(amount) >= 10**MOST_DIGITS:
        raise MoneyError("amount_too_large", f"{amount} is too large an amount.")
    rounded = quantise(amount, currency)
    if rounded != amount:
        raise MoneyError(
            "too_many_decimals",
            f"{amount} has more decimals than {currency} has; it has "
            f"{exponent(currency)}.",
        )
    return rounded


def parse_amount(
    text: str, *, decimal: str = ".", thousands: str = "", currency: str = ""
) -> Decimal:
    """Return the amount a text states, in the declared way of writing.

    ``decimal`` is the sign before the decimals, ``thousands`` the one between groups
    of three digits; blanks of any kind may always stand there. Brackets, a minus
    sign in front or behind mean a negative amount. A sign or code of money may stand
    on either side and must agree with ``currency`` where one is given.

    :raises MoneyError: ``bad_amount``, ``other_currency``, ``amount_too_large``.
    """
    if decimal == "." and _PLAIN.fullmatch(text):
        return Decimal(text)
    body, negative = _unsigned(text.strip())
    match = _SHAPE.fullmatch(body)
    if match is None:
        raise _bad_amount(text)
    before, number, after = match.groups()
    for sign in (before, after):
        _agree(sign, currency, text)
    if before and after:
        raise _bad_amount(text)
    amount = _number(number.strip(), decimal, thousands, text)
    return -amount if negative else amount


def _unsigned(text: str) -> tuple[str, bool]:
    """Return the text without the mark of a negative amount, and whether it had one."""
    text = text.replace("\u2212", "-")
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.startswith("-"):
        return text[1:].strip(), True
    if text.endswith("-"):
        return text[:-1].strip(), True
    sign, minus, rest = text.partition("-")  # "€ -5.00"
    if minus and not any(c.isdigit() for c in sign):
        return sign + rest.strip(), True
    return text, False


def _agree(sign: str, currency: str, text: str) -> None:
    if not sign:
        return
    if sign == _DOLLAR or (sign.endswith(_DOLLAR) and sign[:-1].isalpha()):
        agrees = currency == "" or currency.endswith("D") or currency == "MXN"
    elif sign in _SIGNS:
        agrees = currency == "" or currency in _SIGNS[sign]
    elif sign.upper() in currencies():
        agrees = currency in ("", sign.upper())
    else:
        raise _bad_amount(text)
    if not agrees:
        raise MoneyError(
            "other_currency", f"{text!r} is not an amount in {currency} like the row."
        )


def _number(text: str, decimal: str, thousands: str, whole: str) -> Decimal:
    head, mark, tail = text.partition(decimal)
    groups = re.split(
        rf"[\s{re.escape(thousands)}]" if thousands else r"\s", head.replace("’", "'")
    )
    grouped = len(groups) > 1
    if grouped and (
        not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])
    ):
        raise _bad_amount(whole)
    digits = "".join(groups) or "0"
    if not (digits.isascii() and digits.isdigit()):
        raise _bad_amount(whole)
    if mark and not (tail.isascii() and tail.isdigit()):
        raise _bad_amount(whole)
    if len(digits.lstrip("0")) > MOST_DIGITS:
        raise MoneyError("amount_too_large", f"{whole!r} is too large an amount.")
    return Decimal(f"{digits}.{tail}" if mark else digits)


def _bad_amount(text: str) -> MoneyError:
    return MoneyError(
        "bad_amount",
        f"{text[:40]!r} is not an amount: write it like 1234.56, or as "
        "the profile says.",
    )


def allocate(payment: Decimal, open_amounts: Sequence[Decimal]) -> list[Share]:
    """Return how a payment settles invoices given in the order to settle them.

    Each invoice is filled before the next one gets anything; what is left over
    stays unallocated. Invoices that get nothing are not listed.

    :raises ValueError: a negative payment or open amount.
    """
    if payment < 0 or any(amount < 0 for amount in open_amounts):
        raise ValueError("Payments and open amounts are never negative.")
    shares = []
    rest = payment
    for index, owed in enumerate(open_amounts):
        part = min(rest, owed)
        if part > 0:
            shares.append(Share(index, part))
            rest -= part
    return shares


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; zero for none."""
    return sum(amounts, Decimal(0))
