"""Evidence: bytes kept for good per e-mail sent, against the bytes on the wire.

The dictionaries, kept once a text and firm, are counted in.
"""

from __future__ import annotations

import time
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone

from campaigns.tick import run as run_pass
from notices.copies import unpack
from notices.dispatch import drain
from notices.models import CopyDictionary, SentCopy
from tests.bench.ledgers import NOW, add_late_customers, make_house, peak_rss_mb


def run(n: int) -> dict[str, Any]:
    """Send ``n`` e-mails to the sink; every copy is unpacked and verified."""
    campaign = make_house()
    add_late_customers("V-", n)
    run_pass(campaign=campaign, now=NOW)
    started = time.perf_counter()
    drain(
        stream_id=campaign.stream_id, channel="email", clock=timezone.now, seconds=3600
    )
    seconds = time.perf_counter() - started
    copies = SentCopy.objects.all()
    sent = copies.count()
    sizes = copies.aggregate(wire=Sum("size"), kept=Sum(Length("body")))
    shared = CopyDictionary.objects.aggregate(kept=Sum(Length("body")))["kept"] or 0
    for copy in copies.iterator():
        unpack(copy)
    kept = sizes["kept"] + shared
    return {
        "bench": "evidence",
        "n": sent,
        "ours_per_s": round(sent / seconds),
        "reference": "bytes on the wire",
        "wire_bytes_per_email": round(sizes["wire"] / sent),
        "kept_bytes_per_email": round(kept / sent),
        "ratio": round(sizes["wire"] / kept, 1),
        "peak_rss_mb": peak_rss_mb(),
    }
