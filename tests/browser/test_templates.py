"""An author at work in a real Chromium: write, look, compare, and be read outside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Frame, Page, expect
from pytest_django.plugin import DjangoDbBlocker

from tests.browser import texts
from tests.browser.conftest import LiveHouse, Visitor, Windows
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > innerWidth"
TEXTS = "/admin/notices/templateversion/"


@pytest.fixture(scope="module")
def token(live_house: LiveHouse, django_db_blocker: DjangoDbBlocker) -> str:
    """Write the texts, and return the secret of a reader's link."""
    with django_db_blocker.unblock():
        return live_house.write(texts.build)


def _text(house: House, key: str, version: int = 1, language: str = "en") -> int:
    found = house.ask(
        "SELECT id FROM notices_templateversion WHERE key = %s AND version = %s "
        "AND language = %s",
        key, version, language,
    )  # fmt: skip
    assert isinstance(found, int)
    return found


def _frame(page: Page) -> Frame:
    """Return the preview, once what was asked for has come."""
    handle = page.locator("iframe[name=preview]").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def test_every_page_of_texts_loads_without_a_fault(
    ada: Visitor, live_house: House, token: str
) -> None:
    second = _text(live_house, "own-reminder", 2)
    first = _text(live_house, "own-reminder")
    for address in [
        TEXTS,
        f"{TEXTS}?q=nothing",
        f"{TEXTS}add/",
        f"{TEXTS}{second}/change/",
        f"{TEXTS}{first}/change/",
        f"{TEXTS}{second}/compare/{first}/",
        f"{TEXTS}{first}/languages/",
        f"{TEXTS}{_text(live_house, 'own-sms')}/change/",
        f"{TEXTS}{_text(live_house, 'x' * 60)}/change/",
    ]:
        page = ada.open(address)
        assert page.locator("h1").count() >= 1
        assert page.title() != "run"
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert not page.evaluate(WIDER_THAN_THE_WINDOW), (address, width)


