"""Journey 8 in a real Chromium: eight answers on a narrow phone without scripts."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from consent.links import mint, shown
from tests.browser.answer_scene import LANGUAGES, reference
from tests.browser.conftest import Visitor, Windows
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
PICTURES = os.environ.get("PICTURES", "")
KINDS = (
    *("paid", "promise", "parts", "call", "details", "dispute", "hardship"),
    "not_me",
)


class Reader:
    """A customer with a phone of 320 pixels, whose browser runs no script."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page

    def open(self, language: str, journey: str, more: str = "") -> Page:
        token = mint(reference(language, journey)).token
        self.page.goto(f"{self.visitor.base_url}/r/{token}{more}")
        return self.page


def _reader(windows: Windows, *, scheme: str) -> Iterator[Reader]:
    with windows.lend(
        viewport={"width": 320, "height": 640},
        java_script_enabled=False,
        color_scheme=scheme,
    ) as visitor:
        yield Reader(visitor)
        assert visitor.context.cookies() == []
        assert visitor.faults == []


@pytest.fixture
def reader(windows: Windows) -> Iterator[Reader]:
    """Return a customer by day."""
    yield from _reader(windows, scheme="light")


@pytest.fixture
def night_reader(windows: Windows) -> Iterator[Reader]:
    """Return a customer by night."""
    yield from _reader(windows, scheme="dark")


def _fill(page: Page, kind: str) -> None:
    """Answer what one screen asks."""
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=6)
    if kind == "paid":
        page.locator("label.card").first.click()
        page.locator("#id_how label.card").first.click()
    elif kind == "promise":
        page.locator("#id_when label.card").last.click()
        for name, value in (("day", day.day), ("month", day.month), ("year", day.year)):
            page.fill(f"[name={name}]", str(value))
    elif kind == "parts":
        page.locator("#id_offer label.card").first.click()
    elif kind == "call":
        page.locator("#id_slot label.card").first.click()
    elif kind == "details":
        page.locator("#id_which label.card").first.click()
        page.click("main form button")
        page.fill("[name=email]", "ada@example.org")
        page.fill("[name=again]", "ada@example.org")
    elif kind == "dispute":
        page.locator("#id_reason label.card").first.click()
        page.fill("[name=text]", "It should be 100.")


@pytest.mark.parametrize("kind", KINDS)
def test_each_answer_comes_to_its_receipt(
    reader: Reader, live_house: House, kind: str
) -> None:
    journey = kind.replace("_", "")
    page = reader.open("en", journey)
    page.locator(f"label.card:has(input[value={kind}])").click()
    page.click("main form button")
    page.wait_for_url(re.compile(f"/{kind}$"))
    _fill(page, kind)
    page.click("main form button")
    page.wait_for_url(re.compile("/receipt/[0-9A-Z]{12}$"))
    number = page.locator(".code").inner_text()
    kept = "SELECT kind FROM notices_answer WHERE reference = %s"
    assert live_house.ask(kept, number) == kind
    page.reload()
    mine = (
        "SELECT count(*) FROM notices_answer AS answer JOIN notices_notice AS notice"
        " ON notice.id = answer.notice_id WHERE notice.reference = %s"
    )
    assert live_house.ask(mine, reference("en", journey)) == 1


def test_a_button_that_is_pressed_twice_makes_one_record(
    reader: Reader, live_house: House
) -> None:
    page = reader.open("en", "stop", "/hardship")
    body = page.locator("main form input[name=form]").get_attribute("value")
    page.click("main form button")
    page.wait_for_url(re.compile("/receipt/"))
    page.go_back()
    again = page.locator("main form input[name=form]").get_attribute("value")
    page.click("main form button")
    page.wait_for_url(re.compile("/receipt/"))
    expected = 1 if body == again else 2
    mine = (
        "SELECT count(*) FROM notices_answer AS answer JOIN notices_notice AS notice"
        " ON notice.id = answer.notice_id WHERE notice.reference = %s"
    )
    assert live_house.ask(mine, reference("en", "stop")) == expected


def test_paying_leaves_by_a_plain_link(reader: Reader) -> None:
    page = reader.open("en", "look")
    pay = page.locator("a.button[rel=noreferrer]")
    assert str(pay.get_attribute("href")).startswith("https://pay.example/")
    title = page.title()
    assert "Alice" not in title
    assert "240" not in title


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_is_wider_than_a_narrow_phone(
    windows: Windows, language: str, scheme: str
) -> None:
    narrow = {"width": 320, "height": 640}
    with windows.lend(viewport=narrow, color_scheme=scheme) as visitor:
        _fits(visitor, language, scheme)
        visitor.check_policy()
        assert visitor.context.cookies() == []
        assert visitor.faults == []


def _fits(visitor: Visitor, language: str, scheme: str) -> None:
    """Assert that no screen is too wide, and that a thumb finds all that is pressed."""
    token = mint(reference(language, "look")).token
    for more in ("", *(f"/{kind}" for kind in (*KINDS, "question", "details/email"))):
        page = visitor.open(f"/r/{token}{more}")
        assert not page.evaluate(WIDER_THAN_THE_WINDOW), more
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main .card, main .button')]"
            ".filter(one => one.getBoundingClientRect().height < 44).length"
        )
        assert small == 0, more
        if PICTURES:
            name = more.strip("/").replace("/", "-") or "first"
            path = f"{PICTURES}/{language}-{scheme}-{name}.png"
            page.screenshot(path=path, full_page=True)


def test_errors_are_summed_up_and_lead_to_their_fields(reader: Reader) -> None:
    page = reader.open("en", "look", "/paid")
    page.click("main form button")
    summary = page.locator(".errors")
    expect(summary).to_contain_text("Please put 2 things right")
    for link in summary.locator("a").all():
        target = str(link.get_attribute("href"))
        assert page.locator(target).count() == 1
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/en-errors.png", full_page=True)


def test_the_code_of_a_letter_opens_the_page(night_reader: Reader) -> None:
    page = night_reader.page
    page.goto(f"{night_reader.visitor.base_url}/code")
    page.fill("[name=code]", "00000-00000")
    page.click("main form button")
    expect(page.locator(".errors")).to_be_visible()
    page.fill("[name=code]", shown(mint(reference("en", "look")).code).lower())
    page.click("main form button")
    page.wait_for_url(re.compile("/r/[0-9a-z]{26}$"))
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/code.png", full_page=True)
