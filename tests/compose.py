"""The Compose file as Compose reads it: checked against its specification."""

from __future__ import annotations

from typing import Any

from compose_spec import PyOptions
from django.conf import settings

FILE = settings.BASE_DIR / "docker-compose.yml"


def services() -> dict[str, dict[str, Any]]:
    """Return the services by name.

    :raises ValueError: the file breaks the Compose specification.
    """
    compose = PyOptions(apply_merge=True).from_yaml(FILE.read_text("utf-8"))
    compose.validate()
    found: dict[str, dict[str, Any]] = compose.to_dict()["services"]
    return found


def of_duly() -> dict[str, dict[str, Any]]:
    """Return the services that run our own image."""
    return {name: one for name, one in services().items() if one["image"] == "duly"}


def queues_of(command: list[str]) -> list[str] | None:
    """Return the queues a command serves; None where it is no worker of some."""
    listed = [word for word in command if word.startswith("--queues=")]
    return listed[0].partition("=")[2].split(",") if listed else None
