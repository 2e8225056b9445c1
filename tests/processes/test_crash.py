"""Real workers, killed with -9 in mid-batch: nothing lost, nothing sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.house import House

pytestmark = pytest.mark.processes

MESSAGES = 200
LEASE = "8"

FILL = """
from tests.bench.ledgers import add_late_customers, make_house
from customers.models import ContactPoint
campaign = make_house()
add_late_customers("K", {number})
# Some take two seconds each, so that a kill falls into a hand-over.
slow = list(ContactPoint.objects.order_by("id").values_list("id", flat=True)[::40])
for n, pk in enumerate(slow):
    ContactPoint.objects.filter(pk=pk).update(value=f"slow+{{n}}@sandbox.example")
"""


def moved(house: House) -> int:
    """Return how many notices a provider has by now."""
    return int(house.ask("SELECT count(*) FROM notices_sandboxmessage"))


def tick_until(house: House, condition: Callable[[], bool]) -> None:
    """Tick as beat does until a condition holds, or fail with the workers' logs."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, house.logs()
        house.manage("tick", LEASE_SECONDS=LEASE)


def waiting(house: House) -> int:
    """Return how many notices have not gone yet."""
    return int(
        house.ask(
            "SELECT count(*) FROM notices_notice"
            " WHERE state NOT IN ('sent', 'delivered')"
        )
    )


def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(house: House) -> None:
    house.manage("shell", "-c", FILL.format(number=MESSAGES))
    for kill_at in (10, 60, 110):
        worker = house.start_worker(LEASE_SECONDS=LEASE)
        tick_until(house, lambda at=kill_at: moved(house) >= at)  # type: ignore[misc]
        house.kill(worker)
    assert moved(house) < MESSAGES, "all was sent before the last kill"

    house.start_worker(LEASE_SECONDS=LEASE)
    tick_until(house, lambda: waiting(house) == 0)

    assert house.ask("SELECT count(*) FROM notices_notice") == MESSAGES
    assert moved(house) == MESSAGES
    assert (
        house.ask("SELECT count(DISTINCT reference) FROM notices_sandboxmessage")
        == MESSAGES
    )


def test_losing_the_bell_loses_nothing(house: House) -> None:
    """Valkey is emptied between the ring and the worker: the next tick rings again."""
    import redis

    house.manage("shell", "-c", FILL.format(number=20))
    house.manage("tick")
    redis.Redis.from_url(house.redis_url).flushdb()
    house.start_worker()
    time.sleep(2)
    assert moved(house) == 0

    house.manage("tick")

    house.wait_until(lambda: moved(house) == 20)
