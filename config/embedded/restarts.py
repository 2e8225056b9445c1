"""Decides how long to wait before a dead process is started again, or to give up.

Pure: the time of each death is an argument (any clock that only goes forward).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_SECONDS = 60.0
DEATHS_TO_GIVE_UP = 5
FIRST_DELAY_SECONDS = 0.5


@dataclass(slots=True)
class Restarts:
    """The recent deaths of one process."""

    deaths: deque[float] = field(default_factory=deque)

    def after_death(self, now: float) -> float | None:
        """Return the seconds to wait before the next start, or None to give up.

        The wait doubles with each death of the last minute; the fifth is the last.
        """
        self.deaths.append(now)
        while self.deaths[0] <= now - WINDOW_SECONDS:
            self.deaths.popleft()
        if len(self.deaths) >= DEATHS_TO_GIVE_UP:
            return None
        return float(FIRST_DELAY_SECONDS * 2 ** (len(self.deaths) - 1))
