"""Every row of the requirements that the notices own is linked to its tests."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
LINKS: dict[str, dict[str, Any]] = tomllib.loads(
    (HERE / "requirements.toml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def names() -> frozenset[str]:
    """Return the name of every test there is."""
    return frozenset(
        name
        for path in HERE.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("row", sorted(LINKS, key=int))
def test_a_row_names_tests_that_exist_or_says_what_is_open(
    row: str, names: frozenset[str]
) -> None:
    link = LINKS[row]

    assert set(link["tests"]) <= names
    assert link["tests"] or link.get("open")


def test_no_row_is_left_out(shared_data: Path) -> None:
    table = (shared_data.parent / "reference" / "requirements.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| (notices|consent) \|$", table, re.MULTILINE)

    assert {row for row, room in rows if room == "notices"} <= set(LINKS)
