"""Which installation this is, kept outside the database on purpose.

A copy of the database that is restored elsewhere brings the fingerprint of the house
it came from and finds another one here. The fingerprint is made of a random id in
``DULY_HOME/installation`` and the name of this machine; several machines or
containers of one house share an ``INSTALLATION_ID`` instead.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

FILE_NAME = "installation"


def fingerprint() -> str:
    """Return the fingerprint of this installation; makes its id at the first call.

    :raises OSError: the id's file can be neither read nor written.
    """
    if settings.INSTALLATION_ID:
        return _digest("shared", settings.INSTALLATION_ID)
    path = Path(settings.DULY_HOME) / FILE_NAME
    return _digest(platform.node(), _kept_id(path))


def machine() -> str:
    """Return the name this machine goes by, to tell staff which one it was."""
    return platform.node() or "a machine without a name"


def _kept_id(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked: of two processes that start at once one wins, and
    # neither reads half a file.
    draft = path.with_name(f"{FILE_NAME}.{os.getpid()}")
    draft.write_text(secrets.token_hex(16), encoding="ascii")
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _digest(where: str, what: str) -> str:
    return hashlib.sha256(f"{where}\n{what}".encode()).hexdigest()
