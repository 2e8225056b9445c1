"""Memory of an e-mail worker: 1,000 messages, then ten times as many, up to ``n``.

Each size is a process of its own that claims, decides, renders, sends over SMTP and
records until nothing is due. There is no reference: flat is flat.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.tick import run as run_pass
from notices.models import Notice
from notices.states import State
from tests.bench.bench_plan import _fresh
from tests.bench.ledgers import NOW, add_late_customers, make_house

LEAST = 1_000
# Customers made at once: what is measured is the worker, not this process.
AT_ONCE = 50_000


def run(n: int) -> dict[str, Any]:
    """Send by one worker a size; return the most memory each held, in MiB."""
    campaign = make_house()
    sizes = [LEAST * 10**power for power in range(12) if LEAST * 10**power < n]
    peaks: dict[str, float] = {}
    rate = 0.0
    for size in [*sizes, n]:
        for begin in range(0, size, AT_ONCE):
            tag = f"G{size}-{begin}-"
            add_late_customers(tag, min(AT_ONCE, size - begin))
        run_pass(campaign=_fresh(campaign), now=NOW)
        started = time.perf_counter()
        peaks[f"{size:,}"] = _worker_mb(campaign.stream_id)
        rate = size / (time.perf_counter() - started)
    left = Notice.objects.exclude(state=State.SENT).count()
    assert not left, left
    return {
        "bench": "growth",
        "n": n,
        "ours_per_s": round(rate),
        "reference": None,
        "reference_per_s": None,
        "ratio": None,
        "peak_rss_mb": max(peaks.values()),
        "peaks_mb": peaks,
    }


def _worker_mb(stream_id: int) -> float:
    """Send all that is due in a process of its own; return its peak in MiB."""
    worker = subprocess.run(
        [sys.executable, "-m", "tests.bench.mail_worker", str(stream_id)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "BENCH_DATABASE": connection.settings_dict["NAME"]},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(worker.stdout)
