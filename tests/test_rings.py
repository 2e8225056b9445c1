"""Every ring is for a task that is there, in a queue that somebody hears."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from config.celery import QUEUES, app

ROOMS = ("config", "campaigns", "notices", "consent", "customers")
app.loader.import_default_modules()
RINGS = re.compile(r'send_task\(\s*"([\w.]+)",.*?queue="?([\w.]+)"?', re.DOTALL)


def rings() -> list[tuple[str, str]]:
    """Return the task and the queue of every ring in the source."""
    found = []
    for room in ROOMS:
        for path in sorted(Path(settings.BASE_DIR, room).rglob("*.py")):
            found += RINGS.findall(path.read_text("utf-8"))
    return found


def test_every_ring_is_heard() -> None:
    """The task is there, and the queue too where it is named on the spot."""
    assert len(rings()) >= 2
    for task, queue in rings():
        assert task in app.tasks
        assert queue in {*QUEUES, "channel"}


def test_every_entry_of_the_clock_is_a_task_with_a_queue() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["queue"] in QUEUES
