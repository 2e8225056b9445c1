"""The limits at which a campaign pauses by itself; their values are in settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breakers:
    """How many failures in a hundred, and complaints in a thousand, are too many."""

    least_messages: int
    hard_percent: int
    soft_percent: int
    least_complaints: int
    complaints_per_mille: int
