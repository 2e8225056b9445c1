"""A real gunicorn over a real database, and a real Chromium that reports every fault.

On every page that is visited the violations of the content policy, the errors of the
console and of scripts, and requests to other hosts are collected; the fixture fails
the test when there was any. The browser lives as long as one module, since the
driver's event loop would keep Django from its database elsewhere. The web server lives
as long as the run: each module gets a new worker of it, over a new copy of its scene.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.browser import consent_scene, scene
from tests.factories import PASSWORD
from tests.house import House, copied_house

# The same engine twice: the shell, where it is there, comes without what only a window
# on a screen needs, and takes a quarter less of the processor.
CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Runs before any script of the page; the answer is read when the page is left.
WATCH_POLICY = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the browser, or skip; an error where it must be there."""
    found = next((one for one in CHROMIUMS if one.exists()), None)
    if found is not None:
        return found
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER is set, and there is no Chromium in /usr/bin.")
    pytest.skip("There is no Chromium in /usr/bin: the pages were not driven.")


@pytest.fixture
def db() -> None:
    """Open no transaction: it would use Django's connection beside an event loop."""


class LiveHouse(House):
    """A house whose web server stays while its database is put in order again."""

    web: subprocess.Popen[bytes] | None = None
    address = ""

    def renew(self, pattern: str) -> None:
        """Start from a scene: the database is a new copy, and nothing remembers."""
        for worker in self.children(self.web) if self.web else []:
            os.kill(worker, signal.SIGKILL)
        databases.copy(pattern, self.database)
        with redis.Redis.from_url(self.redis_url) as bell:
            bell.flushdb()
        if self.web is None:
            self.web, self.address = serve(self)
        self.wait_until(lambda: _answers(f"{self.address}/login/"))


def serve(house: House) -> tuple[subprocess.Popen[bytes], str]:
    """Start the web server of a house; return it and its address, before it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    web = house.start(
        sys.executable, "-m", "gunicorn", "config.wsgi", "--preload",
        "--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket",
    )  # fmt: skip
    return web, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def web_house(
    chromium: Path, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveHouse]:
    """Return the house of this process, in which nothing is yet."""
    folder = tmp_path_factory.mktemp("house")
    with copied_house(folder, migrated, LiveHouse) as house:
        yield house


@pytest.fixture(scope="session")
def scene_pattern(migrated: str, django_db_blocker: DjangoDbBlocker) -> str:
    """Return the name of a database that has the scene in it."""
    with django_db_blocker.unblock():
        return databases.made_once("test_pattern_scene", migrated, scene.build)


@pytest.fixture(scope="module")
def live_house(web_house: LiveHouse, scene_pattern: str) -> LiveHouse:
    """Return a house with the scene in it, whose web server answers."""
    web_house.renew(scene_pattern)
    return web_house


@pytest.fixture(scope="session")
def consent_pattern(migrated: str, django_db_blocker: DjangoDbBlocker) -> str:
    """Return the name of a database with customers before the consent page."""
    with django_db_blocker.unblock():
        return databases.made_once(
            "test_pattern_consent", migrated, consent_scene.build
        )


@pytest.fixture(scope="module")
def consent_house(web_house: LiveHouse, consent_pattern: str) -> LiveHouse:
    """Return a house with one customer a language, each with a link in hand."""
    web_house.renew(consent_pattern)
    return web_house


@pytest.fixture(scope="module")
def base_url(live_house: House) -> str:
    """Return the address of the web server; a module's own house is given one."""
    if isinstance(live_house, LiveHouse):
        return live_house.address
    _, address = serve(live_house)
    live_house.wait_until(lambda: _answers(f"{address}/login/"))
    return address


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


