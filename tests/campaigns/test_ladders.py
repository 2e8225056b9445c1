"""Ladders come from files into the database, and never change under a campaign."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns import ladder_file
from campaigns.ladder import Ladder as Spec
from campaigns.ladder import Step as Rung
from campaigns.ladders import (
    SHIPPED,
    LadderError,
    default_template_key,
    install_shipped,
    save_ladder,
    save_ladder_file,
)
from campaigns.models import Ladder
from notices.kinds import FORMS_OF
from notices.models import TemplateVersion
from notices.starter import install_starters
from tests.factories import make_campaign

pytestmark = pytest.mark.django_db

HOUSEHOLD = SHIPPED / "household.json"


def rung(key: str, day: int, kind: str, *channels: str) -> Rung:
    """Return a step of the pure rules."""
    return Rung(
        key=key,
        offset_days=day,
        kind=kind,  # type: ignore[arg-type]
        channels=channels or ("letter",),  # type: ignore[arg-type]
    )


def household() -> Spec:
    """Return the shipped household ladder."""
    return ladder_file.load(HOUSEHOLD)


def test_a_ladder_is_saved_with_its_steps_in_order() -> None:
    ladder = save_ladder(spec=household())

    steps = list(ladder.steps.order_by("position"))
    assert [step.position for step in steps] == [0, 1, 2, 3, 4, 5]
    assert [step.offset_days for step in steps] == [-5, 4, 11, 18, 25, 35]
    assert steps[1].channels == ["sms", "email", "letter"]
    assert [step.template_key for step in steps] == [
        *("upcoming", "friendly", "reminder", "call", "formal", "final")
    ]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([rung("a", -1, "formal")], ["upcoming"]),
        ([rung("a", 5, "formal", "call")], ["call"]),
        ([rung("a", 5, "soft", "call", "sms")], ["friendly"]),
        ([rung("a", 5, "formal")], ["reminder"]),
        ([rung("a", 5, "formal"), rung("b", 40, "formal")], ["reminder", "formal"]),
        (
            [rung("a", 5, "formal"), rung("b", 9, "formal"), rung("c", 27, "formal")],
            ["reminder", "formal", "formal"],
        ),
        (
            [rung("a", 5, "formal"), rung("b", 9, "formal"), rung("c", 28, "formal")],
            ["reminder", "formal", "final"],
        ),
    ],
)
def test_a_step_speaks_the_wording_that_fits_its_place(
    steps: list[Rung], expected: list[str]
) -> None:
    found = [default_template_key(steps, place) for place in range(len(steps))]

    assert found == expected


def test_a_file_may_name_the_wording_of_a_step(tmp_path: Path) -> None:
    written = json.loads(HOUSEHOLD.read_text(encoding="utf-8"))
    written["steps"][2]["template"] = "our-own-words"
    path = tmp_path / "ladder.json"
    path.write_text(json.dumps(written), encoding="utf-8")

    ladder = save_ladder_file(path)

    keys = list(
        ladder.steps.order_by("position").values_list("template_key", flat=True)
    )
    assert keys[2] == "our-own-words"
    assert keys[3] == "call"


def test_the_same_ladder_again_changes_nothing() -> None:
    first = save_ladder(spec=household())
    before = list(first.steps.values())

    again = save_ladder(spec=household())

    assert again.pk == first.pk
    assert list(again.steps.values()) == before


def test_a_ladder_in_use_is_not_changed() -> None:
    ladder = save_ladder(spec=household())
    make_campaign(ladder=ladder)
    before = list(ladder.steps.values())

    with pytest.raises(LadderError, match="Save the changed one under a new key"):
        save_ladder(spec=replace(household(), steps=household().steps[:3]))

    assert list(ladder.steps.values()) == before


def test_a_ladder_in_use_may_be_saved_again_as_it_is() -> None:
    ladder = save_ladder(spec=household())
    make_campaign(ladder=ladder)

    assert save_ladder(spec=household()) == ladder


def test_a_ladder_nobody_uses_takes_its_new_steps() -> None:
    save_ladder(spec=household())

    changed = save_ladder(
        spec=replace(household(), min_gap_days=9, steps=household().steps[:3])
    )

    assert Ladder.objects.get().min_gap_days == 9
    assert changed.steps.count() == 3


def test_a_key_that_does_not_fit_is_refused_with_its_place() -> None:
    with pytest.raises(LadderError, match="The ladder 'not a slug': key"):
        save_ladder(spec=replace(household(), key="not a slug"))

    assert not Ladder.objects.exists()


def test_every_step_that_ships_has_a_wording_for_each_channel() -> None:
    install_starters(["en"])

    published = set(TemplateVersion.objects.values_list("key", "channel"))

    for ladder in install_shipped():
        for step in ladder.steps.all():
            for channel in step.channels:
                forms = {(step.template_key, form) for form in FORMS_OF[channel]}
                assert forms & published, step


def test_shipped_ladders_leave_a_firms_own_ladder_alone() -> None:
    own = save_ladder(spec=replace(household(), steps=household().steps[:2]))
    make_campaign(ladder=own)

    install_shipped()

    assert own.steps.count() == 2
    assert Ladder.objects.filter(key="freight-b2b").exists()


def test_the_command_says_what_it_saved() -> None:
    out = StringIO()

    call_command("load_ladder", str(HOUSEHOLD), stdout=out)

    assert "5 days before the due date: upcoming, by email or sms" in out.getvalue()


def test_the_command_without_a_file_saves_what_ships() -> None:
    out = StringIO()

    call_command("load_ladder", "--json", stdout=out)

    keys = [one["key"] for one in json.loads(out.getvalue())["ladders"]]
    assert keys == ["freight-b2b", "household-utility", "small-business"]


def test_the_command_refuses_a_bad_file_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ladder.json"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(CommandError, match="key of the ladder is missing"):
        call_command("load_ladder", str(path))
