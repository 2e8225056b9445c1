"""What every test may ask for, and how Hypothesis behaves here.

Tests that need rows use ``django_db`` and are rolled back. Tests that need processes
live in tests/processes and tests/browser and get a house of their own (tests.house),
since the append-only history refuses to be emptied.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from consent.lawbook import forget

SHARED_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"

# The gate of CI gives the same answer for the same code; exploring is done elsewhere.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def pytest_collection_finish() -> None:
    """Keep the collector of garbage off the thousands of tests that stay anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _no_file_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the roots of tests out of the file the house itself copies its roots to."""
    path = tmp_path_factory.mktemp("ledger") / "roots.jsonl"
    with override_settings(LEDGER_FILE=str(path)):
        yield


@pytest.fixture(autouse=True)
def law_as_it_stands() -> None:
    """Forget the rules of law that another test wrote and rolled back."""
    forget()


@pytest.fixture
def without_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the rules of law out: what is left is the ladder's and the firm's own."""
    monkeypatch.setattr("consent.lawbook.packs_in_force", list)


@pytest.fixture
def paper_in_sandbox(settings: Any) -> None:
    """Send letters one by one through the sandbox instead of the print room."""
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of the shared data, or skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("The shared data (../shared/data) is not on this machine.")
    return SHARED_DATA
