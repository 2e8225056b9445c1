"""Keys are changed while workers send: all are written to once, and all of it opens."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from customers.vault import new_key
from tests.house import House
from tests.processes.test_crash import fill

pytestmark = pytest.mark.processes

PEOPLE = 120
OPENED = """
from notices.copies import unpack
from notices.models import Attempt, SentCopy
from notices.people import people_of
from customers.models import Customer
people = people_of(Customer.objects.values_list("pk", flat=True))
assert all(one.email for one in people.values())
assert {one.destination for one in Attempt.objects.all()} == {
    one.email for one in people.values()}
print(sum(bool(unpack(one)) for one in SentCopy.objects.all()))
"""


def test_keys_are_changed_while_workers_send(house: House) -> None:
    house.write(lambda: fill(PEOPLE))
    new = f"after:{new_key()}"
    both = {"FIELD_KEYS": f"{new},{settings.FIELD_KEYS}"}
    house.start_worker(**both)
    house.manage("tick", **both)

    first = json.loads(house.manage("rotate_keys", "--json", "--batch=7", **both))
    house.wait_until(lambda: house.ask(SENT) == PEOPLE)
    last = json.loads(house.manage("rotate_keys", "--json", **both))

    assert first["resealed"] >= PEOPLE
    assert last["may_be_dropped"] == [
        part.partition(":")[0] for part in settings.FIELD_KEYS.split(",")
    ]
    assert last["missing"] == []
    alone = house.manage("shell", "-c", OPENED, FIELD_KEYS=new)
    assert alone.split()[-1] == str(PEOPLE)
    assert house.ask("SELECT count(*) FROM notices_sandboxmessage") == PEOPLE


SENT = "SELECT count(*) FROM notices_notice WHERE state = 'delivered'"
