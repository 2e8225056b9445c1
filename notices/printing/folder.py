"""Puts a closed run into a folder, for the printer's computer or an SFTP upload.

Each file appears whole under its name or not at all, and the JSON manifest last: who
waits for it finds everything there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from notices.models import PrintFile, PrintRun
from notices.printing import manifest
from notices.printing.runs import PrintRunError


class FileChanged(PrintRunError):
    """A stored file is not what it was when it was stored."""


def body_of(file: PrintFile) -> bytes:
    """Return the stored bytes of a file.

    :raises FileChanged: they do not match their SHA-256.
    """
    body = bytes(file.body)
    if hashlib.sha256(body).digest() != bytes(file.sha256):
        raise FileChanged(
            f"The stored file {file.name} does not match its SHA-256: it was changed "
            "after it was printed. Restore it from a backup."
        )
    return body


def write_run(run: PrintRun, folder: Path) -> list[Path]:
    """Write the PDFs and manifests of a closed or posted run; return their paths.

    :raises PrintRunError: it is not closed, or a stored file was changed.
    :raises OSError: the folder cannot be written to.
    """
    if run.state not in {PrintRun.State.CLOSED, PrintRun.State.POSTED}:
        raise PrintRunError(
            f"Run {run} is {run.get_state_display().lower()}; there is nothing to "
            "write."
        )
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(folder / name, body) for name, body in _contents(run)]


def manifest_name(run: PrintRun, ending: str) -> str:
    """Return the file name of a manifest: ``northwind-run0012-manifest.csv``."""
    return f"{run.name}-manifest.{ending}"


def _contents(run: PrintRun) -> Iterator[tuple[str, bytes]]:
    for file in run.files.all().iterator(chunk_size=1):
        yield file.name, body_of(file)
    yield manifest_name(run, "csv"), manifest.as_csv(run)
    yield manifest_name(run, "json"), manifest.as_json(run)


def _written(path: Path, body: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(body)
    os.replace(unfinished, path)
    return path
