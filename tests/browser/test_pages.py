"""Staff pages in a real Chromium: no fault on any page, at any width, in any light."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import Visitor, Windows
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
# The colours of buttons change softly: what is half way is not looked at.
COLOURS_ARE_THERE = "document.getAnimations().forEach((one) => one.finish())"


def _addresses(house: House) -> list[str]:
    """Return an address of every kind of page that has something on it."""
    campaign = house.ask("SELECT id FROM campaigns_campaign WHERE state = 'running'")
    draft = house.ask("SELECT id FROM campaigns_campaign WHERE state = 'draft'")
    longest = house.ask(
        "SELECT id FROM customers_customer ORDER BY length(name) DESC, id LIMIT 1"
    )
    return [
        "/",
        "/campaigns/",
        "/campaigns/new/",
        f"/campaigns/{campaign}/",
        f"/campaigns/{draft}/check/",
        "/customers/",
        "/customers/?q=zzz",
        "/consents/",
        "/consents/?state=withdrawn",
        "/consents/paperless/",
        "/consents/paperless/list/?side=paper",
        "/consents/paperless/confirm/",
        "/access-review/",
        f"/customers/{longest}/consents/",
        f"/customers/{longest}/",
        f"/customers/{longest}/erase/",
        "/access-log/",
        "/access-log/?show=changes",
        "/health/",
        "/health/stop/",
        "/health/release/",
        "/health/real/",
        "/held/",
        "/held/LATE/",
        "/messages/",
        f"/messages/{_message(house, 'delivered')}/",
        f"/messages/{_message(house, 'unknown')}/",
        f"/messages/{_message(house, 'scheduled')}/",
        "/rules/",
        "/rules/US-PA/",
        "/rules/US/change/?mark=hours%7C%7C",
        "/replies/",
        "/replies/?show=answered",
        f"/replies/{_reply(house, 'customer_id IS NOT NULL')}/",
        f"/replies/{_reply(house, 'customer_id IS NULL')}/",
        "/replies/reasons/",
        "/replies/?why=dispute",
        *(f"/replies/answers/{_answer(house, kind)}/" for kind in ("dispute", "parts")),
    ]


def _message(house: House, state: str) -> str:
    return str(
        house.ask(
            "SELECT reference FROM notices_notice WHERE state = %s ORDER BY id", state
        )
    )


def _reply(house: House, which: str) -> int:
    return int(house.ask(f"SELECT id FROM notices_reply WHERE {which} ORDER BY id"))


def _answer(house: House, kind: str) -> int:
    return int(
        house.ask("SELECT id FROM notices_answer WHERE kind = %s ORDER BY id", kind)
    )


@dataclass
class Looks:
    """What was found on one page, wide by day and narrow by night."""

    title: str
    headings: int
    too_wide: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def looks(
    windows: Windows,
    live_house: House,
    cookies: Callable[[str], list[Any]],
) -> dict[str, Looks]:
    """Visit every page once, and look at it from all sides."""
    with windows.lend() as visitor:
        visitor.context.add_cookies(cookies("ada"))
        found = _look_around(visitor, live_house)
        visitor.check_policy()
        assert visitor.faults == []
    return found


def _look_around(visitor: Visitor, live_house: House) -> dict[str, Looks]:
    found = {}
    for address in _addresses(live_house):
        page = visitor.open(address)
        here = found[address] = Looks(page.title(), page.locator("h1").count())
        for width, scheme in ((390, "light"), (1280, "light"), (320, "dark")):
            page.set_viewport_size({"width": width, "height": 700})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(COLOURS_ARE_THERE)
            if page.evaluate(WIDER_THAN_THE_WINDOW):
                here.too_wide.append(width)
            if width != 390:
                here.wrong += violations(page)
    return found


def test_every_page_loads_without_a_fault(looks: dict[str, Looks]) -> None:
    assert [address for address, one in looks.items() if one.headings != 1] == []
    # Messages and customers have a title each; none is the bare name of the product.
    titles = {one.title for one in looks.values()}
    assert len(titles) >= 9
    assert "Duly · Duly" not in titles


def test_no_page_scrolls_sideways(looks: dict[str, Looks]) -> None:
    assert {to: one.too_wide for to, one in looks.items() if one.too_wide} == {}


def test_every_page_can_be_used_by_everybody(looks: dict[str, Looks]) -> None:
    assert {to: one.wrong for to, one in looks.items() if one.wrong} == {}


def test_a_window_that_is_lent_again_is_as_new(windows: Windows) -> None:
    narrow = {"width": 320, "height": 640}
    with windows.lend(viewport=narrow, color_scheme="dark") as first:
        first.open("/login/")
        first.page.set_viewport_size({"width": 1280, "height": 700})
        first.page.emulate_media(media="print", color_scheme="light")
        first.faults.append("one that was looked at")
        assert first.context.cookies() != []

    with windows.lend(viewport=narrow, color_scheme="dark") as again:
        assert again is first
        assert again.page.url == "about:blank"
        assert again.page.evaluate("innerWidth") == 320
        for way in ("screen", "(prefers-color-scheme: dark)"):
            assert again.page.evaluate("(way) => matchMedia(way).matches", way)
        assert again.context.cookies() == []
        assert again.faults == []


def test_the_settings_load_without_a_fault(ada: Visitor) -> None:
    for address in [
        "/admin/",
        "/admin/consent/consentevent/",
        "/admin/campaigns/ladder/",
        "/admin/campaigns/ladder/add/",
        "/admin/customers/customer/add/",
    ]:
        ada.open(address)


def test_a_wrong_password_is_explained_and_the_focus_is_there(
    stranger: Visitor,
) -> None:
    page = stranger.open("/login/")
    page.fill("#id_username", "ada")
    page.fill("#id_password", "wrong")
    page.click("main button")

    expect(page.locator("main")).to_contain_text("do not belong together")
    expect(page.locator("#errors")).to_be_focused()


def test_logging_out_ends_it(stranger: Visitor) -> None:
    stranger.log_in()
    stranger.page.click("nav[aria-label=Main] button")
    stranger.page.wait_for_url("**/login/")

    page = stranger.open("/customers/")

    assert "/login/" in page.url


def test_pausing_and_resuming_from_a_phone_by_keyboard_only(phone: Visitor) -> None:
    page = phone.open("/")
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Skip to the content"

    _tab_to(phone, "Menu")
    page.keyboard.press("Enter")
    _tab_to(phone, "Campaigns")
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/")
    _tab_to(phone, "Late bills, autumn")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    _tab_to(phone, "Pause")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Paused by ada")
    _tab_to(phone, "Resume")
    page.keyboard.press("Enter")

    page.wait_for_selector("text=goes on where it stood")


def _tab_to(visitor: Visitor, words: str) -> None:
    """Press Tab until the element of these words has the focus."""
    for _ in range(80):
        visitor.page.keyboard.press("Tab")
        if visitor.page.inner_text(":focus").strip() == words:
            return
    raise AssertionError(f"Tab never came to {words!r}.")


def test_the_live_bar_moves_and_the_asking_stops(
    ada: Visitor, live_house: House
) -> None:
    campaign = live_house.ask(
        "SELECT id FROM campaigns_campaign WHERE state = 'running'"
    )
    page = ada.open(f"/campaigns/{campaign}/")
    before = page.inner_text("#progress-words")
    assert "going out now" in before

    with live_house.connect() as database:
        held = database.execute(
            "UPDATE notices_notice SET state = 'sent', sent_at = now(), "
            "claim_token = NULL, lease_until = NULL "
            "WHERE state IN ('claimed', 'handing_off') RETURNING id"
        ).fetchall()
    # By locator: waiting for a function would need the eval that the policy refuses.
    expect(page.locator("#progress-words")).not_to_contain_text("going out now")

    assert held
    assert "sent" in page.inner_text("#counts")
    assert page.locator("#progress-words").get_attribute("role") == "status"
    ada.requests.clear()
    page.wait_for_timeout(5000)
    assert ada.requests == []


def test_a_mail_keeps_its_styles_in_its_frame(ada: Visitor, live_house: House) -> None:
    page = ada.open(f"/messages/{_message(live_house, 'delivered')}/")
    frame = page.frame(url=re.compile("/mail/$"))
    assert frame is not None

    colour = frame.evaluate("getComputedStyle(document.querySelector('p')).color")

    assert colour == "rgb(1, 2, 3)"


def test_a_customer_is_found_from_anywhere_by_keyboard(ada: Visitor) -> None:
    page = ada.open("/campaigns/")
    page.keyboard.press("Control+k")
    page.wait_for_url("**/customers/")
    page.keyboard.press("Control+k")
    page.keyboard.type("王小明")
    page.keyboard.press("Enter")
    page.wait_for_url("**?q=*")

    expect(page.locator("tbody")).to_contain_text("王小明电力有限公司")
    expect(page.locator("tbody")).not_to_contain_text("Alice Late")


def test_a_faulty_form_leads_to_its_fields(ada: Visitor) -> None:
    page = ada.open("/campaigns/new/")
    page.fill("#id_currency", "XQX")
    page.click("main form button")

    expect(page.locator("#errors")).to_be_focused()
    page.click("a[href='#id_name']")
    expect(page.locator("#id_name")).to_be_focused()
    assert page.get_attribute("#id_name", "aria-invalid") == "true"


def test_the_work_can_be_done_without_script(
    without_script: Visitor, live_house: House
) -> None:
    page = without_script.page
    customer = live_house.ask("SELECT min(id) FROM customers_customer")
    page.goto(f"{without_script.base_url}/customers/{customer}/")
    page.click("text=Put reminders on hold")
    page.fill("#id_hold-note", "Without script.")
    page.click("button:has-text('Put on hold')")

    expect(page.locator("main")).to_contain_text("Reminders to Alice Late are on hold.")
    expect(page.locator("main")).to_contain_text("Without script.")
