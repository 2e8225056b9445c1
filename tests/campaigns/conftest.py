"""What tests of the staff pages share: a clock that stands still, and a log-in."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import NOW, make_user


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of pages and verbs at ``NOW``, the day all factories hang on."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


RIGHTS = [
    "campaigns.add_campaign",
    "campaigns.change_campaign",
    "customers.add_hold",
    "customers.change_hold",
    "customers.change_plan",
    "notices.change_notice",
    "notices.change_reply",
    "notices.make_calls",
    "notices.run_print",
    "notices.export_print",
]


@pytest.fixture
def staff(db: None, noon: None) -> Client:
    """Return a browser in which Sam is logged in, who may do all a page offers."""
    client = Client()
    client.force_login(make_user("sam", may=RIGHTS))
    return client


@pytest.fixture
def viewer(db: None, noon: None) -> Client:
    """Return a browser in which Vic is logged in, who may only look."""
    client = Client()
    client.force_login(make_user("vic"))
    return client
