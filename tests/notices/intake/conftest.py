"""A house with every provider's secrets, and Amazon's certificate at hand."""

from __future__ import annotations

from typing import Any

import pytest

from notices.intake import sns
from tests.notices.intake import calling


@pytest.fixture(autouse=True)
def all_providers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set all secrets; nobody asks the network for a certificate, or rings."""
    calling.configure(settings)
    monkeypatch.setattr(sns, "fetch_certificate", lambda address: calling.amazon()[1])
    monkeypatch.setattr(
        "notices.intake.calls.current_app.send_task", lambda *_, **__: 0
    )
