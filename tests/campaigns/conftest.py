"""What tests of the staff pages share: a clock that stands still, and a log-in."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import NOW, make_user


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the pages at ``NOW``, the day all factories hang on."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def staff(db: None, noon: None) -> Client:
    """Return a browser in which the clerk Sam is logged in."""
    client = Client()
    client.force_login(make_user("sam"))
    return client
