"""What may be claimed for a late payment: fixed sums by debt, and interest.

Pure: values of rules in, sums out. Claims nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from consent.rule_error import RuleError


@dataclass(frozen=True, slots=True)
class Tier:
    """A fixed sum for a debt ``below`` a limit, or for any debt without one."""

    fee: Decimal
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LateFee:
    """The fixed sums that may be claimed for a late payment; without tiers none.

    Fees are in ``currency``, the limits of the tiers in ``of``.
    """

    currency: str = ""
    tiers: tuple[Tier, ...] = ()
    of: str = ""

    def __str__(self) -> str:
        if not self.tiers:
            return "none"
        return "; ".join(
            f"{one.fee} {self.currency}"
            + ("" if one.below is None else f" below {one.below} {self.of}")
            for one in self.tiers
        )

    @property
    def most(self) -> Decimal:
        """The largest of the sums."""
        return max((one.fee for one in self.tiers), default=Decimal(0))


@dataclass(frozen=True, slots=True)
class LateInterest:
    """Percentage points a year over a reference rate."""

    points: Decimal
    over: str

    def __str__(self) -> str:
        return f"{self.points.normalize():f} points over {self.over}"


def _sum(value: object) -> Decimal:
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or found < 0:
        raise RuleError("Write sums and points as text, such as “40.00”.")
    return found


def read_fee(value: object) -> LateFee:
    """Return the fixed sums as TOML and JSON have them.

    :raises RuleError: it says what would do.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("tiers"), list):
        raise RuleError("Write currency and tiers; no tier means no fee at all.")
    tiers = tuple(
        Tier(_sum(one.get("fee")), _sum(one["below"]) if "below" in one else None)
        for one in value["tiers"]
        if isinstance(one, Mapping)
    )
    currency = str(value.get("currency", ""))
    if tiers and not re.fullmatch(r"[A-Z]{3}", currency):
        raise RuleError("Write the currency of the fee as three letters, such as EUR.")
    return LateFee(currency, tiers, str(value.get("of", currency)))


def lower_fee(one: LateFee, other: LateFee) -> LateFee:
    """Return the lower one; sums in two currencies cannot be compared, so none."""
    if one.tiers and other.tiers and one.currency != other.currency:
        return LateFee()
    return min(one, other, key=lambda fee: fee.most)


def read_interest(value: object) -> LateInterest:
    """Return the interest as TOML and JSON have it.

    :raises RuleError: it says what would do.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("over"), str):
        raise RuleError("Write points and what they are over, such as the ECB rate.")
    return LateInterest(_sum(value.get("points")), value["over"])
