"""Every queue has a worker, and every task a queue."""

from __future__ import annotations

from pathlib import Path

from config.celery import QUEUES, app
from config.embedded.home import Home
from config.management.commands.up import _programs


def test_every_queue_has_a_worker_in_the_embedded_stack(tmp_path: Path) -> None:
    programs = _programs(Home(tmp_path), 8000)
    served: set[str] = set()
    for program in programs:
        words = [str(word) for word in program.command]
        if "worker" not in words:
            continue
        named = [
            words[at + 1] for at, word in enumerate(words) if word in {"-Q", "--queues"}
        ]
        named += [
            word.partition("=")[2] for word in words if word.startswith("--queues=")
        ]
        # A worker that names no queue serves all that are set up.
        served |= set(",".join(named).split(",")) if named else set(QUEUES)

    assert served == set(QUEUES)
    assert {queue.name for queue in app.conf.task_queues} == set(QUEUES)


def test_the_readme_starts_a_worker_for_every_queue() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    command = next(
        line for line in readme.splitlines() if "celery worker --queues" in line
    )

    assert set(command.split()[-1].split(",")) == set(QUEUES)
