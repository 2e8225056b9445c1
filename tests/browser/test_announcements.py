"""Announcements in a real Chromium: for strangers on a phone, and for staff."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.announcement_scene import LONG_HEADING
from tests.browser.conftest import Visitor, Windows
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
PAGES = [
    "/n/new-account/en",
    "/n/new-account/pl",
    "/n/new-account/zh",
    "/n/new-account/ar",
    "/n/long-heading",
]
# Set to a folder to look at the pages.
PICTURES = os.environ.get("PICTURES", "")


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture
def small(windows: Windows):  # type: ignore[no-untyped-def]
    """Return a stranger on the narrowest phone, in the dark."""
    narrow = {"width": 320, "height": 640}
    with windows.lend(viewport=narrow, color_scheme="dark") as visitor:
        yield visitor
        visitor.check_policy()
        assert visitor.context.cookies() == []
        assert visitor.faults == []


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_reads_it_at_every_width(stranger: Visitor, address: str) -> None:
    page = stranger.open(address)

    assert page.locator("h1").count() == 1
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert not page.evaluate(WIDER_THAN_THE_WINDOW), (address, width)
        _picture(page, f"{address.strip('/').replace('/', '-')}-{width}")
    assert stranger.page.context.cookies() == []


@pytest.mark.parametrize("address", PAGES)
def test_it_reads_in_the_dark_on_the_narrowest_phone(
    small: Visitor, address: str
) -> None:
    page = small.open(address)

    assert not page.evaluate(WIDER_THAN_THE_WINDOW)
    _picture(page, f"{address.strip('/').replace('/', '-')}-dark")
    sizes = page.evaluate(
        "[...document.querySelectorAll('nav a, li a')]"
        ".map((one) => one.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 43.9


def test_the_reader_changes_the_language_by_its_own_name(small: Visitor) -> None:
    page = small.open("/n/new-account")

    page.click("text=العربية")

    assert page.get_attribute("html", "dir") == "rtl"
    assert page.get_attribute("html", "lang") == "ar"
    page.click("text=polski")
    expect(page.locator("h1")).to_contain_text("źdźbło")


def test_on_paper_there_is_the_text_and_the_address_and_no_menu(
    stranger: Visitor,
) -> None:
    page = stranger.open("/n/new-account/en")
    page.emulate_media(media="print")

    assert not page.locator("nav").is_visible()
    assert page.locator("article").is_visible()
    if PICTURES:
        page.pdf(path=Path(PICTURES) / "print.pdf", format="A4")


def test_the_longest_heading_is_shown_whole(small: Visitor) -> None:
    page = small.open("/n/long-heading")

    assert page.inner_text("h1") == LONG_HEADING.strip()


def _pk(house: House, slug: str) -> object:
    return house.ask("SELECT id FROM notices_announcement WHERE slug = %s", slug)


def test_staff_pages_load_without_a_fault(ada: Visitor, live_house: House) -> None:
    pk = _pk(live_house, "new-account")
    for address in [
        "/announcements/",
        "/announcements/new/",
        f"/announcements/{pk}/",
        f"/announcements/{pk}/?language=ar",
        f"/announcements/{pk}/edit/",
        f"/announcements/{pk}/texts/en/",
        f"/announcements/{pk}/texts/de/",
        f"/announcements/{pk}/publish/",
        f"/announcements/{pk}/preview/ar/",
        f"/announcements/{_pk(live_house, 'long-heading')}/",
    ]:
        page = ada.open(address)
        assert page.locator("h1").count() == 1, address
        name = re.sub(r"\W+", "-", address.replace(str(pk), "x")).strip("-")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert not page.evaluate(WIDER_THAN_THE_WINDOW), (address, width)
            _picture(page, f"staff-{name}-{width}")


def test_a_short_text_is_copied_at_a_press(ada: Visitor, live_house: House) -> None:
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = ada.open(f"/announcements/{_pk(live_house, 'new-account')}/?language=pl")
    wanted = page.input_value("#social-280")

    page.click("button[data-copy=social-280]")

    expect(page.locator("#social-280-told")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == wanted
    assert len(wanted) <= 280


def test_news_go_up_and_come_down(ada: Visitor, stranger: Visitor) -> None:
    page = ada.open("/announcements/new/")
    page.select_option("#id_kind", "news")
    page.fill("#id_slug", "phones-down")
    page.select_option("#id_importance", "urgent")
    page.click("main form button")
    page.fill("#id_heading", "Our phones are down")
    page.fill("#id_body", "Please write to us.\n\nRing Anna: +44 7700 900123.")
    for number in (1, 2):
        page.fill(f"#id_answer-{number}", "Please write to us.")
    page.click("main form button")
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#errors")).to_contain_text("+44 7700 900123")
    _picture(page, "staff-refused")
    page.fill("#id_body", "Please write to us.")
    page.click("main form button")
    page.click("main a.button:has-text('Publish')")
    page.click("main button:has-text('Publish in 1 language')")
    expect(page.locator("main")).to_contain_text("It is on the site now.")

    there = page.request.get(f"{ada.base_url}/n/phones-down")
    assert there.status == 200
    page.click("summary:has-text('Take it down')")
    page.click("button:has-text('Take it down now')")
    expect(page.locator("main")).to_contain_text("It is taken down.")
    assert page.request.get(f"{ada.base_url}/n/phones-down").status == 404
