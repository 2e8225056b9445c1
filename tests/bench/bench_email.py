"""E-mail: claim → decide → render → MIME → SMTP → record, against django-post_office.

One process each, in turns, to the same sink on this machine. The reference queues and
sends the very messages ours sent: same subject, text and HTML bodies.
"""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from typing import Any

from django.utils import timezone
from post_office import mail
from post_office.models import STATUS, Email

from campaigns.tick import run as run_pass
from notices.copies import unpack
from notices.dispatch import drain
from notices.models import Notice, SentCopy
from notices.states import State
from tests.bench.bench_plan import _fresh
from tests.bench.ledgers import NOW, add_late_customers, make_house, peak_rss_mb

ROUNDS = 3


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` messages in all; rates in messages/s."""
    campaign = make_house()
    per_round = max(n // ROUNDS, 1)
    ours = reference = 0.0
    for turn in range(ROUNDS):
        add_late_customers(f"E{turn}-", per_round)
        run_pass(campaign=_fresh(campaign), now=NOW)
        started = time.perf_counter()
        drain(
            stream_id=campaign.stream_id,
            channel="email",
            clock=timezone.now,
            seconds=3600,
        )
        ours += time.perf_counter() - started

        messages = _messages(campaign.stream_id, per_round)
        started = time.perf_counter()
        _post_office(messages)
        reference += time.perf_counter() - started
    sent = Notice.objects.filter(state=State.SENT).count()
    assert sent == per_round * ROUNDS, sent
    assert Email.objects.filter(status=STATUS.sent).count() == sent
    ours_rate, reference_rate = sent / ours, sent / reference
    return {
        "bench": "email",
        "n": sent,
        "ours_per_s": round(ours_rate),
        "reference": "django-post_office 3.12 queue + send",
        "reference_per_s": round(reference_rate),
        "ratio": round(ours_rate / reference_rate, 2),
        "peak_rss_mb": peak_rss_mb(),
    }


def _messages(stream_id: int, number: int) -> list[dict[str, str]]:
    """Return what the last round sent, as the reference takes it."""
    copies = SentCopy.objects.filter(notice__stream=stream_id).order_by("-notice_id")
    found = []
    for copy in copies[:number]:
        parsed = message_from_bytes(unpack(copy), policy=policy.default)
        text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
        assert text is not None and html is not None
        found.append(
            {
                "sender": str(parsed["From"]),
                "recipients": str(parsed["To"]),
                "subject": str(parsed["Subject"]),
                "message": text.get_content(),
                "html_message": html.get_content(),
            }
        )
    return found


def _post_office(messages: list[dict[str, str]]) -> None:
    """Queue and send, as its documentation tells a busy site to."""
    mail.send_many(messages)
    while Email.objects.filter(status=STATUS.queued).exists():
        mail.send_queued(processes=1, log_level=0)
