"""Real workers, killed with -9 in mid-batch: nothing lost, nothing sent twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.bench.ledgers import add_late_customers, make_house
from tests.crash import crash
from tests.house import House

pytestmark = pytest.mark.processes

NOTICES = 1500
KILLS = 6


def fill(number: int) -> None:
    """Write customers who are to get a reminder."""
    make_house()
    add_late_customers("K", number)


def moved(house: House) -> int:
    """Return how many notices a provider has by now."""
    return int(house.ask("SELECT count(*) FROM notices_sandboxmessage"))


def test_killed_workers_lose_nothing_and_send_nothing_twice(
    tmp_path: Path, migrated: str
) -> None:
    """The short form of ``manage.py bench crash``."""
    outcome = crash(tmp_path, notices=NOTICES, kills=KILLS, pattern=migrated)

    assert outcome.broken == []
    assert outcome.kills == KILLS
    assert outcome.sent_by["email"] > NOTICES / 2
    assert outcome.sent_by["sms"] > NOTICES / 5


def test_losing_the_bell_loses_nothing(house: House) -> None:
    """Valkey is emptied between the ring and the worker: the next tick rings again."""
    import redis

    house.write(lambda: fill(20))
    house.manage("tick")
    redis.Redis.from_url(house.redis_url).flushdb()
    house.start_worker()
    time.sleep(2)
    assert moved(house) == 0

    house.manage("tick")

    house.wait_until(lambda: moved(house) == 20)