def test_what_is_written_is_seen_at_once_and_a_fault_is_told_on_saving(
    ada: Visitor, live_house: House, token: str
) -> None:
    page = ada.open(f"{TEXTS}{_text(live_house, 'own-reminder', 2)}/change/")
    body = page.locator("#id_body")
    written = body.input_value()
    body.fill(f"Good morning to you.\n\n{written}")
    expect(page.frame_locator("iframe[name=preview]").locator("body")).to_contain_text(
        "Good morning to you."
    )

    body.fill(f"Hello.\n\n{{{{ totl }}}}\n\n{written}")
    expect(
        page.frame_locator("iframe[name=preview]").locator("[role=alert]")
    ).to_contain_text("Line 3")
    page.click("input[name=_save]")

    expect(page.locator(".errorlist").first).to_contain_text("Line 3")
    page.locator("#id_body").fill(f"Hello again.\n\n{written}")
    page.click("input[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("changed")
    saved = live_house.ask(
        "SELECT body FROM notices_templateversion WHERE id = %s",
        _text(live_house, "own-reminder", 2),
    )
    assert saved.startswith("Hello again.")


def test_a_mail_keeps_its_styles_and_runs_no_script(
    ada: Visitor, live_house: House, token: str
) -> None:
    text = _text(live_house, "own-reminder", 2)
    page = ada.open(f"{TEXTS}{text}/change/")
    expect(
        page.frame_locator("iframe[name=preview]").locator("table.page")
    ).to_have_count(1)
    frame = _frame(page)

    light = frame.evaluate("getComputedStyle(document.querySelector('td.body')).color")
    card = "getComputedStyle(document.querySelector('.card')).backgroundColor"
    assert light == "rgb(21, 33, 43)"
    assert frame.evaluate(card) == "rgb(255, 255, 255)"
    assert "allow-scripts" not in (
        page.get_attribute("iframe[name=preview]", "sandbox") or ""
    )

    page.check("input[value=mail-dark]")
    expect(page.frame_locator("iframe[name=preview]").locator("td.body")).to_have_css(
        "color", "rgb(232, 238, 242)"
    )
    page.check("input[value=mail-narrow]")
    width = page.locator("iframe[name=preview]").evaluate("frame => frame.clientWidth")
    assert width == 320
    page.check("input[value=mail-text]")
    expect(page.frame_locator("iframe[name=preview]").locator("pre")).to_contain_text(
        "still waiting for"
    )


def test_a_script_in_the_frame_of_a_mail_does_not_run(
    ada: Visitor, live_house: House, token: str
) -> None:
    page = ada.open(f"{TEXTS}{_text(live_house, 'own-reminder', 2)}/change/")
    expect(
        page.frame_locator("iframe[name=preview]").locator("table.page")
    ).to_have_count(1)

    ran = _frame(page).evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.documentElement.dataset.ran = 'yes'";
          document.body.append(script);
          return document.documentElement.dataset.ran || "no";
        }"""
    )

    assert ran == "no"
    # The policy is meant to speak up here, and the sandbox too.
    ada.faults = [fault for fault in ada.faults if "script" not in fault.lower()]
    _frame(page).evaluate("window.refused = []")


def test_a_text_message_shows_its_parts_and_a_letter_its_pages(
    ada: Visitor, live_house: House, token: str
) -> None:
    page = ada.open(f"{TEXTS}{_text(live_house, 'own-sms')}/change/")
    shown = page.frame_locator("iframe[name=preview]")
    expect(shown.locator(".phone")).to_contain_text("Łódź")
    expect(shown.locator("dl")).to_contain_text("What forces Unicode")
    expect(shown.locator("body")).to_contain_text("becomes")

    page = ada.open(f"{TEXTS}{_text(live_house, 'own-reminder')}/change/")
    page.check("input[value=letter]")
    sheet = page.frame_locator("iframe[name=preview]").locator("figure.sheet img").first
    expect(sheet).to_be_visible()
    assert sheet.evaluate("image => image.naturalWidth") > 800
    box = page.frame_locator("iframe[name=preview]").locator("svg rect").bounding_box()
    assert box is not None
    assert box["width"] > 50


def test_two_languages_stand_side_by_side(
    ada: Visitor, live_house: House, token: str
) -> None:
    page = ada.open(f"{TEXTS}{_text(live_house, 'own-reminder')}/change/")
    page.click("text=Side by side")
    columns = page.locator("article.module")

    expect(columns).to_have_count(2)
    boxes = [columns.nth(place).bounding_box() for place in range(2)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]


def test_two_versions_are_compared_with_signs_lines_and_colours(
    ada: Visitor, live_house: House, token: str
) -> None:
    page = ada.open(f"{TEXTS}{_text(live_house, 'own-reminder', 2)}/change/")
    page.click("text=Compare with this")
    page.wait_for_url(re.compile("/compare/"))

    expect(page.locator("del").first).to_contain_text("−")
    expect(page.locator("ins").first).to_contain_text("+")
    expect(page.locator("ins").first).to_have_css("text-decoration-line", "underline")
    expect(page.locator("del").first).to_have_css(
        "text-decoration-line", "line-through"
    )
    expect(page.locator(".compare")).to_contain_text("<script>")


def test_a_reader_asks_without_script_on_the_narrowest_phone(
    windows: Windows, live_house: House, token: str
) -> None:
    narrow = {"width": 320, "height": 640}
    with windows.lend(java_script_enabled=False, viewport=narrow) as visitor:
        _ask(visitor, token)
        assert visitor.context.cookies() == []
    kept = live_house.ask(
        "SELECT count(*) FROM notices_reviewquestion WHERE question LIKE 'By which%%'"
    )
    assert kept == 1


def _ask(visitor: Visitor, token: str) -> None:
    """Ask a question about a text, and see that it has arrived."""
    page = visitor.page
    page.goto(f"{visitor.base_url}/read/{token}")
    wide = page.locator("html").bounding_box()
    assert wide
    assert wide["width"] == 320
    page.locator("summary").nth(2).click()
    page.locator("textarea").nth(2).fill("By which day?")
    page.click("text=Send questions")

    expect(page.locator("main")).to_contain_text("your questions have arrived")
    expect(page.locator("main")).to_contain_text("By which day?")


def test_the_author_answers_and_the_reader_sees_it(
    ada: Visitor, live_house: House, token: str
) -> None:
    text = _text(live_house, "own-reminder", 2)
    with live_house.connect() as database:
        database.execute(
            "INSERT INTO notices_reviewquestion (link_id, paragraph, quote, question, "
            "form_id, asked_at, resolved_by, answer) SELECT id, 1, 'Title', "
            "'Is it late?', gen_random_uuid(), now(), '', '' FROM notices_reviewlink"
        )
    page = ada.open(f"{TEXTS}{text}/change/")
    question = page.locator("article.question", has_text="Is it late?")
    question.locator("input[name=answer]").fill("Yes, by two weeks.")
    question.locator("button").click()
    expect(page.locator(".messagelist")).to_contain_text("Answered")

    page = ada.open(f"/read/{token}")

    expect(page.locator("main")).to_contain_text("Yes, by two weeks.")
    assert not page.evaluate(WIDER_THAN_THE_WINDOW)
