"""What every test may ask for: the shared data, and houses of real processes.

Tests that need rows use ``django_db`` and are rolled back. Tests that need processes
get a database of their own, copied from the migrated test database, since the
append-only history refuses to be emptied.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.house import House

SHARED_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"

hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of the shared data, or skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("The shared data (../shared/data) is not on this machine.")
    return SHARED_DATA


@pytest.fixture
def house(django_db_setup: None, tmp_path: Path) -> Iterator[House]:
    """Return a database of its own in which real processes can be started.

    Everything is stopped and dropped afterwards.
    """
    database = settings.DATABASES["default"]
    name = f"house_{secrets.token_hex(6)}"
    with psycopg.connect(
        dbname="postgres",
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
        autocommit=True,
        **database["OPTIONS"],
    ) as server:
        source = _test_database_name()
        _disconnect(server, source)
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        house = House(database_name=name, folder=tmp_path)
        try:
            yield house
        finally:
            house.stop()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _test_database_name() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def _disconnect(server: psycopg.Connection[object], database: str) -> None:
    """Close every connection to a database: a template must have none."""
    from django.db import connections

    connections.close_all()
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        [database],
    )
