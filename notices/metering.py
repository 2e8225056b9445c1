"""The figures of the house in the words of Prometheus, read from the database.

A registry of its own without the metrics of a process: with several web processes
those would be of whichever answers. What is asked here is the same in all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from notices import health
from notices.watched import Facts
from notices.watches import watches

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def measure(*, now: dt.datetime) -> bytes:
    """Return every figure as Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_House(now))
    return generate_latest(registry)


class _House(Collector):
    """Collects once, as of one instant."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def describe(self) -> list[Gauge]:
        """Promise nothing: asking would ask the database twice."""
        return []

    def collect(self) -> Iterator[Gauge]:
        """Yield the figures."""
        facts = health.facts(now=self.now, ask_broker=True)
        yield from _simple(facts, self.now)
        yield from self._ages(facts)
        levels = Gauge(
            "duly_watch_level", "0 well, 1 look at it, 2 not working", labels=["watch"]
        )
        for watch in watches(facts, self.now):
            levels.add_metric([watch.key], watch.level)
        yield levels

    def _ages(self, facts: Facts) -> Iterator[Gauge]:
        seen = Gauge(
            "duly_worker_seen_seconds", "Since a worker was seen", labels=["worker"]
        )
        claimed = Gauge(
            "duly_worker_claim_seconds",
            "Since a worker had messages in hand",
            labels=["worker"],
        )
        for worker in facts.workers:
            seen.add_metric([worker.name], _age(worker.seen_at, self.now))
            if worker.claimed_at:
                claimed.add_metric([worker.name], _age(worker.claimed_at, self.now))
        due = Gauge(
            "duly_oldest_due_seconds",
            "Since the oldest due message could have gone",
            labels=["channel", "lane"],
        )
        for one in facts.oldest:
            due.add_metric([one.channel, one.lane], _age(one.since, self.now))
        yield from (seen, claimed, due)
        yield from _lanes(facts)


def _lanes(facts: Facts) -> Iterator[Gauge]:
    """Yield how each provider's lane stands; one without a rate has none."""
    lane = ["provider"]
    opened = Gauge("duly_lane_open", "Whether messages go by it", labels=lane)
    stopped = Gauge("duly_lane_stopped", "Whether staff must open it", labels=lane)
    failures = Gauge("duly_lane_failures", "Failures in a row", labels=lane)
    waiting = Gauge("duly_lane_waiting", "Due behind a closed one", labels=lane)
    rate = Gauge("duly_lane_per_second", "Messages a second at most", labels=lane)
    for one in facts.providers:
        opened.add_metric([one.name], one.is_open)
        stopped.add_metric([one.name], one.stopped_at is not None)
        failures.add_metric([one.name], one.failures)
        waiting.add_metric([one.name], one.waiting)
        if one.per_second is not None:
            rate.add_metric([one.name], one.per_second)
    yield from (opened, stopped, failures, waiting, rate)


def _simple(facts: Facts, now: dt.datetime) -> Iterator[Gauge]:
    """Yield the figures that stand alone; what has never been seen has no age."""
    stopped = facts.switch.stopped_at is not None
    yield Gauge("duly_outbound_stopped", "Whether everything is stopped", stopped)
    yield Gauge("duly_broker_up", "Whether Redis answers", bool(facts.broker_answers))
    yield Gauge("duly_notices_unknown", "Messages of unknown fate", facts.unknown)
    for name, moment in (("beat", facts.rang_at), ("pass", facts.passed_at)):
        if moment is not None:
            text = f"Since the last {name} of the scheduler"
            yield Gauge(f"duly_{name}_seconds", text, _age(moment, now))


def _age(moment: dt.datetime, now: dt.datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
