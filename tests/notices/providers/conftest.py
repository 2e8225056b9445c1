"""One fake of all providers per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.http_providers import FakeProviders, running


@pytest.fixture
def fake() -> Iterator[FakeProviders]:
    """Return the providers' interfaces on this machine."""
    with running() as providers:
        yield providers
