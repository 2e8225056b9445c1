"""One worker of e-mail as a process of its own: sends all that is due of a stream.

    python -m tests.bench.mail_worker STREAM

Prints the most memory it held, in MiB.
"""

from __future__ import annotations

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from config.collector import leave_what_stays  # noqa: E402
from notices.dispatch import drain  # noqa: E402
from tests.bench.ledgers import peak_rss_mb  # noqa: E402

if __name__ == "__main__":
    leave_what_stays()
    drain(
        stream_id=int(sys.argv[1]), channel="email", clock=timezone.now, seconds=86_400
    )
    print(peak_rss_mb())  # noqa: T201  (the parent waits for it)
