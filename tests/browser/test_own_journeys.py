"""Journeys 10 and 11 in a real Chromium, 320 pixels wide and without scripts.

10: a link that is wrong, has run out or was revoked says nothing about anybody. 11: an
Arabic and a Polish customer read their page, and a wish of theirs alters the next step.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from customers.calendars import local_day
from tests.browser.conftest import Windows
from tests.browser.own_scene import NAMES
from tests.house import House, copied_house

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]

DOORS = ("r", "c", "p")
LANGUAGES = ("ar", "pl")
PUBLIC = {"PUBLIC_URL": "https://bills.example.com"}
# Set to a folder to look at the pages.
PICTURES = os.environ.get("PICTURES", "")
# How far the ends of a text lie from the left, as it is drawn.
ENDS = """
(node) => [...node.querySelectorAll(":scope bdi, :scope [dir=auto]")].map((one) => {
  const range = document.createRange();
  const text = one.firstChild;
  const at = (place) => {
    range.setStart(text, place);
    range.setEnd(text, place + 1);
    return range.getBoundingClientRect().left;
  };
  return [text.data, at(0), at(text.data.trimEnd().length - 1)];
})
"""


@pytest.fixture(scope="module")
def live_house(
    chromium: Path, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Return a house whose customers were reminded today."""
    folder = tmp_path_factory.mktemp("house")
    with copied_house(folder, migrated) as house:
        doors = str(folder / "doors.json")
        built = house.start(
            sys.executable, "-m", "tests.browser.own_scene", doors, **PUBLIC
        )
        assert built.wait(120) == 0, house.logs()
        yield house


@pytest.fixture(scope="module")
def doors(live_house: House) -> dict[str, dict[str, str]]:
    """Return who holds which link."""
    found: dict[str, dict[str, str]] = json.loads(
        (live_house.folder / "doors.json").read_text(encoding="utf-8")
    )
    return found


NARROW = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False}


@pytest.fixture
def reader(windows: Windows) -> Iterator[Page]:
    """Return a narrow phone whose browser runs no script and is given no cookie."""
    with windows.lend(**NARROW) as visitor:
        visitor.page.goto(f"{visitor.base_url}/code")
        yield visitor.page
        assert visitor.context.cookies() == []


def _look(page: Page, name: str) -> None:
    page.wait_for_load_state()
    assert page.locator("h1").count() == 1
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


# Journey 10 --------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("language", ["en-GB", "ar"])
def test_wrong_expired_and_revoked_links_show_one_page(
    windows: Windows,
    doors: dict[str, dict[str, str]],
    door: str,
    language: str,
) -> None:
    with windows.lend(**NARROW, locale=language) as visitor:
        _refused_alike(visitor.page, visitor.base_url, doors, door)
        assert visitor.context.cookies() == []
        _look(visitor.page, f"refused-{door}-{language}")


def _refused_alike(
    page: Page, base_url: str, doors: dict[str, dict[str, str]], door: str
) -> None:
    """Assert that one page is shown for all that does not open, naming nobody."""
    good = doors["en-read"]["token"]
    tokens = {
        "wrong": "0" * 26,
        "cut off": good[:-1],
        "expired": doors["en-old"]["token"],
        "revoked": doors["en-revoked"]["token"],
        "another's": doors["ar-revoked"]["token"],
    }
    told = {}
    for why, token in tokens.items():
        answer = page.goto(f"{base_url}/{door}/{token}")
        assert answer is not None
        headers = answer.all_headers()
        headers.pop("date")
        told[why] = (answer.status, answer.body(), headers)
    assert told["wrong"][0] == 404
    for why in tokens:
        assert told[why] == told["wrong"], why

    shown = page.content()
    for person in doors.values():
        assert not [fact for fact in person.values() if fact in shown]
    assert not [name for name in NAMES.values() if name in shown]
    assert "set-cookie" not in told["wrong"][2]


@pytest.mark.parametrize("door", DOORS)
def test_no_title_preview_or_address_tells_whose_page_it_is(
    reader: Page, base_url: str, doors: dict[str, dict[str, str]], door: str
) -> None:
    for language, name in NAMES.items():
        person = doors[f"{language}-read"]
        reader.goto(f"{base_url}/{door}/{person['token']}")
        facts = (name, *name.split(), person["number"], person["email"], "1,240", "INV")
        # What a chat shows of a link that is pasted into it.
        preview = [
            reader.url,
            reader.title(),
            *(
                str(meta.get_attribute("content"))
                for meta in reader.locator("head meta").all()
            ),
        ]
        told = [fact for fact in facts for one in preview if fact in one]
        assert told == []
        assert reader.locator("meta[property^='og:'], meta[name^=twitter]").count() == 0


