"""Agreeing to e-mail in a real Chromium: journey 9, every state, scripts off and on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page

from consent.links import mint
from consent.sample_codes import shown_code
from tests.browser import consent_scene
from tests.browser.conftest import LiveHouse, Visitor, Windows
from tests.browser.consent_scene import PEOPLE
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
# Set to a folder to look at the pages.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def live_house(consent_house: LiveHouse) -> LiveHouse:
    """Return a house whose customers may agree."""
    return consent_house


@pytest.fixture(scope="module")
def doors(live_house: LiveHouse) -> dict[str, dict[str, Any]]:
    """Return the link and the customer of each language."""
    return consent_scene.doors(live_house.ask)


@pytest.fixture(params=["light", "dark"])
def small(windows: Windows, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Return a stranger on the narrowest phone, without scripts."""
    with windows.lend(
        viewport={"width": 320, "height": 640},
        color_scheme=request.param,
        java_script_enabled=False,
    ) as visitor:
        visitor.shade = request.param  # type: ignore[attr-defined]
        yield visitor
        assert visitor.context.cookies() == []
        assert visitor.faults == []


def asked(house: House, statement: str, *values: object) -> Any:
    """Return the first column of the first row of a question to the house."""
    with psycopg.connect(house.database_url) as database:
        row = database.execute(statement, values).fetchone()
    return row[0] if row else None


def fingerprint(house: House) -> str:
    """Return what all that looking must not change hashes to."""
    with psycopg.connect(house.database_url) as database:
        tables = [
            name
            for (name,) in database.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                "ORDER BY tablename"
            )
        ]
        return "".join(
            str(
                database.execute(
                    f"SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) "
                    f'FROM "{name}" AS t'
                ).fetchone()
            )
            for name in tables
        )


def look(page: Page, name: str) -> None:
    """Hold a page against the narrow window, and keep its picture."""
    page.wait_for_load_state()
    page.locator("h1").wait_for()
    assert page.locator("h1").count() == 1, name
    assert page.locator("button, .button").count() or "closed" in name
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", list(PEOPLE))
def test_all_five_states_on_the_narrowest_phone_without_scripts(
    small: Visitor, live_house: House, doors: dict[str, Any], language: str
) -> None:
    door = doors[language]
    shade = small.shade  # type: ignore[attr-defined]
    path, customer = f"/c/{door['token']}", door["customer"]

    def picture(name: str) -> None:
        look(small.page, f"{language}-{shade}-{name}")

    page = small.page
    page.goto(f"{small.base_url}{path}")
    picture("1-offer")
    page.click("button[value=sample]")
    picture("1-offer-errors")
    for box in page.locator("input[name=categories]").all()[:2]:
        box.check()
    page.check("input[name=where][value=known]")
    page.click("button[value=sample]")
    picture("2-sent")
    reference = asked(
        live_house,
        "SELECT notice_reference FROM consent_demonstration "
        "WHERE customer_id = %s AND outcome = ''",
        customer,
    )
    grant = f"/c/{mint(reference).token}"
    page.goto(f"{small.base_url}{grant}")
    page.fill("#id_code", "AAA AAA")
    page.fill("#id_fact", "LS1 1AA")
    page.click("button[value=prove]")
    picture("2-prove-wrong")
    page.fill("#id_code", shown_code(reference))
    page.fill("#id_fact", "LS1 1AA")
    page.click("button[value=prove]")
    picture("3-receipt")
    page.goto(f"{small.base_url}{path}")
    picture("4-standing")
    page.goto(f"{small.base_url}{path}?step=withdraw")
    picture("5-withdraw")
    page.click("button[value=withdraw]")
    picture("5-withdrawn")
    page.goto(f"{small.base_url}{path}")
    picture("1-offer-again")
    page.click("button[value=paper]")
    picture("3-paper")
    state = asked(
        live_house,
        "SELECT state FROM consent_consentstate "
        "WHERE customer_id = %s AND subject = 'e_delivery'",
        customer,
    )
    assert state in {"refused", "withdrawn"}


def test_a_scanner_that_runs_scripts_and_presses_nothing_changes_nothing(
    stranger: Visitor, live_house: House, doors: dict[str, Any]
) -> None:
    path = f"/c/{doors['en']['token']}"
    before = fingerprint(live_house)
    for times in range(3):
        for more in ("", "?step=withdraw", "?step=address", "?lang=ar"):
            page = stranger.open(f"{path}{more}")
            links = [
                link.get_attribute("href") for link in page.locator("main a").all()
            ]
            for address in links:
                if address and address.startswith(("/", "?")):
                    page.request.get(f"{stranger.base_url}{path}{address}")
                    page.request.head(f"{stranger.base_url}{path}{address}")
            # Once each, till nothing more comes: half a second.
            page.wait_for_load_state("load" if times else "networkidle")
    assert fingerprint(live_house) == before
    assert stranger.page.context.cookies() == []


@pytest.mark.parametrize("language", list(PEOPLE))
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_state_scrolls_sideways(
    stranger: Visitor, doors: dict[str, Any], language: str, width: int
) -> None:
    stranger.page.set_viewport_size({"width": width, "height": 700})
    for more in ("", "?step=withdraw", "?step=address"):
        page = stranger.open(f"/c/{doors[language]['token']}{more}")
        assert not page.evaluate(WIDER_THAN_THE_WINDOW), (more, width)
        if PICTURES and width == 1280:
            name = f"{language}-wide{more.partition('=')[2]}"
            page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [320, 1280])
def test_staff_read_the_words_aloud_and_note_what_was_said(
    ada: Visitor, doors: dict[str, Any], width: int
) -> None:
    ada.page.set_viewport_size({"width": width, "height": 700})
    page = ada.open(f"/customers/{doors['ar']['customer']}/consent/")
    assert page.locator("section[lang=ar][dir=rtl]").count() == 1
    assert not page.evaluate(WIDER_THAN_THE_WINDOW)
    page.click("main form.narrow button")
    page.locator("text=Read the words aloud first").first.wait_for()
    look(page, f"staff-{width}")
