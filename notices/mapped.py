"""A file that lines are added to without a call to the system for each.

What is written stands in the memory of the machine, not of the process: it outlives a
kill at any instant, as it would through ``write``. That call gives other threads the
turn, and a thread that hands over messages would wait for it again at every line.
"""

from __future__ import annotations

import mmap
import os
import threading

# A multiple of every page size; room for some thousand lines.
WINDOW = 1 << 20


class Lines:
    """Adds lines to the end of an open file, from any thread.

    The file grows by whole windows, so that zeros follow the last line
    (:func:`read_lines`).
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._window: mmap.mmap | None = None
        self._ends_at = -(-os.fstat(file).st_size // WINDOW) * WINDOW
        self._at = WINDOW
        self._turn = threading.Lock()

    def add(self, line: bytes) -> None:
        """Add one line, given without its end.

        :raises OSError: there is no room for it, or no file; it holds what it held.
        :raises ValueError: it is longer than a window.
        """
        with self._turn:
            after = self._at + len(line) + 1
            if self._window is None or after > WINDOW:
                if len(line) >= WINDOW:
                    raise ValueError(f"a line of {len(line)} bytes")
                self._window = self._next_window()
                self._at, after = 0, len(line) + 1
            self._window[self._at : after - 1] = line
            # Its end last: a line without one was not said.
            self._window[after - 1 : after] = b"\n"
            self._at = after

    def close(self) -> None:
        """Let go of the memory and of the file, which stays open: no more is added."""
        with self._turn:
            if self._window is not None:
                self._window.close()
                self._window = None
            # Its number may soon be that of another file.
            self._file = -1

    def _next_window(self) -> mmap.mmap:
        # Room is taken before it is used: in a mapped file a full disk kills.
        os.posix_fallocate(self._file, self._ends_at, WINDOW)
        window = mmap.mmap(self._file, WINDOW, offset=self._ends_at)
        self._ends_at += WINDOW
        if self._window is not None:
            self._window.close()
        return window


def read_lines(written: bytes) -> list[bytes]:
    """Return the whole lines of a file of :class:`Lines`, without their ends."""
    return [line.lstrip(b"\0") for line in written.split(b"\n")[:-1]]
