"""The print room in a real Chromium: made, posted, cancelled, and what came back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"


def _addresses(house: House) -> list[str]:
    ids = {
        state: house.ask(
            "SELECT id FROM notices_printrun WHERE state = %s ORDER BY id", state
        )
        for state in ("open", "closed", "posted")
    }
    return [
        "/printing/",
        "/printing/returned/",
        # Another test may have posted the closed run before.
        *(f"/printing/{pk}/" for pk in ids.values() if pk),
        *(
            f"/printing/{pk}/{page}/"
            for page in ("posted", "cancel")
            if (pk := ids["closed"])
        ),
    ]


def test_every_page_loads_without_a_fault_and_fits_every_width(
    ada: Visitor, live_house: House
) -> None:
    for address in _addresses(live_house):
        page = ada.open(address)
        assert page.locator("h1").count() == 1
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 700})
            assert not page.evaluate(WIDER_THAN_THE_WINDOW), (address, width)


def test_a_run_is_made_and_cancelled_from_a_phone(phone: Visitor) -> None:
    page = phone.open("/printing/")
    page.click("text=Make a print run of 1 letter")
    page.wait_for_url(re.compile(r"/printing/\d+/$"))
    expect(page.locator("main")).to_contain_text("Print 1 letter to files")

    page.click("text=Cancel this run")
    expect(page.locator("h1")).to_contain_text("Cancel print run")
    page.click("button:has-text('Cancel the run')")

    expect(page.locator("main")).to_contain_text("Its letters are in line again.")


def test_a_run_is_marked_as_posted_without_scripts(
    without_script: Visitor, live_house: House
) -> None:
    closed = live_house.ask("SELECT id FROM notices_printrun WHERE state = 'closed'")
    page = without_script.open(f"/printing/{closed}/")
    page.click("text=Mark as posted")
    page.click("button:has-text('as posted')")

    expect(page.locator("main")).to_contain_text("is marked as posted")


def test_a_wrong_code_is_explained_and_the_focus_is_there(ada: Visitor) -> None:
    page = ada.open("/printing/returned/")
    page.fill("#id_code", "not a code")
    page.click("main button")

    expect(page.locator("main")).to_contain_text("is no reference")
    expect(page.locator("#errors")).to_be_focused()
