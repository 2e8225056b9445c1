"""Lines added to a file through memory are as safe as written ones."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from notices import mapped
from notices.mapped import Lines, read_lines


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "lines", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "WINDOW", mmap.ALLOCATIONGRANULARITY)


def said(file: int) -> list[bytes]:
    return read_lines(os.pread(file, 1 << 24, 0))


def test_lines_are_read_as_they_were_added_over_many_windows(file: int) -> None:
    lines = Lines(file)
    told = [b"x" * (number % 700) + b"%d" % number for number in range(200)]

    for line in told:
        lines.add(line)

    assert said(file) == told
    assert os.fstat(file).st_size > 3 * mapped.WINDOW


def test_a_line_may_fill_a_window_and_no_more(file: int) -> None:
    lines = Lines(file)
    whole = b"x" * (mapped.WINDOW - 1)

    lines.add(whole)
    lines.add(whole)
    with pytest.raises(ValueError, match="a line of"):
        lines.add(whole + b"x")

    assert said(file) == [whole, whole]


def test_what_stood_in_the_file_stays(file: int) -> None:
    Lines(file).add(b"first")
    Lines(file).add(b"second")

    assert said(file) == [b"first", b"second"]


def test_a_kill_takes_no_line_along(file: int) -> None:
    def work() -> None:
        lines = Lines(file)
        for number in range(1_000):
            lines.add(b"%d" % number)
        os.kill(os.getpid(), signal.SIGKILL)

    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join()

    assert said(file) == [b"%d" % number for number in range(1_000)]


def test_threads_do_not_write_over_each_other(file: int) -> None:
    lines = Lines(file)

    def work(name: int) -> None:
        for number in range(500):
            lines.add(b"%d.%d" % (name, number))

    threads = [threading.Thread(target=work, args=[name]) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = said(file)
    assert len(told) == 2_000
    assert set(told) == {
        b"%d.%d" % (name, at) for name in range(4) for at in range(500)
    }


def test_once_let_go_nothing_is_added(file: int) -> None:
    lines = Lines(file)
    lines.add(b"first")
    lines.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        lines.add(b"second")

    assert said(file) == [b"first"]
