"""E-mail: claim → decide → render → MIME → SMTP → record, against django-post_office.

One process each, in turns, to the same sink on this machine. The reference queues and
sends the very messages ours sent: same subject, text and HTML bodies. Each runs as its
workers do: ours with the collector of garbage as config.collector has it.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any, NoReturn

from django.db import connections
from django.test import override_settings
from django.utils import timezone
from post_office import mail
from post_office.models import STATUS, Email

from campaigns.models import Campaign
from campaigns.tick import run as run_pass
from config.collector import leave_what_stays
from notices.copies import unpack
from notices.dispatch import drain
from notices.models import Notice, SentCopy
from notices.states import State
from tests.bench.bench_plan import _fresh
from tests.bench.ledgers import (
    NOW,
    add_late_customers,
    as_a_worker,
    make_house,
    peak_rss_mb,
)
from tests.bench.smtp_sink import serving

ROUNDS = 3
# Seconds a mail server takes to store a message; that of its disk, at the least.
STORING = 0.005
CONNECTIONS = 4


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` messages in all; rates in messages/s."""
    campaign = make_house()
    per_round = max(n // ROUNDS, 1)
    ours = reference = processor = 0.0
    for turn in range(ROUNDS):
        add_late_customers(f"E{turn}-", per_round)
        run_pass(campaign=_fresh(campaign), now=NOW)
        with as_a_worker():
            started, before = time.perf_counter(), time.process_time()
            _drain(campaign.stream_id)
            ours += time.perf_counter() - started
            processor += time.process_time() - before

        messages = _messages(campaign.stream_id, per_round)
        started = time.perf_counter()
        _post_office(messages)
        reference += time.perf_counter() - started
    one = _workers(campaign, 1, per_round)
    two = _workers(campaign, 2, per_round)
    more = _workers(campaign, 1, per_round * 4)
    # Two beside a sink and PostgreSQL have no more of two cores than one has; a server
    # that stores what it takes is what they wait for in earnest.
    with serving(STORING) as port, override_settings(EMAIL_PORT=port):
        half = max(per_round // 2, 1)
        storing = _workers(campaign, 1, half, "S")
        two_storing = _workers(campaign, 2, half * 2, "S")
        with override_settings(EMAIL_CONNECTIONS=CONNECTIONS):
            by_more = _workers(campaign, 1, half * 2, "M")
    went = Notice.objects.filter(state=State.SENT, customer__number__startswith="E")
    sent = went.count()
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
        "two_workers": round(two.per_s / one.per_s, 2),
        "processor_ms_per_mail": round(processor / sent * 1000, 2),
        "server_that_stores_ms": STORING * 1000,
        "one_worker_there_per_s": round(storing.per_s),
        f"by_{CONNECTIONS}_connections_per_s": round(by_more.per_s),
        "two_workers_there": round(two_storing.per_s / storing.per_s, 2),
        "worker_growth_mb": round(one.growth_mb, 1),
        "worker_growth_mb_of_four_times_as_many": round(more.growth_mb, 1),
    }


@dataclass(frozen=True, slots=True)
class Worked:
    """What some worker processes did together: their rate, and the growth of one."""

    per_s: float
    growth_mb: float


def _workers(campaign: Campaign, number: int, notices: int, tag: str = "W") -> Worked:
    """Send ``notices`` by worker processes of their own that begin together."""
    tag += f"{number}{notices}-"
    add_late_customers(tag, notices)
    run_pass(campaign=_fresh(campaign), now=NOW)
    connections.close_all()
    started = time.perf_counter()
    workers = [os.fork() or _work(campaign.stream_id) for _ in range(number)]
    grown = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers]
    seconds = time.perf_counter() - started
    return Worked(notices / seconds, max(grown) * MEGABYTES)


# A worker tells by its exit status, which is a byte, how much it grew.
MEGABYTES = 2


def _work(stream_id: int) -> NoReturn:
    """Be a worker process: send what is due, and end."""
    leave_what_stays()
    before = peak_rss_mb()
    _drain(stream_id)
    os._exit(min(int((peak_rss_mb() - before) / MEGABYTES), 255))


def _drain(stream_id: int) -> None:
    """Send all that is due."""
    drain(stream_id=stream_id, channel="email", clock=timezone.now, seconds=3600)


def _messages(stream_id: int, number: int) -> list[dict[str, str]]:
    """Return what the last round sent, as the reference takes it."""
    copies = SentCopy.objects.filter(notice__stream=stream_id).order_by("-notice_id")
    found = []
    for copy in copies[:number].iterator(chunk_size=500):
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
