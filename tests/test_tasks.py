"""Every task is short and known, and every ring goes to a queue somebody hears."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import QUEUES, app

ROOMS = ("config", "campaigns", "notices", "consent", "customers")
app.loader.import_default_modules()
TASKS = sorted(name for name in app.tasks if name.startswith(ROOMS))
RINGS = re.compile(r'send_task\(\s*"([\w.]+)",.*?queue="?([\w.]+)"?', re.DOTALL)


def rings() -> list[tuple[str, str]]:
    """Return the task and the queue of every ring in the source."""
    found = []
    for room in ROOMS:
        for path in sorted(Path(settings.BASE_DIR, room).rglob("*.py")):
            found += RINGS.findall(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_at_most_fifteen_lines(name: str) -> None:
    function = ast.parse(inspect.getsource(app.tasks[name].run)).body[0]

    assert isinstance(function, ast.FunctionDef)
    assert function.end_lineno is not None
    assert function.end_lineno - function.lineno < 15


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


def test_no_task_is_set_for_a_later_time() -> None:
    """What waits, waits in PostgreSQL: Redis would ring it again and again."""
    for room in ROOMS:
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            words = re.findall(r"\b(?:countdown|eta)=", path.read_text("utf-8"))
            assert not words, f"{path} schedules in Redis"
