"""What a killed worker's journal tells, and to whom."""

from __future__ import annotations

import multiprocessing
import os
import signal
import uuid
from pathlib import Path

import pytest

from notices import journal as journals
from notices.journal import Journal, stories
from notices.senders import Event, Receipt, SendError

TOKEN = uuid.UUID(int=7)


def killed_worker(folder: Path) -> None:
    """Leave the journal of a worker that was killed in the middle of its work."""

    def work() -> None:
        with Journal(folder, TOKEN) as journal:
            journal.leaves("A.1")
            journal.answered("A.1", Receipt("r-1", (Event("e-1", "delivered"),)))
            journal.leaves("B.1")
            journal.answered("B.1", SendError("550", permanent=True, suppresses="stop"))
            journal.leaves("C.1")
            os.kill(os.getpid(), signal.SIGKILL)

    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL


def test_a_killed_worker_tells_what_it_had_begun_and_heard(tmp_path: Path) -> None:
    killed_worker(tmp_path)

    (story,) = stories(tmp_path)

    assert story.token == TOKEN
    assert story.begun == {"A.1", "B.1", "C.1"}
    assert story.answers["A.1"] == Receipt("r-1", (Event("e-1", "delivered"),))
    refusal = story.answers["B.1"]
    assert isinstance(refusal, SendError)
    assert (refusal.permanent, refusal.suppresses) == (True, "stop")
    assert "C.1" not in story.answers


def test_a_story_is_told_once(tmp_path: Path) -> None:
    killed_worker(tmp_path)

    assert len(list(stories(tmp_path))) == 1
    assert list(stories(tmp_path)) == []


def test_who_fails_to_settle_leaves_the_story_for_the_next(tmp_path: Path) -> None:
    killed_worker(tmp_path)

    telling = stories(tmp_path)
    next(telling)
    with pytest.raises(RuntimeError):
        telling.throw(RuntimeError("database away"))

    assert len(list(stories(tmp_path))) == 1


def test_a_living_workers_journal_is_left_alone(tmp_path: Path) -> None:
    with Journal(tmp_path, TOKEN) as journal:
        journal.leaves("A.1")

        assert list(stories(tmp_path)) == []


def test_a_worker_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path, TOKEN) as journal:
        journal.leaves("A.1")

    assert list(tmp_path.iterdir()) == []


def test_a_line_cut_by_the_kill_was_not_said(tmp_path: Path) -> None:
    path = tmp_path / f"{journals.boot()}.{TOKEN.hex}"
    path.write_bytes(b'>A.1\n<A.1 {"reference": "r-')

    (story,) = stories(tmp_path)

    assert (story.begun, story.answers) == ({"A.1"}, {})


def test_a_journal_from_before_a_power_cut_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / f"another-boot.{TOKEN.hex}").write_bytes(b">A.1\n")

    assert list(stories(tmp_path)) == []


def test_a_folder_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    occupied = tmp_path / "wire"
    occupied.write_text("")

    with Journal(occupied, TOKEN) as journal:
        journal.leaves("A.1")

    assert "No journal" in caplog.text
