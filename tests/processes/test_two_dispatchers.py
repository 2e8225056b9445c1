"""Two dispatchers on one row: real processes that begin at the same moment."""

from __future__ import annotations

import sys

import pytest
from django.utils import timezone

from campaigns.actions import tick
from tests.house import House
from tests.processes.test_crash import fill

pytestmark = pytest.mark.processes

ROUNDS = 25


def plan() -> None:
    """Write customers, and plan their reminders."""
    fill(ROUNDS)
    tick(now=timezone.now(), ring=False)


# Both wait for the same word, then take one notice after the other; neither may have
# more than one in hand, so that they meet at each.
DISPATCH = """
import os, pathlib, time
from django.utils import timezone
from notices import claims, dispatch, feeding
from notices.models import Notice, Stream
stream = Stream.objects.get()
taken = 0
real = claims.claim
def one(**facts):
    global taken
    ids = real(**facts | {{"size": 1}})
    taken += len(ids)
    # So that the other, if it began later, still finds some.
    time.sleep(0.1)
    return ids
feeding.claim = one
folder = pathlib.Path({folder!r})
list(Notice.objects.all()[:1])
(folder / f"ready-{{os.getpid()}}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
while Notice.objects.filter(state="scheduled").exists():
    dispatch.drain(
        stream_id=stream.pk, channel="email", clock=timezone.now, seconds=10
    )
print("taken", taken)
"""


def test_two_dispatchers_never_send_one_row_twice(house: House) -> None:
    house.write(plan)
    script = DISPATCH.format(folder=str(house.folder))
    both = [
        house.start(sys.executable, "manage.py", "shell", "-c", script)
        for _ in range(2)
    ]
    house.wait_until(lambda: len(list(house.folder.glob("ready-*"))) == 2)
    (house.folder / "go").touch()
    for process in both:
        assert process.wait(90) == 0, house.logs()

    assert house.ask("SELECT count(*) FROM notices_sandboxmessage") == ROUNDS
    once = "SELECT count(DISTINCT reference) FROM notices_sandboxmessage"
    assert house.ask(once) == ROUNDS
    attempts = "SELECT count(*), count(DISTINCT notice_id) FROM notices_attempt"
    with house.connect() as connection:
        assert connection.execute(attempts).fetchone() == (ROUNDS, ROUNDS)
    # Who was quicker may have taken all.
    shares = [line for line in house.logs().splitlines() if line.startswith("taken ")]
    assert sum(int(line.split()[1]) for line in shares) == ROUNDS