def test_who_leaves_to_pay_is_not_followed_by_the_link(
    reader: Page, base_url: str, doors: dict[str, dict[str, str]]
) -> None:
    asked: list[dict[str, str]] = []

    def note(route: Route) -> None:
        asked.append(route.request.all_headers())
        route.fulfill(body="<h1>Pay here</h1>", content_type="text/html")

    reader.route("https://pay.example/**", note)
    reader.goto(f"{base_url}/r/{doors['en-read']['token']}")
    reader.click("a.button[rel=noreferrer]")
    reader.wait_for_url("https://pay.example/**")

    assert len(asked) == 1
    assert "referer" not in asked[0]
    assert "cookie" not in asked[0]


# Journey 11 --------------------------------------------------------------------

READS = {
    "ar": ("rtl", "فاتورتاك", "يُرجى السداد"),
    "pl": ("ltr", "3 rachunki do zapłaty", "Prosimy zapłacić do"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_read_in_its_own_direction_plurals_and_dates(
    reader: Page, base_url: str, doors: dict[str, dict[str, str]], language: str
) -> None:
    way, heading, pay_by = READS[language]
    reader.goto(f"{base_url}/r/{doors[f'{language}-read']['token']}")
    _look(reader, f"read-{language}")

    assert reader.locator("html").get_attribute("dir") == way
    assert heading in reader.locator("h1").inner_text()
    assert pay_by in reader.locator(".facts").first.inner_text()
    margin = reader.locator("h1").evaluate("one => getComputedStyle(one).direction")
    assert margin == way
    # Names, numbers and days are read their own way, whatever stands around them.
    pieces = reader.locator("main").evaluate(ENDS)
    invoices = [one for one in pieces if one[0].startswith("INV-")]
    purposes = [one for one in pieces if one[0].endswith((" 2026.", "3."))]
    assert invoices and purposes
    assert all(first < last for _, first, last in invoices)
    # The Arabic reader's purpose is in Latin letters, the Polish reader's in Arabic.
    assert all((first < last) == (language == "ar") for _, first, last in purposes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_promised_day_is_written_as_the_reader_writes_it(
    reader: Page, base_url: str, doors: dict[str, dict[str, str]], language: str
) -> None:
    from babel.dates import get_month_names

    token = doors[f"{language}-read"]["token"]
    reader.goto(f"{base_url}/r/{token}/promise")
    days = reader.locator("#id_when label.card").all_inner_texts()
    months = {
        name
        for width in ("wide", "abbreviated")
        for name in get_month_names(width, locale=language).values()
    }

    assert len(days) >= 3
    # The last offers another day than those that are ready.
    assert all(any(name in day for name in months) for day in days[:3])
    assert reader.locator("input[type=date]").count() == 0
    _look(reader, f"promise-{language}")


def test_a_wish_told_on_a_phone_alters_the_next_steps_channel(
    windows: Windows,
    live_house: House,
    doors: dict[str, dict[str, str]],
) -> None:
    said = {"ar": "تم حفظ اختياراتك", "pl": "Ustawienia są zapisane"}
    newest = (
        "SELECT array_agg(notice.channel::text ORDER BY notice.id)"
        " FROM notices_notice AS notice JOIN customers_customer AS customer"
        " ON customer.id = notice.customer_id WHERE customer.number = %s"
    )
    for language in LANGUAGES:
        with windows.lend(**NARROW) as visitor:
            page = visitor.page
            page.goto(f"{visitor.base_url}/p/{doors[f'{language}-wish']['token']}")
            page.click("a[href*=wishes]")
            page.select_option("[name=first]", "sms")
            _look(page, f"wish-{language}")
            page.click("main form button")
            _look(page, f"wish-kept-{language}")
            assert said[language] in page.locator("main").inner_text()
            assert visitor.context.cookies() == []
            assert visitor.faults == []

    today = local_day(dt.datetime.now(dt.UTC), "UTC")
    later = (today + dt.timedelta(days=7)).isoformat()
    live_house.manage("tick", "--as-of", later, **PUBLIC)

    for language in LANGUAGES:
        changed = doors[f"{language}-wish"]["number"]
        left = doors[f"{language}-read"]["number"]
        assert live_house.ask(newest, changed) == ["email", "sms"]
        assert live_house.ask(newest, left) == ["email", "email"]
