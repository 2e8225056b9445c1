"""The folder of one embedded stack (DULY_HOME): what lies where, and its locks.

Liveness is decided by ``flock`` alone: the kernel drops a lock with its last holder,
however that one died, so no process id is ever believed. Standard library only; it
knows of no server and of no Django.
"""

from __future__ import annotations

import base64
import errno
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# An empty PostgreSQL takes about 40 MB, its first log of changes 16 MB more.
SPACE_FOR_NEW_BYTES = 150_000_000
SPACE_TO_GO_ON_BYTES = 30_000_000
LOCK_POLL_SECONDS = 0.05


class EmbeddedError(Exception):
    """The embedded stack cannot go on; the text tells a person why and what to do."""


def explain(error: OSError, path: Path) -> EmbeddedError:
    """Return a failed write below ``path`` as a sentence with its remedy."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EmbeddedError(
            f"The disk that holds {path} is full. Free some space, or choose another "
            "folder with DULY_HOME=/path/to/folder."
        )
    return EmbeddedError(
        f"Duly cannot write to {path} ({error.strerror}). Make that folder writable, "
        "or choose another one with DULY_HOME=/path/to/folder."
    )


class Lock:
    """One open lock file. Closing it, or dying, lets go of what it holds."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, wait: float = 0) -> bool:
        """Take the lock within ``wait`` seconds; return whether that worked."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
            time.sleep(LOCK_POLL_SECONDS)

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self.descriptor)

    def note(self, text: str) -> None:
        """Leave a word in the lock file for whoever finds it taken."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)

    def noted(self) -> str:
        """Return the word last left in the lock file, empty if there is none."""
        return os.pread(self.descriptor, 200, 0).decode()


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one DULY_HOME."""

    path: Path

    @classmethod
    def from_environment(cls) -> Home:
        """Return the folder DULY_HOME names, else ``var`` in the repository."""
        named = os.environ.get("DULY_HOME", "").strip()
        return cls(Path(named or REPOSITORY / "var").resolve())

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's working folder; holds nothing worth keeping."""
        return self.path / "valkey"

    @property
    def logs(self) -> Path:
        """What the services said since they were last started."""
        return self.path / "log"

    @property
    def beat(self) -> Path:
        """Where the scheduler remembers its last pass."""
        return self.path / "beat"

    def lock(self, name: str) -> Lock:
        """Open the lock of that name.

        :raises EmbeddedError: the folder cannot be written.
        """
        try:
            return Lock(self.path / f"{name}.lock")
        except OSError as error:
            raise explain(error, self.path) from error

    @contextmanager
    def locked(self, name: str, wait: float) -> Iterator[None]:
        """Hold the lock of that name alone for a while.

        :raises EmbeddedError: somebody else held it for all of ``wait`` seconds.
        """
        lock = self.lock(name)
        try:
            if not lock.take(wait=wait):
                raise EmbeddedError(
                    f"Another Duly has been busy in {self.path} for {wait:.0f} "
                    "seconds. Wait for it to finish, then try again."
                )
            yield
        finally:
            lock.close()

    def is_taken(self, name: str) -> bool:
        """Return whether a live process holds that lock."""
        lock = self.lock(name)
        try:
            return not lock.take(shared=True)
        finally:
            lock.close()

    def prepare(self) -> None:
        """Create the folder, its secret keys and the services' password, once.

        :raises EmbeddedError: the folder cannot be written, or the disk is full.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.logs, self.valkey, self.beat):
                folder.mkdir(mode=0o700, exist_ok=True)
            with self.locked("prepare", wait=30):
                self._keep_secret("secret_key", secrets.token_urlsafe(50))
                self._keep_secret("field_keys", _field_keys())
                self._keep_secret("ledger_key", secrets.token_urlsafe(50))
                self._keep_secret("service_password", secrets.token_urlsafe(24))
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise explain(error, self.path) from error
        old = self.postgres.exists()
        if free < (SPACE_TO_GO_ON_BYTES if old else SPACE_FOR_NEW_BYTES):
            raise explain(OSError(errno.ENOSPC, "full"), self.path)

    def secret_key(self) -> str:
        """Return the key that signs sessions and links of this DULY_HOME."""
        return (self.path / "secret_key").read_text(encoding="utf-8").strip()

    def field_keys(self) -> str:
        """Return the keys that seal what is personal in this DULY_HOME."""
        return (self.path / "field_keys").read_text(encoding="utf-8").strip()

    def password_file(self) -> Path:
        """Return the file with the password of PostgreSQL and Valkey."""
        return self.path / "service_password"

    def password(self) -> str:
        """Return the password of PostgreSQL and Valkey (letters, digits, - and _)."""
        return self.password_file().read_text(encoding="utf-8").strip()

    def start_over(self) -> None:
        """Delete the database and all that depends on it; the secrets stay.

        :raises EmbeddedError: a folder cannot be deleted.
        """
        try:
            # With the database goes what is remembered of it beside it: who was erased
            # and what was agreed to in another life.
            ledger = self.path / "ledger"
            for folder in (self.postgres, self.valkey, self.beat, self.logs, ledger):
                if folder.exists():
                    shutil.rmtree(folder)
        except OSError as error:
            raise explain(error, self.path) from error

    def _keep_secret(self, name: str, value: str) -> None:
        path = self.path / name
        if path.exists() and path.stat().st_size > 0:
            return
        # Put in place complete: a full disk or a power cut leaves no half secret.
        draft = self.path / f"{name}.draft"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, f"{value}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(path)


def _field_keys() -> str:
    # A name of its own, so that the key of another house is missing, not wrong.
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return f"k{secrets.token_hex(3)}:{key}"


def is_given(name: str) -> bool:
    """Return whether the environment holds that variable, itself or as a file."""
    names = (name, f"{name}_FILE")
    return any(os.environ.get(each, "").strip() for each in names)


def ensure_secret_key() -> None:
    """Make the embedded stack's secret key unless the environment gives one.

    Settings need a key before Django knows any command, so ``manage.py`` calls this
    ahead of the commands that bring the stack up.

    :raises EmbeddedError: DULY_HOME cannot be written.
    """
    if not is_given("SECRET_KEY"):
        Home.from_environment().prepare()