@pytest.fixture(scope="module")
def browser(chromium: Path, live_house: House) -> Iterator[Browser]:
    """Return one Chromium for all tests of a module."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=SWITCHES)
        yield browser
        browser.close()


class Visitor:
    """A browser window, and the faults of every page it was on."""

    def __init__(
        self, context: BrowserContext, base_url: str, scheme: Any = "light"
    ) -> None:
        self.base_url = base_url
        self.scheme = scheme
        self.context = context
        self.faults: list[str] = []
        self.requests: list[str] = []
        context.add_init_script(WATCH_POLICY)
        context.set_default_timeout(15_000)
        self.page = context.new_page()
        self.size = self.page.viewport_size
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", lambda request: self._note_request(request.url))

    def _note_console(self, message: object) -> None:
        text = getattr(message, "text", "")
        # A faulty form is answered with 422, which Chromium notes as a failed load.
        if getattr(message, "type", "") in {"error", "warning"} and "422" not in text:
            where = getattr(message, "location", {}).get("url", "")
            self.faults.append(f"console: {text} {where}".rstrip())

    def _note_request(self, address: str) -> None:
        self.requests.append(address)
        if not address.startswith((self.base_url, "data:", "about:", "blob:")):
            self.faults.append(f"request to elsewhere: {address}")

    def open(self, path: str) -> Page:
        """Go to a path of the house and wait until all is loaded, frames too."""
        self.check_policy()
        self.page.goto(f"{self.base_url}{path}")
        return self.page

    def check_policy(self) -> None:
        """Note what the page that is about to be left was refused."""
        for frame in self.page.frames:
            frame.wait_for_load_state()
            self.faults += frame.evaluate("window.refused || []")

    def come_fresh(self) -> None:
        """Be as a window that was just opened: nowhere, nobody, and of its first size.

        Pages of ours keep nothing in a browser but cookies.
        """
        self.page.unroute_all()
        self.page.goto("about:blank")
        for other in self.context.pages:
            if other != self.page:
                other.close()
        self.context.clear_cookies()
        self.context.clear_permissions()
        if self.size and self.page.viewport_size != self.size:
            self.page.set_viewport_size(self.size)
        self.page.emulate_media(media="null", color_scheme=self.scheme)
        self.faults, self.requests = [], []

    def log_in(self, name: str = "ada") -> None:
        """Log in as a person does."""
        self.open("/login/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(f"{self.base_url}/")


class Windows:
    """Windows of one browser, lent from test to test: a new one takes half a second."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._free: defaultdict[str, list[Visitor]] = defaultdict(list)

    @contextmanager
    def lend(self, **settings: Any) -> Iterator[Visitor]:
        """Yield a stranger in a window of these settings, who was nowhere yet.

        What was asserted within has held, or nobody gets that window again.
        """
        free = self._free[repr(sorted(settings.items()))]
        visitor = free.pop() if free else self._open(settings)
        yield visitor
        visitor.come_fresh()
        free.append(visitor)

    def _open(self, settings: dict[str, Any]) -> Visitor:
        context = self._browser.new_context(**settings)
        return Visitor(context, self._base_url, settings.get("color_scheme", "light"))


@pytest.fixture(scope="module")
def windows(browser: Browser, base_url: str) -> Windows:
    """Return the windows that the tests of a module share."""
    return Windows(browser, base_url)


@pytest.fixture(scope="module")
def cookies(windows: Windows) -> Callable[[str], list[Any]]:
    """Return the way to the cookies of somebody who logged in, as a person does."""

    @cache
    def of(name: str) -> list[Any]:
        with windows.lend() as visitor:
            visitor.log_in(name)
            found: list[Any] = visitor.context.cookies()
            return found

    return of


@pytest.fixture
def stranger(windows: Windows) -> Iterator[Visitor]:
    """Return a visitor who is not logged in, and fail on any fault of a page."""
    with windows.lend() as visitor:
        yield visitor
        visitor.check_policy()
        assert visitor.faults == []


@pytest.fixture
def ada(stranger: Visitor, cookies: Callable[[str], list[Any]]) -> Visitor:
    """Return Ada, who is logged in and on no page yet."""
    stranger.context.add_cookies(cookies("ada"))
    return stranger


@pytest.fixture
def phone(windows: Windows, cookies: Callable[[str], list[Any]]) -> Iterator[Visitor]:
    """Return Ada on the narrowest phone, in the dark, on no page yet."""
    narrow = {"width": 320, "height": 640}
    with windows.lend(viewport=narrow, color_scheme="dark") as visitor:
        visitor.context.add_cookies(cookies("ada"))
        yield visitor
        visitor.check_policy()
        assert visitor.faults == []


@pytest.fixture
def without_script(windows: Windows) -> Iterator[Visitor]:
    """Return Ada with scripts switched off."""
    with windows.lend(java_script_enabled=False) as visitor:
        visitor.page.goto(f"{visitor.base_url}/login/")
        visitor.page.fill("#id_username", "ada")
        visitor.page.fill("#id_password", PASSWORD)
        visitor.page.click("main button")
        yield visitor
