"""A ladder written as a JSON file: read, checked, made into a ``Ladder``.

Every fault is one sentence that names the step and the field. It decides nothing
about days or contacts; ``campaigns.ladder`` does.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Any, cast, get_args

from campaigns.ladder import Channel, Group, Kind, Ladder, Step
from customers.calendars import ScheduleError, bank_days

CHANNELS: tuple[Channel, ...] = get_args(Channel)
LADDER_FIELDS = {"key", "name", "bank_days", "min_gap_days", "group", "steps"}
STEP_FIELDS = {
    "key",
    "offset_days",
    "kind",
    "channels",
    "expires_after_days",
    "template",
}
MAX_DAYS = 3650


class LadderFileError(ValueError):
    """A ladder file that cannot be used; the message says which field and why."""


def load(path: Path) -> Ladder:
    """Read a ladder file.

    :raises LadderFileError: the file cannot be read or is no good ladder.
    """
    text = _read(path)
    try:
        return parse(text)
    except LadderFileError as error:
        raise LadderFileError(f"The ladder file {path}: {error}") from error


def load_template_keys(path: Path) -> dict[str, str]:
    """Return the wording each step of a good ladder file names, by the step's key.

    Steps that name none are left out. The rules do not know of wordings.

    :raises LadderFileError: the file cannot be read.
    """
    written: dict[str, Any] = json.loads(_read(path))
    return {
        step["key"].strip(): step["template"].strip()
        for step in written["steps"]
        if step.get("template")
    }


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LadderFileError(
            f"The ladder file {path} cannot be read: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise LadderFileError(
            f"The ladder file {path} is not UTF-8. Save it as UTF-8."
        ) from error


def parse(text: str) -> Ladder:
    """Read a ladder from JSON text.

    :raises LadderFileError: naming the step and the field at fault.
    """
    try:
        written = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LadderFileError(f"it is not JSON ({error}).") from error
    fields = _Fields("the ladder", written, LADDER_FIELDS)
    ladder = Ladder(
        key=fields.text("key"),
        name=fields.text("name"),
        bank_days=fields.text("bank_days"),
        min_gap_days=fields.whole("min_gap_days", least=0),
        group=cast(Group, fields.one_of("group", get_args(Group))),
        steps=tuple(
            _step(number, step) for number, step in enumerate(fields.list("steps"), 1)
        ),
    )
    try:
        bank_days(ladder.bank_days)
    except ScheduleError as error:
        raise LadderFileError(f"bank_days of the ladder: {error}") from error
    _check_order(ladder.steps)
    return ladder


def _step(number: int, written: object) -> Step:
    fields = _Fields(f"step {number}", written, STEP_FIELDS)
    key = fields.text("key")
    fields.where = f"step {number} ({key})"
    kind = cast(Kind, fields.one_of("kind", get_args(Kind)))
    expires_after_days = None
    if fields.has("expires_after_days"):
        expires_after_days = fields.whole("expires_after_days", least=0)
    if kind == "formal" and expires_after_days is not None:
        raise fields.fault(
            "expires_after_days", "has no place here: a formal step never expires."
        )
    if fields.has("template"):
        fields.text("template")  # a wording for load_template_keys; no rule asks
    return Step(
        key=key,
        offset_days=fields.whole("offset_days", least=-MAX_DAYS),
        kind=kind,
        channels=fields.channels("channels"),
        expires_after_days=expires_after_days,
    )


def _check_order(steps: tuple[Step, ...]) -> None:
    """Refuse two steps of one name, and a step that comes before the one above it."""
    seen: set[str] = set()
    for number, step in enumerate(steps, 1):
        if step.key in seen:
            raise LadderFileError(
                f"key of step {number} ({step.key}) is taken by an earlier step. "
                "Give every step its own key."
            )
        seen.add(step.key)
    for number, (step, following) in enumerate(pairwise(steps), 2):
        if following.offset_days < step.offset_days:
            raise LadderFileError(
                f"offset_days of step {number} ({following.key}) is "
                f"{following.offset_days}, earlier than the step before it. Write "
                "the steps in the order of their days; days before the due date "
                "are negative."
            )


class _Fields:
    """One JSON object, read field by field; every fault names the place."""

    def __init__(self, where: str, written: object, known: Collection[str]) -> None:
        if not isinstance(written, dict):
            raise LadderFileError(f"{where} must be an object in curly brackets.")
        unknown = sorted(set(written) - set(known))
        if unknown:
            raise LadderFileError(
                f"{where} has a field {unknown[0]!r} that is not known. The fields "
                f"are {', '.join(sorted(known))}."
            )
        self.where = where
        self._written = cast(dict[str, Any], written)

    def fault(self, name: str, problem: str) -> LadderFileError:
        return LadderFileError(f"{name} of {self.where} {problem}")

    def has(self, name: str) -> bool:
        return self._written.get(name) is not None

    def value(self, name: str) -> Any:
        if not self.has(name):
            raise self.fault(name, "is missing.")
        return self._written[name]

    def text(self, name: str) -> str:
        value = self.value(name)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(name, f"must be a word or a sentence, not {value!r}.")
        return value.strip()

    def whole(self, name: str, *, least: int) -> int:
        value = self.value(name)
        # JSON true is a whole number to Python, and to nobody else.
        if type(value) is not int or not least <= value <= MAX_DAYS:
            raise self.fault(
                name,
                f"must be a whole number from {least} to {MAX_DAYS}, not {value!r}.",
            )
        return value

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.value(name)
        if value not in choices:
            raise self.fault(name, f"must be {' or '.join(choices)}, not {value!r}.")
        return str(value)

    def list(self, name: str) -> list[Any]:
        value = self.value(name)
        if not isinstance(value, list) or not value:
            raise self.fault(name, "must be a list with at least one entry.")
        return value

    def channels(self, name: str) -> tuple[Channel, ...]:
        chosen = self.list(name)
        for channel in chosen:
            if channel not in CHANNELS:
                raise self.fault(
                    name, f"may hold {', '.join(CHANNELS)}, not {channel!r}."
                )
        if len(set(chosen)) < len(chosen):
            raise self.fault(name, "names a channel twice.")
        return tuple(chosen)
