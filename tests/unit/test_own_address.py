"""A demonstration links to itself, and nothing that may leave does."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.embedded.address import Address
from config.embedded.home import Home
from config.management.commands.up import noted, with_own_address


def test_a_demonstration_links_to_its_own_machine() -> None:
    assert with_own_address({"A": "1"}, 8001) == {
        "A": "1",
        "PUBLIC_URL": "http://127.0.0.1:8001",
    }


@pytest.mark.parametrize("name", ["PUBLIC_URL", "EMAIL_URL", "TWILIO_ACCOUNT_SID"])
def test_an_address_that_is_set_or_a_channel_that_is_live_is_left_alone(
    name: str,
) -> None:
    given = {name: "https://bills.example.com"}
    assert with_own_address(given, 8000) == given


def test_a_command_beside_the_demonstration_writes_the_same_links(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)

    with noted(home, {"PUBLIC_URL": "http://127.0.0.1:8001"}):
        assert Address.read(tmp_path).public_url == "http://127.0.0.1:8001"

    assert Address.read(tmp_path).public_url == ""
