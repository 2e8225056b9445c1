"""Crash: a kill -9 for every two hundred notices, and the sums afterwards.

No race against a reference: its figures are promises, and a broken one is an error.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.crash import crash

OWN_SERVICES = True
NOTICES_PER_KILL = 200


def run(n: int) -> dict[str, Any]:
    """Send ``n`` notices through workers that are killed, and count."""
    with tempfile.TemporaryDirectory(prefix="duly-crash-") as folder:
        outcome = crash(Path(folder), notices=n, kills=max(n // NOTICES_PER_KILL, 5))
    return {
        "bench": "crash",
        "kills": outcome.kills,
        "notices": outcome.notices,
        "sent": outcome.states["sent"],
        "sent_by": dict(outcome.sent_by),
        "unknown": outcome.unknown,
        "twice": outcome.twice,
        "missing": outcome.missing,
        "seconds": round(outcome.seconds, 1),
        "broken": outcome.broken,
    }
