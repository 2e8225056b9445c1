"""Stop everything, over real workers in mid-campaign: within five seconds."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from customers.models import ContactPoint
from notices.outbound import release, stop_everything
from tests.house import House
from tests.processes.test_crash import fill, moved

pytestmark = pytest.mark.processes

# Every address takes two seconds, so that a group would take forty.


def fill_with_slow_ones() -> None:
    """Write customers to whom each message takes two seconds."""
    fill(30)
    for n, point in enumerate(ContactPoint.objects.all()):
        ContactPoint.objects.filter(pk=point.pk).update(
            value=f"slow+{n}@sandbox.example"
        )


def test_everything_stops_within_five_seconds_and_nothing_is_lost(house: House) -> None:
    house.write(fill_with_slow_ones)
    house.start_worker()
    house.manage("tick")
    house.wait_until(lambda: moved(house) >= 1)

    house.write(lambda: stop_everything(by="ada", reason="x", now=timezone.now()))
    stopped_at = house.ask("SELECT stopped_at FROM notices_outbound")
    # The worker has let go of what it had in hand, then: nothing more can leave.
    in_hand = "SELECT count(*) FROM notices_notice WHERE state IN ('claimed', %s)"
    house.wait_until(lambda: house.ask(in_hand, "handing_off") == 0)

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

    house.write(lambda: release(by="ada", now=timezone.now()))
    house.manage("tick")

    house.wait_until(lambda: moved(house) > went)
