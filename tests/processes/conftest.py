"""A house for each test of this folder: a database of its own, and real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.house import House, copied_house


@pytest.fixture
def house(
    migrated: str, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[House]:
    """Return a database of its own in which real processes can be started.

    Everything is stopped and dropped afterwards.
    """
    with copied_house(tmp_path, migrated) as house, django_db_blocker.unblock():
        yield house
