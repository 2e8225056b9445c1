"""decide(): how often a second one core answers whether a notice may go.

The questions are the decision cases of the reference, asked in turns. No reference of
another product decides the same; the goal is 30,000 a second.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError

from consent.rules import Request, decide
from tests.bench.ledgers import peak_rss_mb
from tests.unit.test_decision_cases import BOOK, nested


def run(n: int) -> dict[str, Any]:
    """Ask ``n`` questions; the rate is in answers a second."""
    if not BOOK:
        raise CommandError(
            "The decision cases lie outside the repository and are not here."
        )
    asked = [
        Request.from_dict(nested(BOOK["defaults"], case["given"]))
        for case in BOOK["cases"]
    ]
    rounds = max(n // len(asked), 1)
    started = time.perf_counter()
    for _ in range(rounds):
        for request in asked:
            decide(request)
    seconds = time.perf_counter() - started
    return {
        "bench": "decide",
        "n": rounds * len(asked),
        "ours_per_s": round(rounds * len(asked) / seconds),
        "peak_rss_mb": peak_rss_mb(),
    }
