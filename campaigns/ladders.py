"""Puts ladders into the database: one from a file, or those that ship with Duly.

Decides which wording each step speaks unless the file names one. A ladder that a
campaign uses is never changed under it: a new order of steps is a new ladder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import ladder as rules
from campaigns import ladder_file
from campaigns.models import Ladder, Step

SHIPPED = Path(__file__).resolve().parent / "shipped_ladders"

# A last formal step this many days after the due date, or more, is a final notice.
FINAL_FROM_DAYS = 28


class LadderError(ValueError):
    """A ladder that cannot be saved; the text says why and what to do."""


def install_shipped() -> list[Ladder]:
    """Save the ladders that come with Duly and return them, by name of their file.

    Safe to repeat. Where a firm has its own ladder of the same key, which a campaign
    uses, that one stays as it is.
    """
    saved = []
    for path in sorted(SHIPPED.glob("*.json")):
        own = Ladder.objects.filter(key=ladder_file.load(path).key).first()
        in_use = own is not None and own.campaigns.exists()
        saved.append(own if own and in_use else save_ladder_file(path))
    return saved


def save_ladder_file(path: Path) -> Ladder:
    """Save the ladder a JSON file describes.

    :raises LadderFileError: the file cannot be read or is no good ladder.
    :raises LadderError: see :func:`save_ladder`.
    """
    return save_ladder(
        spec=ladder_file.load(path), template_keys=ladder_file.load_template_keys(path)
    )


@transaction.atomic
def save_ladder(
    *, spec: rules.Ladder, template_keys: Mapping[str, str] | None = None
) -> Ladder:
    """Write a ladder and its steps, or leave it alone when it is there as it is.

    ``template_keys`` names the wording of steps by their key; the others get the one
    that fits their place (:func:`default_template_key`).

    :raises LadderError: a campaign uses a ladder of this key with other steps, or a
        key does not fit the database.
    """
    named = template_keys or {}
    wanted_ladder = {
        "name": spec.name,
        "bank_days": spec.bank_days,
        "min_gap_days": spec.min_gap_days,
        "group": spec.group,
    }
    wanted_steps = [
        _columns(spec.steps, position, named) for position in range(len(spec.steps))
    ]
    existing = Ladder.objects.select_for_update().filter(key=spec.key).first()
    if existing is None:
        return _write(Ladder(key=spec.key, **wanted_ladder), wanted_steps)
    if _is_equal(existing, wanted_ladder, wanted_steps):
        return existing
    if existing.campaigns.exists():
        raise LadderError(
            f"The ladder “{existing.name}” ({spec.key}) is used by a campaign, so its "
            "steps stay as they are. Save the changed one under a new key."
        )
    existing.steps.all().delete()
    for name, value in wanted_ladder.items():
        setattr(existing, name, value)
    return _write(existing, wanted_steps)


def default_template_key(steps: Sequence[rules.Step], position: int) -> str:
    """Return the starter wording that fits a step by its day, kind and place."""
    step = steps[position]
    if step.offset_days < 0:
        return "upcoming"
    if step.channels == ("call",):
        return "call"
    if step.kind == "soft":
        return "friendly"
    formal = [
        place
        for place, one in enumerate(steps)
        if one.kind == "formal" and one.offset_days >= 0 and one.channels != ("call",)
    ]
    if position == formal[0]:
        return "reminder"
    is_last_of_many = len(formal) >= 3 and position == formal[-1]
    if is_last_of_many and step.offset_days >= FINAL_FROM_DAYS:
        return "final"
    return "formal"


def _columns(
    steps: Sequence[rules.Step], position: int, named: Mapping[str, str]
) -> dict[str, Any]:
    step = steps[position]
    return {
        "position": position,
        "key": step.key,
        "offset_days": step.offset_days,
        "kind": step.kind,
        "expires_after_days": step.expires_after_days,
        "channels": list(step.channels),
        "template_key": named.get(step.key) or default_template_key(steps, position),
    }


def _is_equal(
    ladder: Ladder, wanted: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]
) -> bool:
    if any(getattr(ladder, name) != value for name, value in wanted.items()):
        return False
    columns = [field.name for field in Step._meta.fields[2:]]
    return list(ladder.steps.order_by("position").values(*columns)) == list(steps)


def _write(ladder: Ladder, steps: Sequence[Mapping[str, Any]]) -> Ladder:
    """Check every column and write the rows.

    :raises LadderError: it names the step and what does not fit.
    """
    _check(ladder, f"The ladder {ladder.key!r}")
    ladder.save()
    rows = [Step(ladder=ladder, **columns) for columns in steps]
    for row in rows:
        _check(row, f"Step {row.key!r} of the ladder {ladder.key!r}")
    Step.objects.bulk_create(rows)
    return ladder


def _check(row: Ladder | Step, what: str) -> None:
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as error:
        name, faults = next(iter(error.message_dict.items()))
        raise LadderError(f"{what}: {name}: {' '.join(faults)}") from error
