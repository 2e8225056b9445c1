"""The acceptance cases that stand beside the repository, every one of them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from consent.rules import Request, decide

CASES = Path(__file__).parents[3] / "shared" / "data" / "decision_cases.json"
BOOK: dict[str, Any] = json.loads(CASES.read_text()) if CASES.exists() else {}


def nested(defaults: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    given = copy.deepcopy(defaults)
    for path, value in overrides.items():
        *sections, key = path.split(".")
        section = given
        for name in sections:
            section = section[name]
        section[key] = value
    return given


def test_the_cases_are_there() -> None:
    if not BOOK:
        pytest.skip("The decision cases lie outside the repository and are not here.")

    assert BOOK["schema_version"] == 1
    assert len(BOOK["cases"]) >= 72


@pytest.mark.parametrize(
    "case", BOOK.get("cases", []), ids=lambda case: f"{case['id']} {case['title']}"
)
def test_a_case_is_decided_as_written(case: dict[str, Any]) -> None:
    given = nested(BOOK["defaults"], case["given"])

    found = decide(Request.from_dict(given)).as_dict()

    expected = dict(case["expect"])
    assert set(expected.pop("obligations", [])) <= set(found["obligations"])  # type: ignore[arg-type]
    assert {key: found[key] for key in expected} == expected
