"""Several agents at once, each a process of its own: no call is made twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from notices.calls.desk import lay_out
from tests.house import House
from tests.notices.calling import NOW, make_call, make_call_stream

pytestmark = pytest.mark.processes

CALLS = 40
AGENTS = ("ann", "ben", "cleo", "dora")


def fill() -> None:
    """Lay calls on the desk."""
    stream = make_call_stream()
    for _ in range(CALLS):
        make_call(stream)
    lay_out(clock=lambda: NOW)


# Takes calls until there is none, and notes each: a call that two of them got would
# break the second one's note.
AGENT = """
from notices.calls.hand import take_next
from notices.calls.outcomes import note_outcome, number_of_next
from tests.factories import NOW
while (task := take_next(by="{name}", now=NOW)) is not None:
    note_outcome(
        notice=task.notice, number=number_of_next(task.notice), outcome="spoke",
        by="{name}", now=NOW,
    )
"""


ROUNDS = 5
# The same person twice at the same instant, as with a double click or two windows.
TWICE = """
import pathlib
from notices.calls import hand
from notices.models import CallTask
from tests.factories import NOW
def meet(place):
    folder = pathlib.Path({folder!r}) / place
    folder.mkdir(exist_ok=True)
    (folder / "{name}").touch()
    while len(list(folder.iterdir())) < 2:
        pass
mine = CallTask.objects.filter(locked_by="ann")
for turn in range({rounds}):
    meet(f"{{turn}}-take")
    hand.take_next(by="ann", now=NOW)
    meet(f"{{turn}}-look")
    assert mine.count() == 1, mine.count()
    meet(f"{{turn}}-end")
    mine.update(locked_by="", locked_until=None)
"""


def test_many_agents_share_the_queue_and_make_each_call_once(house: House) -> None:
    house.write(fill)

    agents = [
        house.start(sys.executable, "manage.py", "shell", "-c", AGENT.format(name=name))
        for name in AGENTS
    ]

    assert [one.wait(120) for one in agents] == [0] * len(AGENTS), house.logs()
    records = "SELECT count(*) FROM notices_callrecord"
    assert house.ask(records) == CALLS
    assert house.ask(f"{records} WHERE number = 1") == CALLS
    assert house.ask("SELECT count(DISTINCT notice_id) FROM notices_callrecord") == (
        CALLS
    )
    assert house.ask("SELECT count(*) FROM notices_notice WHERE state = 'calling'") == 0


def test_whoever_clicks_twice_has_one_call_in_hand(
    house: House, tmp_path: Path
) -> None:
    house.write(fill)

    windows = [
        house.start(
            *(sys.executable, "manage.py", "shell", "-c"),
            TWICE.format(name=name, folder=str(tmp_path), rounds=ROUNDS),
        )
        for name in ("one", "other")
    ]

    assert [one.wait(60) for one in windows] == [0, 0], house.logs()
