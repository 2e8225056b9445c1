"""The packs that come with Duly, read from their files."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from consent.packs.reading import read_pack

FOLDER = Path(__file__).parent


class Shipped(NamedTuple):
    """One pack as it came: from when it is used, and its definition as JSON has it."""

    effective_from: dt.date
    definition: dict[str, Any]


def shipped_packs() -> list[Shipped]:
    """Return the packs that come with Duly, by code.

    :raises PackError: a file of ours is at fault.
    """
    found = [_read(path) for path in sorted(FOLDER.glob("*.toml"))]
    for one in found:
        read_pack(one.definition, version=1, effective_from=one.effective_from)
    return sorted(found, key=lambda one: one.definition["code"])


def _read(path: Path) -> Shipped:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    effective_from = raw.pop("effective_from")
    definition: dict[str, Any] = _as_json(raw)
    return Shipped(effective_from, definition)


def _as_json(value: Any) -> Any:
    """Return TOML's value as JSON has it: days as text."""
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
