"""Texts: claim → decide → render → HTTP → record, against one call after another.

One process each, in turns, to a Twilio on this machine that takes 100 ms to answer.
Ours goes through the real SDK, as the reference does, which sends the very texts ours
sent and does nothing else.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from twilio.rest import Client

from campaigns.tick import run as run_pass
from notices import dispatch
from notices.copies import unpack
from notices.models import Attempt, Notice, SentCopy
from notices.states import State
from tests.bench.bench_plan import _fresh
from tests.bench.ledgers import (
    NOW,
    TODAY,
    add_consents,
    add_late_customers,
    add_points,
    make_house,
    peak_rss_mb,
)
from tests.fakes.http_providers import settings_for

ROUNDS = 3
LATENCY = 0.1
# Messages of a round that the reference sends: each takes a tenth of a second.
REFERENCE = 20


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` texts in all; rates in texts/s."""
    campaign = make_house()
    campaign.ladder.steps.update(channels=["sms"])
    per_round = max(n // ROUNDS, 1)
    ours = reference = processor = 0.0
    referred = 0
    with _twilio():
        for turn in range(ROUNDS):
            add_late_texters(f"T{turn}-", per_round)
            run_pass(campaign=_fresh(campaign), now=NOW)
            started, before = time.perf_counter(), time.process_time()
            _drain(campaign.stream_id)
            ours += time.perf_counter() - started
            processor += time.process_time() - before

            texts = _texts(campaign.stream_id)
            started = time.perf_counter()
            _one_by_one(texts)
            reference += time.perf_counter() - started
            referred += len(texts)
    sent = Notice.objects.filter(state=State.SENT).count()
    assert sent == per_round * ROUNDS, sent
    assert Attempt.objects.exclude(provider_reference="").count() == sent
    ours_rate, reference_rate = sent / ours, referred / reference
    return {
        "bench": "sms",
        "n": sent,
        "ours_per_s": round(ours_rate),
        "reference": "one messages.create after another",
        "reference_per_s": round(reference_rate, 1),
        "ratio": round(ours_rate / reference_rate, 1),
        "peak_rss_mb": peak_rss_mb(),
        "latency_ms": round(LATENCY * 1000),
        "processor_ms_per_text": round(processor / sent * 1000, 2),
        "connections": settings.SMS_CONNECTIONS,
    }


def add_late_texters(tag: str, number: int) -> None:
    """Add customers with a mobile number, permission and one invoice a week late."""
    add_late_customers(tag, number)
    add_points("mobile", tag, lambda pk, _: f"+447400{pk % 1_000_000:06}")
    add_consents(tag, "sms", TODAY.replace(month=1))


@contextmanager
def _twilio() -> Iterator[None]:
    """Run the fake in a process of its own, and send texts to it."""
    fake = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.fakes.http_providers", "0"),
            *("--latency", str(LATENCY)),
        ],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert fake.stdout is not None
        port = fake.stdout.readline().split()[1]
        told = settings_for(f"http://127.0.0.1:{port}")
        countries = frozenset({told.pop("SMS_COUNTRIES")})
        with override_settings(
            CHANNELS={"sms": "twilio"}, SMS_COUNTRIES=countries, **told
        ):
            yield
    finally:
        fake.terminate()
        fake.wait()


def _drain(stream_id: int) -> None:
    """Send all that is due."""
    dispatch.drain(stream_id=stream_id, channel="sms", clock=timezone.now, seconds=3600)


def _texts(stream_id: int) -> list[tuple[str, str]]:
    """Return numbers and words of some that were sent."""
    attempts = Attempt.objects.filter(notice__stream=stream_id).order_by("-pk")
    copies = SentCopy.objects.in_bulk(
        list(attempts.values_list("notice_id", flat=True)[:REFERENCE])
    )
    return [
        (one.destination, unpack(copies[one.notice_id]).decode())
        for one in attempts[:REFERENCE]
    ]


def _one_by_one(texts: list[tuple[str, str]]) -> None:
    """Send as Twilio's own introduction does."""
    client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    client.api.base_url = settings.TWILIO_API_URL
    service = settings.TWILIO_MESSAGING_SERVICE_SID
    for to, words in texts:
        client.messages.create(to=to, body=words, messaging_service_sid=service)
