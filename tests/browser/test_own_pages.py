"""Every page of a customer can be used by everybody: WCAG 2.2 AA, on any phone."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest

from tests.browser import consent_scene
from tests.browser.axe import violations
from tests.browser.conftest import LiveHouse, Windows

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
ANSWERS = ("paid", "promise", "parts", "call", "details", "dispute", "hardship")
PARTS = ("messages", "wishes", "email", "mobile", "details", "data")


@pytest.fixture(scope="module")
def live_house(consent_house: LiveHouse) -> LiveHouse:
    """Return a house whose customers may agree."""
    return consent_house


@pytest.fixture(scope="module")
def doors(live_house: LiveHouse) -> dict[str, dict[str, Any]]:
    """Return the link and the customer of each language."""
    return consent_scene.doors(live_house.ask)


def _pages(door: dict[str, Any]) -> list[str]:
    token = door["token"]
    return [
        f"/r/{token}",
        *(f"/r/{token}/{one}" for one in ANSWERS),
        f"/r/{token}/not_me",
        f"/r/{token}/copy/{door['bill']}",
        f"/o/{door['copy']}",
        f"/c/{token}",
        f"/p/{token}",
        *(f"/p/{token}/{part}" for part in PARTS),
        "/r/nothing",
        "/code",
    ]


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [
        ("en", "light", 1280),
        ("pl", "dark", 320),
        ("zh", "light", 320),
        ("ar", "dark", 390),
    ],
)
def test_a_customers_page_can_be_used_by_everybody(
    windows: Windows,
    doors: dict[str, dict[str, Any]],
    language: str,
    scheme: str,
    width: int,
) -> None:
    wrong: dict[str, str] = {}
    with windows.lend(
        viewport={"width": width, "height": 700}, color_scheme=scheme
    ) as visitor:
        for path in _pages(doors[language]):
            page = visitor.open(path)
            wrong |= dict.fromkeys(violations(page), path)
            if page.evaluate(WIDER_THAN_THE_WINDOW):
                wrong["scrolls sideways"] = path
        visitor.check_policy()

        assert wrong == {}
        assert visitor.context.cookies() == []
        # Only the page of the link that opens nothing: a 404 is noted as a failed load.
        assert len(visitor.faults) == 1 and "404" in visitor.faults[0]


@pytest.mark.parametrize("with_script", [True, False])
def test_the_right_answer_fetches_the_file_and_a_wrong_one_says_so(
    windows: Windows,
    doors: dict[str, dict[str, Any]],
    with_script: bool,
) -> None:
    with windows.lend(
        viewport={"width": 320, "height": 700}, java_script_enabled=with_script
    ) as visitor:
        page = visitor.page
        page.goto(f"{visitor.base_url}/o/{doors['en']['copy']}")

        page.get_by_label("The postcode of your address").fill("LS9 9ZZ")
        page.get_by_role("button", name="Get the file").click()
        summary = page.get_by_role("alert")
        assert "not what we have" in summary.inner_text()
        page.get_by_label("The postcode of your address").fill("ls1 1aa")
        with page.expect_download() as found:
            page.get_by_role("button", name="Get the file").click()

        assert found.value.suggested_filename == "my-data.zip"
        assert zipfile.is_zipfile(found.value.path())
        assert visitor.context.cookies() == []
