"""What a killed worker's journal tells, and to whom."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import time
import uuid
from pathlib import Path

import pytest

from notices import journal as journals
from notices import mapped
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
    path.write_bytes(b'journal\n>A.1\n<A.1 {"reference": "r-')

    (story,) = stories(tmp_path)

    assert (story.begun, story.answers) == ({"A.1"}, {})


def test_a_journal_from_before_a_power_cut_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / f"another-boot.{TOKEN.hex}").write_bytes(b"journal\n>A.1\n")

    assert list(stories(tmp_path)) == []


def test_an_old_journal_that_cannot_be_removed_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / f"old.{TOKEN.hex}"
    old.touch()
    os.utime(old, (0, 0))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(Path, "unlink", refuse)

    assert list(stories(tmp_path)) == []


def test_journals_from_before_a_power_cut_are_not_kept_for_ever(tmp_path: Path) -> None:
    long_ago = time.time() - 90_000
    old, fresh = (tmp_path / f"{name}.{TOKEN.hex}" for name in ("old", "fresh"))
    other = tmp_path / "old.notes"
    for path in (old, fresh, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (long_ago, long_ago))

    assert list(stories(tmp_path)) == []

    assert set(tmp_path.iterdir()) == {fresh, other}


def test_a_folder_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    occupied = tmp_path / "wire"
    occupied.write_text("")

    with Journal(occupied, TOKEN) as journal:
        journal.leaves("A.1")

    assert "No journal" in caplog.text


def test_a_busy_answer_does_not_speak_for_the_next_time_the_attempt_left(
    tmp_path: Path,
) -> None:
    with pytest.raises(RuntimeError), Journal(tmp_path, TOKEN) as journal:
        journal.leaves("A.1")
        journal.answered("A.1", SendError("429", backs_off=True))
        journal.leaves("A.1")
        raise RuntimeError

    (story,) = stories(tmp_path)

    assert (story.begun, story.answers) == ({"A.1"}, {})


@pytest.mark.parametrize(
    "words", [b'<A.1 {"reference": "r->B.1\n', b"<A.1 [1]\n", b">\xff\n"]
)
def test_a_journal_that_makes_no_sense_stops_nobody(
    tmp_path: Path, words: bytes
) -> None:
    path = tmp_path / f"{journals.boot()}.{TOKEN.hex}"
    path.write_bytes(b"journal\n" + words)

    assert list(stories(tmp_path)) == []
    assert not path.exists()


def test_a_journal_settled_a_moment_ago_is_no_story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_worker(tmp_path)
    lock = journals.fcntl.flock

    def just_settled(file: int, how: int) -> None:
        for path in tmp_path.iterdir():
            path.unlink()
        lock(file, how)

    monkeypatch.setattr(journals.fcntl, "flock", just_settled)

    assert list(stories(tmp_path)) == []


def test_a_journal_of_somebody_else_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_worker(tmp_path)

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(journals.os, "open", refused)

    assert list(stories(tmp_path)) == []


def test_a_full_disk_leaves_no_journal_rather_than_one_with_gaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mapped, "WINDOW", mmap.ALLOCATIONGRANULARITY)
    with pytest.raises(RuntimeError), Journal(tmp_path, TOKEN) as journal:
        journal.leaves("A.1")
        monkeypatch.setattr(mapped.os, "posix_fallocate", full)
        for number in range(mapped.WINDOW // 4):
            journal.leaves(f"{number}.1")
        journal.answered("B.1", Receipt("r-2"))
        raise RuntimeError

    monkeypatch.undo()
    assert list(stories(tmp_path)) == []


# Neither to be written nor to be removed ---------------------------------------


class Stuck:
    """A disk that is full, read-only for new names, or read-only altogether."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def is_full(self) -> None:
        self._refuse(mapped.os, "posix_fallocate")

    def keeps_names(self) -> None:
        self._refuse(Path, "unlink")

    def takes_no_byte(self) -> None:
        self._refuse(journals.os, "pwrite")

    def is_well(self) -> None:
        self._patch.undo()

    def _refuse(self, owner: object, name: str) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(30, "Read-only file system")

        self._patch.setattr(owner, name, refuse)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Stuck:
    """Return a disk of which one window of a journal is one page."""
    monkeypatch.setattr(mapped, "WINDOW", mmap.ALLOCATIONGRANULARITY)
    return Stuck(monkeypatch)


def fill(journal: Journal) -> None:
    for number in range(mapped.WINDOW // 4):
        journal.leaves(f"{number}.1")


def test_a_journal_stuck_from_the_start_is_not_believed(
    tmp_path: Path, disk: Stuck
) -> None:
    disk.is_full()
    disk.keeps_names()
    with pytest.raises(RuntimeError), Journal(tmp_path, TOKEN) as journal:
        # It leaves, and nobody will be told that it never did.
        journal.leaves("A.1")
        raise RuntimeError
    assert list(tmp_path.iterdir())

    disk.is_well()
    assert list(stories(tmp_path)) == []
    assert not list(tmp_path.iterdir())


def test_a_worker_that_had_begun_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Journal(tmp_path, TOKEN):
        raise RuntimeError
    (story,) = stories(tmp_path)
    assert (story.begun, story.answers) == (set(), {})


def test_a_journal_that_cannot_be_removed_is_not_believed_any_more(
    tmp_path: Path, disk: Stuck
) -> None:
    with pytest.raises(RuntimeError), Journal(tmp_path, TOKEN) as journal:
        disk.is_full()
        disk.keeps_names()
        fill(journal)
        raise RuntimeError
    assert list(tmp_path.iterdir())
    assert list(stories(tmp_path)) == []


def test_nothing_leaves_past_a_journal_that_would_be_believed(
    tmp_path: Path, disk: Stuck
) -> None:
    with pytest.raises(RuntimeError), Journal(tmp_path, TOKEN) as journal:
        journal.leaves("A.1")
        disk.is_full()
        disk.keeps_names()
        disk.takes_no_byte()
        with pytest.raises(SendError) as caught:
            fill(journal)
        with pytest.raises(SendError):
            journal.leaves("Z.1")
        raise RuntimeError
    assert (caught.value.untried, caught.value.backs_off) == (True, True)
    (left,) = tmp_path.iterdir()
    assert left.name in caught.value.code
    assert "make it writable" in caught.value.code

    disk.is_well()
    (story,) = stories(tmp_path)
    assert "A.1" in story.begun
    assert "Z.1" not in story.begun


def test_a_journal_that_cannot_be_removed_at_the_end_breaks_nobody(
    tmp_path: Path, disk: Stuck
) -> None:
    disk.keeps_names()
    with Journal(tmp_path, TOKEN) as journal:
        journal.leaves("A.1")
    assert len(list(stories(tmp_path))) == 1
