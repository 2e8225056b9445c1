"""The workers' settings as the delivery plan wants them, and tasks that stay thin."""

from __future__ import annotations

import ast
import inspect
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import config
from config import watchdog
from config.celery import QUEUES, app
from config.embedded.home import Home
from config.management.commands.up import _programs
from config.watchdog import Look, is_stalled
from notices.health import needed_queues


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("task_ignore_result", True),
        ("task_serializer", "json"),
        ("accept_content", ["json"]),
        ("worker_soft_shutdown_timeout", 30),
        ("worker_max_tasks_per_child", 500),
        ("worker_eta_task_limit", 100),
        ("task_create_missing_queues", False),
        ("task_time_limit", 120),
        # Two drains are harmless; one cut in a hand-over is not.
        ("worker_cancel_long_running_tasks_on_connection_loss", False),
    ],
)
def test_a_setting_is_as_the_plan_of_delivery_wants_it(
    setting: str, value: object
) -> None:
    assert getattr(app.conf, setting) == value


def test_results_are_kept_nowhere_but_in_the_database() -> None:
    assert app.conf.result_backend is None
    assert type(app.backend).__name__ == "DisabledBackend"


def test_a_ring_is_not_rung_again_while_its_task_may_still_run() -> None:
    longest = max(
        [app.conf.task_time_limit]
        + [task.time_limit for task in app.tasks.values() if task.time_limit]
    )

    assert app.conf.broker_transport_options["visibility_timeout"] > longest


def test_a_silent_redis_is_noticed() -> None:
    options = app.conf.broker_transport_options

    assert 0 < options["socket_timeout"] <= 15
    assert 0 < options["socket_connect_timeout"] <= 15


def test_no_task_is_limited_by_celery_or_tried_again_by_it() -> None:
    for name, task in _our_tasks().items():
        assert task.rate_limit is None, name
        assert not getattr(task, "autoretry_for", ()), name


def _our_tasks() -> dict[str, Any]:
    app.loader.import_default_modules()
    return {
        name: task for name, task in app.tasks.items() if not name.startswith("celery.")
    }


def test_every_task_is_at_most_fifteen_lines() -> None:
    for name, task in _our_tasks().items():
        (function,) = ast.parse(inspect.getsource(task.run).lstrip()).body
        assert isinstance(function, ast.FunctionDef)
        lines = function.end_lineno - function.body[0].lineno + 1  # type: ignore[operator]
        assert lines <= 15, name


def test_nothing_is_scheduled_with_celery_but_the_one_pass() -> None:
    root = Path(config.__file__).parent.parent
    rooms = ("config", "campaigns", "notices", "consent", "customers")
    sources = [path for room in rooms for path in (root / room).rglob("*.py")]
    assert sources
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = {word.arg for word in node.keywords}
                assert not given & {"eta", "countdown"}, path
                called = getattr(node.func, "attr", "")
                assert called not in {"apply_async", "retry"}, path
    assert set(app.conf.beat_schedule) == {"tick"}


def test_every_queue_has_a_worker_when_the_house_is_brought_up(tmp_path: Path) -> None:
    programs = {one.name: one.command for one in _programs(Home(tmp_path), 8000)}
    command = programs["worker"]

    # Without --queues a worker serves every one that is declared.
    assert not any(word.startswith(("-Q", "--queues", "-X")) for word in command)
    assert {queue.name for queue in app.conf.task_queues} == set(QUEUES)


def test_the_command_in_the_readme_serves_every_kind_of_work() -> None:
    readme = (Path(config.__file__).parent.parent / "README.md").read_text("utf-8")
    (named,) = (
        line.rpartition("--queues ")[2].strip()
        for line in readme.splitlines()
        if line.startswith("celery -A config.celery worker --queues")
    )

    assert set(needed_queues()) <= set(named.split(","))
    assert set(named.split(",")) <= set(QUEUES)


def test_every_ring_goes_to_a_queue_that_exists() -> None:
    assert set(needed_queues()) <= set(QUEUES)
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["queue"] in QUEUES
        assert entry["options"]["expires"] <= entry["schedule"]


# The watchdog's judgement ----------------------------------------------------


def test_a_worker_that_leaves_rings_lying_while_it_rests_has_stalled() -> None:
    assert is_stalled(Look(waiting=1, busy=False, idle_seconds=61), 60)


@pytest.mark.parametrize(
    "look",
    [
        Look(waiting=0, busy=False, idle_seconds=9000),
        Look(waiting=5, busy=True, idle_seconds=9000),
        Look(waiting=5, busy=False, idle_seconds=59),
        # Redis is away: another process would hear no more.
        Look(waiting=None, busy=False, idle_seconds=9000),
    ],
)
def test_a_worker_that_is_busy_bored_or_without_redis_stays(look: Look) -> None:
    assert not is_stalled(look, 60)


# The watchdog's end ----------------------------------------------------------


def test_a_last_look_does_not_write_a_worker_down_that_was_just_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: set[str] = set()
    looks, may_write, written = (threading.Event() for _ in range(3))

    def note_worker(*, name: str, **_: object) -> None:
        looks.set()
        may_write.wait(10)
        seen.add(name)
        written.set()

    monkeypatch.setattr(watchdog, "rings_waiting", lambda queues: 0)
    monkeypatch.setattr(watchdog.heartbeats, "note_worker", note_worker)
    monkeypatch.setattr(
        watchdog.heartbeats, "forget_worker", lambda *, name: seen.discard(name)
    )
    worker = SimpleNamespace(hostname="one", app=app)
    step = watchdog.Watchdog(worker)
    step.start(worker)
    assert looks.wait(10)

    leaving = threading.Thread(target=step.stop, args=(worker,))
    leaving.start()
    leaving.join(0.3)
    may_write.set()
    assert written.wait(10)
    leaving.join(10)

    assert not leaving.is_alive()
    assert seen == set()
