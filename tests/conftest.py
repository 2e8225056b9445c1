"""What every test may ask for, and how Hypothesis behaves here.

Tests that need rows use ``django_db`` and are rolled back. Tests that need processes
live in tests/processes and tests/browser and get a house of their own (tests.house),
since the append-only history refuses to be emptied.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware

from consent import lawbook
from notices import copies
from tests import databases

# Dozens of processes are started: where the surroundings forbid Python to keep what it
# compiled, it is kept beside the services of the tests, not compiled in each of them.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(settings.DULY_HOME / "pycache"))

SHARED_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"

# The gate of CI gives the same answer for the same code; exploring is done elsewhere.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Let the modules that take longest begin first, so that no worker ends early.

    Only their own order is fixed: their tests, and all other modules, stay shuffled.
    """
    if config.getoption("dist", "no") != "no" or "PYTEST_XDIST_WORKER" in os.environ:
        order = {f"tests/{name}.py": at for at, name in enumerate(LONGEST)}
        items.sort(key=lambda one: order.get(one.nodeid.split("::")[0], len(order)))


def pytest_collection_finish() -> None:
    """Keep the collector of garbage off the thousands of tests that stay anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


# What takes ten seconds or more alone, longest first.
LONGEST = (
    # The second needs no database: it does not wait for the first to migrate one.
    *("campaigns/test_demo", "test_embedded", "browser/test_pages"),
    *("browser/test_consent", "processes/test_crash", "browser/test_own_pages"),
    *("processes/test_watchdog", "test_supervisor", "processes/test_compose"),
    *("notices/test_print_run", "browser/test_answers", "browser/test_templates"),
    *("processes/test_stop_everything", "browser/test_own_journeys"),
    *("browser/test_announcements", "browser/test_calls", "test_looking"),
    *("notices/test_replay", "test_live_is_replay", "processes/test_rotation"),
    *("notices/test_life_of_a_notice", "browser/test_print_room"),
    *("notices/test_smtp_delivery", "notices/test_library", "pages/test_consenting"),
    *("processes/test_call_desk", "campaigns/test_tick", "notices/test_lint_versions"),
    *("campaigns/test_pages_printing", "notices/test_letter_address"),
    *("pages/test_answers", "unit/test_program", "unit/test_replay"),
)


def pytest_sessionfinish() -> None:
    """Leave no pattern of a database behind; workers of the run have ended by now."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        with suppress(psycopg.OperationalError):
            databases.drop_patterns()


@pytest.fixture(scope="session")
def migrated(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> str:
    """Return the name of a migrated database that is there to be copied."""
    with django_db_blocker.unblock():
        return databases.made_once(
            databases.MIGRATED, "", lambda: call_command("migrate", verbosity=0)
        )


@pytest.fixture(scope="session")
def django_db_setup(
    migrated: str,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Give this process a database of its own, in the place of pytest-django's way."""
    connection = connections["default"]
    name = str(connection.creation._get_test_db_name())
    databases.copy(migrated, name)
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
    databases.drop(name)


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Spare each new test client the walk through all folders of static files."""
    found: dict[str, Any] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_file_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the roots of tests out of the file the house itself copies its roots to."""
    path = tmp_path_factory.mktemp("ledger") / "roots.jsonl"
    with override_settings(LEDGER_FILE=str(path)):
        yield


@pytest.fixture(autouse=True)
def rows_as_they_stand() -> None:
    """Forget the rows that another test wrote, and that were rolled back since.

    On a commit a process remembers the rules of law and the dictionaries of copies; a
    test that runs what waits for the commit has it remember what is never committed.
    """
    lawbook.forget()
    copies.forget()


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
