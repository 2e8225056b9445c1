"""Keeps the collector of garbage away from what stays for the life of a process."""

from __future__ import annotations

import gc

# A batch holds tens of thousands of values at once, none of them in a circle: looked
# through every 700, as Python does by itself, they take a quarter of a worker's time.
SOME_BATCHES = 50_000


def leave_what_stays() -> None:
    """Look through new objects alone, and seldom; to be called once all is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SOME_BATCHES, 20, 20)
