"""Real workers, killed with -9 in mid-batch: nothing lost, nothing sent twice."""

from __future__ import annotations

import time

import pytest

from tests.house import House

pytestmark = pytest.mark.processes

MESSAGES = 160

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


def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(house: House) -> None:
    house.manage("shell", "-c", FILL.format(number=MESSAGES))
    for kill_at in (10, 50, 100):
        worker = house.start_worker(LEASE_SECONDS="8")
        house.manage("tick", "--json", LEASE_SECONDS="8")
        house.wait_until(lambda at=kill_at: moved(house) >= at)  # type: ignore[misc]
        house.kill(worker)
    assert moved(house) < MESSAGES, "all was sent before the last kill"

    house.start_worker(LEASE_SECONDS="8")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        house.manage("tick", LEASE_SECONDS="8")
        waiting = house.ask(
            "SELECT count(*) FROM notices_notice"
            " WHERE state NOT IN ('sent', 'delivered')"
        )
        if waiting == 0:
            break
        time.sleep(1)

    assert house.ask("SELECT count(*) FROM notices_notice") == MESSAGES
    assert waiting == 0, house.logs()
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
