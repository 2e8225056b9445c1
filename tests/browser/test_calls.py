"""Journey 7 in a real Chromium: two agents, a lock, a script, an outcome, the next."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor, Windows
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
A_CALL = re.compile(r"/calls/[0-9A-Z]{12}/$")


@pytest.fixture
def adam(windows: Windows) -> Iterator[Visitor]:
    """Return Adam, an agent at another desk."""
    with windows.lend(viewport={"width": 1280, "height": 720}) as visitor:
        visitor.log_in("adam")
        yield visitor
        visitor.check_policy()
        assert visitor.faults == []


def _give_back(visitor: Visitor) -> None:
    """Leave the desk as it was for the next test."""
    visitor.open("/calls/")
    if visitor.page.locator("text=You have a call in hand").count():
        visitor.page.click("p.card a")
        visitor.page.click("text=Give it back")


def test_two_agents_work_the_queue_from_promise_to_next(
    ada: Visitor, adam: Visitor, live_house: House
) -> None:
    # The broken promise comes first, and one agent has it.
    desk = ada.open("/calls/")
    expect(desk.locator("tbody tr").first).to_contain_text("Paula Promise")
    expect(desk.locator("tbody tr").first).to_contain_text("Promise missed")
    desk.click("text=Start next call")
    desk.wait_for_url(A_CALL)
    expect(desk.locator("h1")).to_contain_text("Paula Promise")
    expect(desk.locator(".script")).to_contain_text("Before you dial")
    assert desk.locator("a[href^='tel:']").count() == 1
    hers = desk.url

    # The other agent sees who has it, cannot take it, and gets another one.
    other = adam.open(hers.removeprefix(adam.base_url))
    expect(other.locator(".head")).to_contain_text("ada is calling")
    assert other.locator("a[href^='tel:']").count() == 0
    assert other.locator("text=Take this call").count() == 0
    adam.open("/calls/").click("text=Start next call")
    other.wait_for_url(A_CALL)
    assert other.url != hers

    # A promise is noted by keyboard alone, and the next call opens.
    summary = desk.locator("summary", has_text="Will pay on a day")
    summary.focus()
    desk.keyboard.press("Enter")
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3)
    desk.locator("#id_promised-promised_on").fill(day.isoformat())
    amount = desk.locator("#id_promised-amount").input_value()
    desk.locator("details[open] button", has_text="Save and take").focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url(lambda url: bool(A_CALL.search(url)) and url != hers)
    expect(desk.locator("main")).to_contain_text("Noted: Promised.")

    assert desk.url != other.url
    kept = "SELECT amount FROM notices_callrecord WHERE promised_on = %s"
    assert live_house.ask(kept, day) == float(amount)
    _give_back(ada)
    _give_back(adam)


def test_who_is_not_reached_can_be_taken_back_for_a_minute(ada: Visitor) -> None:
    page = ada.open("/calls/")
    page.click("text=Start next call")
    page.wait_for_url(A_CALL)
    page.click("button:has-text('No answer')")
    page.wait_for_url(re.compile("/calls/$"))
    expect(page.locator("main")).to_contain_text("try 2 of 3")

    page.click("text=Take it back")

    expect(page.locator("main")).to_contain_text("in your hands again")
    page.click("text=Give it back")
    expect(page.locator("main")).to_contain_text("back on the desk")


def test_a_promise_without_a_day_is_explained_and_the_focus_is_there(
    ada: Visitor,
) -> None:
    page = ada.open("/calls/")
    page.click("text=Start next call")
    page.wait_for_url(A_CALL)
    page.click("summary:has-text('Will pay on a day')")
    page.click("details[open] button:has-text('Save and take')")

    expect(page.locator("#errors")).to_contain_text("Say on which day.")
    expect(page.locator("#errors")).to_be_focused()
    assert page.locator("details[open] #id_promised-promised_on").count() == 1
    page.click("text=Give it back")


def test_the_desk_and_a_call_fit_every_width(ada: Visitor) -> None:
    page = ada.open("/calls/")
    page.click("text=Start next call")
    page.wait_for_url(A_CALL)
    for summary in page.locator("main details.choice summary").all():
        summary.click()
    for address in (page.url.removeprefix(ada.base_url), "/calls/"):
        ada.open(address)
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 720})
            assert not page.evaluate(WIDER_THAN_THE_WINDOW), (address, width)
    _give_back(ada)


def test_a_call_is_made_on_a_phone_without_scripts(without_script: Visitor) -> None:
    page = without_script.open("/calls/")
    page.set_viewport_size({"width": 320, "height": 640})
    # Not the first of the queue, which another test looks for.
    page.click("text=王小明电力有限公司 called")
    page.click("text=Take this call")
    expect(page.locator("main")).to_contain_text("What to say")
    page.click("text=Keep it longer")
    expect(page.locator("main")).to_contain_text("In your hands until")
    page.click("summary:has-text('Something is wrong with the bill')")
    page.fill("#id_dispute-note", "The meter was read wrongly.")
    page.click("details[open] button:has-text('Save')")

    expect(page.locator("main")).to_contain_text("Noted: Questioned by customer.")
