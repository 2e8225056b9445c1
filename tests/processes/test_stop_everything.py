"""Stop everything, over real workers in mid-campaign: within five seconds."""

from __future__ import annotations

import time

import pytest

from tests.house import House
from tests.processes.test_crash import moved

pytestmark = pytest.mark.processes

# Every address takes two seconds, so that a group would take forty.
FILL = """
from tests.bench.ledgers import add_late_customers, make_house
from customers.models import ContactPoint
make_house()
add_late_customers("K", 30)
for n, point in enumerate(ContactPoint.objects.all()):
    ContactPoint.objects.filter(pk=point.pk).update(
        value=f"slow+{n}@sandbox.example")
"""
STOP = """
from django.utils import timezone
from notices.outbound import {verb}
{verb}(by="ada", {reason}now=timezone.now())
"""


def test_everything_stops_within_five_seconds_and_nothing_is_lost(house: House) -> None:
    house.manage("shell", "-c", FILL)
    house.start_worker()
    house.manage("tick")
    house.wait_until(lambda: moved(house) >= 1)

    house.manage(
        "shell", "-c", STOP.format(verb="stop_everything", reason="reason='x', ")
    )
    stopped_at = house.ask("SELECT stopped_at FROM notices_outbound")
    time.sleep(7)

    last = house.ask("SELECT max(received_at) FROM notices_sandboxmessage")
    assert (last - stopped_at).total_seconds() < 5
    went = moved(house)
    assert 1 <= went < 30
    in_line = "SELECT count(*) FROM notices_notice WHERE state = 'scheduled'"
    house.wait_until(lambda: house.ask(in_line) == 30 - went)
    # A ring that comes anyway changes nothing.
    house.manage("tick")
    time.sleep(3)
    assert moved(house) == went

    house.manage("shell", "-c", STOP.format(verb="release", reason=""))
    house.manage("tick")

    house.wait_until(lambda: moved(house) > went)
