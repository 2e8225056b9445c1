"""What is on the wire at this very moment, in a file that outlives a killed worker.

PostgreSQL knows which messages a worker was about to hand over; this file knows which
of them it had begun, and what came back. So a worker that is killed leaves one message
a connection in doubt instead of its whole batch, and the rest goes on at once instead
of after a lease. Losing the file loses nothing but that: the lease then says that all
of them are unknown.

A journal is locked by its worker for as long as that lives. It is only believed on the
very boot of the machine it was written on: after a power cut its end may be missing.
And only for as long as it begins with a word of its own: one that could not be written,
nor removed, has gaps, and what it does not mention may have left all the same.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from notices.mapped import Lines, read_lines
from notices.senders import Event, Receipt, SendError

log = logging.getLogger(__name__)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_A_DAY = 86_400
# The first line of a journal to believe, and what makes it one that is not.
_HEAD = b"journal"
_SPOILT = b"!"
_FAULTS = ("permanent", "unknown", "untried", "suppresses", "backs_off", "stops_lane")


def boot() -> str:
    """Return what names this run of this machine; empty where nothing does."""
    try:
        return BOOT_ID.read_text().strip().replace("-", "")
    except OSError:
        return ""


class Journal:
    """The journal of one worker under one claim token."""

    def __init__(self, folder: Path, token: uuid.UUID) -> None:
        self._path = folder / f"{boot()}.{token.hex}"
        self._file = -1
        self._lines: Lines | None = None
        self._stuck = ""

    def __enter__(self) -> Self:
        try:
            self._open()
        except OSError as error:
            # Without its head nobody believes it, wherever it has to stay.
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            log.warning("No journal of what is on the wire: %s", error)
        return self

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT
        while True:
            self._file = os.open(self._path, flags, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            # Somebody who settles may have taken it, still unlocked, for a dead one's.
            if os.fstat(self._file).st_nlink:
                break
            os.close(self._file)
        lines = Lines(self._file)
        lines.add(_HEAD)
        self._lines = lines

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file < 0:
            return
        if self._lines is not None:
            self._lines.close()
            self._lines = None
        # A worker that ends in an error leaves its journal for others to settle.
        if kind is None:
            # Left where it is, it tells of what is written down: nothing.
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1

    def leaves(self, key: str) -> None:
        """Note that from now on the provider may have the message of this attempt.

        :raises SendError: it must not leave. What a kill would leave behind can be
            neither written nor taken out of the way, and would call it never begun.
        """
        self._add(b">%b" % key.encode())
        if self._stuck:
            raise SendError(self._stuck, untried=True, backs_off=True)

    def answered(self, key: str, answer: Receipt | SendError) -> None:
        """Note what the provider said of it."""
        self._add(b"<%b %b" % (key.encode(), _packed(answer)))

    def _add(self, line: bytes) -> None:
        # Asked once: another thread may give the journal up meanwhile.
        lines = self._lines
        if lines is None:
            return
        try:
            lines.add(line)
        except (OSError, ValueError) as error:
            self._give_up(str(error))

    def _give_up(self, fault: str) -> None:
        """Leave no journal at all: one with gaps would call sent what was not, and
        the other way round. Without one the lease says that all are unknown."""
        # Before any thread may go on without it: a kill would leave one with gaps.
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            self._spoil()
        self._lines = None
        log.error("The journal of what is on the wire is given up: %s", fault)

    def _spoil(self) -> None:
        """Let nobody believe a journal that cannot be removed, or let nothing leave."""
        try:
            os.pwrite(self._file, _SPOILT, 0)
        except OSError:
            self._stuck = (
                f"The journal {self._path} can be neither written nor removed: give "
                "its disk room and make it writable"
            )


@dataclass(slots=True)
class Story:
    """What a dead worker's journal tells, by attempt key."""

    token: uuid.UUID
    begun: set[str] = field(default_factory=set)
    answers: dict[str, Receipt | SendError] = field(default_factory=dict)


def stories(folder: Path) -> Iterator[Story]:
    """Yield the journals of dead workers of this boot, each to one asker alone.

    A journal is removed once the asker has come back for the next one; whoever fails
    in between leaves it for the next asker. One that makes no sense is not believed,
    and must keep nobody from sending: the lease settles what it was about.
    """
    mine = boot()
    if not mine or not folder.is_dir():
        return
    _forget_earlier_boots(folder, mine)
    for path in sorted(folder.glob(f"{mine}.*")):
        try:
            file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("Journal %s cannot be opened: %s", path.name, error.strerror)
            continue
        try:
            if not _is_left(file):
                continue
            story = _read(path)
            if story is not None:
                yield story
            # Left where it is, it tells the next asker of what is settled: nothing.
            with suppress(OSError):
                path.unlink(missing_ok=True)
        finally:
            os.close(file)


def _forget_earlier_boots(folder: Path, mine: str) -> None:
    """Remove what nobody will believe any more; the leases have long run out."""
    # Another may be doing just this; and what cannot be removed must stop nobody.
    with suppress(OSError):
        for path in list(folder.iterdir()):
            name, _, token = path.name.partition(".")
            is_journal = len(token) == len(uuid.UUID(int=0).hex)
            if name == mine or not is_journal:
                continue
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _A_DAY:
                    path.unlink()


def _is_left(file: int) -> bool:
    """Lock a journal; False where its worker lives, or somebody has just settled it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return bool(os.fstat(file).st_nlink)


def _read(path: Path) -> Story | None:
    """Return what a journal tells; None where it was given up or makes no sense."""
    try:
        return _story(path)
    except (KeyError, TypeError, ValueError) as error:
        log.error("Journal %s makes no sense: %s", path.name, type(error).__name__)
        return None


def _story(path: Path) -> Story | None:
    story = Story(uuid.UUID(path.name.partition(".")[2]))
    # Killed in mid-write, the last line may lack its end: then it was not said.
    head, *lines = read_lines(path.read_bytes()) or [b""]
    if head != _HEAD:
        return None
    for line in lines:
        key, _, rest = line[1:].decode().partition(" ")
        if line[:1] == b">":
            story.begun.add(key)
            # A provider that was busy is given the same attempt once more: its answer
            # to the first says nothing of the second.
            story.answers.pop(key, None)
        else:
            story.answers[key] = _unpacked(rest)
    return story


def _packed(answer: Receipt | SendError) -> bytes:
    if isinstance(answer, Receipt):
        told: dict[str, object] = {"reference": answer.provider_reference}
        if answer.segments is not None:
            told["segments"] = answer.segments
        if answer.events:
            told["events"] = [[one.event_id, one.kind] for one in answer.events]
    else:
        told = {name: getattr(answer, name) for name in _FAULTS}
        told["code"] = answer.code
    return json.dumps(told).encode()


def _unpacked(text: str) -> Receipt | SendError:
    told = json.loads(text)
    if "reference" in told:
        events = tuple(Event(*one) for one in told.get("events", ()))
        return Receipt(told["reference"], events, told.get("segments"))
    return SendError(told.pop("code"), **told)
