"""Whose turn it is: streams served by weight, those with something urgent first.

Smooth weighted round-robin: over any stretch each stream gets its share, never in a
clump. Pure: knows neither database nor clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

ONE_OFF, REMINDER = 0, 1
# Reminders that are due matter more than a bulk announcement, which still moves on.
REMINDER_WEIGHT = 4


@dataclass(frozen=True, slots=True)
class Due:
    """A stream with something due: its weight, and the first lane it is due in."""

    stream_id: int
    weight: int
    lane: int


@dataclass(slots=True)
class Turns:
    """Remembers who had how many turns, for as long as a drain lasts."""

    _credit: dict[int, int] = field(default_factory=dict)

    def next(self, due: Iterable[Due]) -> int:
        """Return the stream to serve now; ``due`` has at least one.

        One-off messages wait for nobody: streams that have some share the turns until
        they have none.
        """
        streams = list(due)
        urgent = [one for one in streams if one.lane == ONE_OFF]
        streams = urgent or streams
        weights = {one.stream_id: _weight(one) for one in streams}
        for stream_id, weight in weights.items():
            self._credit[stream_id] = self._credit.get(stream_id, 0) + weight
        chosen = max(
            weights, key=lambda stream_id: (self._credit[stream_id], -stream_id)
        )
        self._credit[chosen] -= sum(weights.values())
        return chosen


def _weight(due: Due) -> int:
    return max(due.weight, 1) * (REMINDER_WEIGHT if due.lane == REMINDER else 1)
