"""Sets pages with WeasyPrint: fonts and styles once in a process, nothing fetched.

What WeasyPrint complains about is an error that names whom the page is for, never a
silent gap. The same page gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from notices.paper import MM
from notices.render.errors import RenderError

_ROUNDING = 0.5  # pixels
# Tagged, so that an electronic copy can be read aloud.
_VARIANT = "pdf/ua-1"

# Held by whoever lays out or draws: Pango's font map is not safe to be used by two
# threads at once.
printing = threading.Lock()


def press(
    html: str,
    *,
    sheet: str,
    geometry: str = "",
    whom: str,
    check: Callable[[Document], None] = lambda document: None,
) -> tuple[bytes, Document]:
    """Return a page as tagged PDF, and its layout.

    ``sheet`` is the name of a style sheet of ours, ``geometry`` more CSS that many
    pages share; ``check`` looks at the layout before it is drawn. ``whom`` names the
    reader in an error, such as “letter to customer C-1”.

    :raises RenderError: ``glyph_missing``, ``letter_faulty``, and what ``check`` does.
    """
    with printing, listening() as faults:
        document, identifier = laid(html, sheet=sheet, geometry=geometry)
        check(document)
        body = drawn(document, identifier)
    require_clean(faults, whom)
    return body, document


def laid(html: str, *, sheet: str, geometry: str = "") -> tuple[Document, bytes]:
    """Return a page laid out, and its identifier; the caller holds ``printing``."""
    identifier = hashlib.sha256(f"{sheet}{geometry}{html}".encode()).digest()[:16]
    styles = [style_sheet(sheet), *([shared_style(geometry)] if geometry else [])]
    document = HTML(string=html, url_fetcher=Fetcher()).render(
        font_config=fonts(), stylesheets=styles, pdf_variant=_VARIANT
    )
    return document, identifier


def drawn(document: Document, identifier: bytes) -> bytes:
    """Return a layout as tagged PDF; the caller holds ``printing``."""
    body: bytes = document.write_pdf(pdf_identifier=identifier, pdf_variant=_VARIANT)
    return body


def directed(html: str) -> str:
    """Return a page that is read from the right with each value turned its own way.

    WeasyPrint sets what stands in ``bdi`` like the text around it: a phone number would
    be printed with its groups the wrong way round. A page read from the left stays.
    """
    if 'dir="rtl"' not in html[:200]:
        return html
    return _VALUE.sub(lambda match: f'<bdi dir="{_way(match[1])}">{match[0][5:]}', html)


_VALUE = re.compile(r"<bdi>(.*?)</bdi>", re.DOTALL)


def _way(text: str) -> str:
    """Return the direction of the first sign that has one; from the left if none."""
    for sign in text:
        way = unicodedata.bidirectional(sign)
        if way in {"L", "R", "AL"}:
            return "ltr" if way == "L" else "rtl"
    return "ltr"


@lru_cache(maxsize=64)
def picture_of(png: bytes) -> str:
    """Return a PNG as the data: URL that a page may carry, empty for none."""
    if not png:
        return ""
    return _OURS[1] + base64.b64encode(png).decode()


@lru_cache(maxsize=1)
def fonts() -> FontConfiguration:
    """Return the fonts of this process.

    One for ever: a font configuration per letter is memory never given back.
    """
    # It tells each step of each letter at the level of news.
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    return FontConfiguration()


@lru_cache(maxsize=8)
def style_sheet(name: str) -> CSS:
    """Return one of our own style sheets.

    :raises RenderError: ``letter_faulty``.
    """
    path = finders.find(name)
    if not isinstance(path, str):
        raise RenderError("letter_faulty", f"The style sheet {name} is missing.")
    return _css(Path(path).read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def shared_style(source: str) -> CSS:
    """Return CSS of ours that many pages share."""
    return _css(source)


def _css(source: str) -> CSS:
    return CSS(string=source, font_config=fonts(), url_fetcher=Fetcher())


def require_inside(
    document: Document, limits: Sequence[tuple[str, float, str]], whom: str
) -> None:
    """Return when each named element ends where it should.

    ``limits`` hold an element's id, the millimetres from the top of its page where it
    has to end, and the code of the error. What is not printed fits.

    :raises RenderError: with the code of the first that does not.
    """
    for page in document.pages:
        for name, limit, code in limits:
            _, _, _, bottom = page.anchors.get(name, (0, 0, 0, 0))
            if bottom > limit * MM + _ROUNDING:
                raise RenderError(code, _TOO_LONG[code].format(whom=whom))


_TOO_LONG = {
    "address_too_long": "The name and address on the {whom} do not fit the envelope's "
    "window. Shorten the name or a line of the address.",
    "letterhead_too_long": "The firm's own name or address does not fit the head of "
    "the {whom}. Shorten it, or choose another envelope.",
    "reference_too_long": "The reference block of the {whom} does not fit beside the "
    "window. Shorten the customer number or the contact details of the firm.",
    "slip_too_long": "The payment slip of the {whom} does not hold all it should. "
    "Shorten the name, the reference or the address of the firm.",
    "too_long": "The text of the {whom} does not fit. Shorten it.",
}


class Fetcher(URLFetcher):  # type: ignore[misc]
    """Opens pictures that the page itself carries, and refuses every address."""

    def fetch(self, url: str, headers: object = None) -> Any:
        """Return what a data: URL of ours holds.

        :raises FatalURLFetchingError: it is any other address.
        """
        if url.startswith(_OURS):
            return super().fetch(url, headers)
        _refuse(url)


_NO_GLYPH = re.compile(r'\.notdef.*"(.+)" \(')
_PICTURE = re.compile(r"data:[^\s\"]+")
_OURS = ("data:image/svg+xml;base64,", "data:image/png;base64,")


def _refuse(url: str) -> NoReturn:
    raise FatalURLFetchingError(f"A letter fetches nothing, not even {url[:80]}.")


class _Listener(logging.Handler):
    """Keeps what WeasyPrint complains about while one letter is made."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.faults: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.faults.append(record)


@contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """Keep what WeasyPrint complains about, for :func:`require_clean`."""
    logger = logging.getLogger("weasyprint")
    listener = _Listener()
    logger.addHandler(listener)
    try:
        yield listener.faults
    finally:
        logger.removeHandler(listener)


def require_clean(faults: list[logging.LogRecord], whom: str) -> None:
    """Refuse a page that WeasyPrint could not set as it was asked to."""
    if not faults:
        return
    missing = sorted({sign for fault in faults for sign in _missing_sign(fault)})
    if missing:
        raise RenderError(
            "glyph_missing",
            f"No installed font has the signs {' '.join(missing)} in the {whom}. "
            "Install a font that has them, or change the name.",
        )
    what = _PICTURE.sub("data:…", faults[0].getMessage())
    raise RenderError("letter_faulty", f"The {whom} could not be set: {what}")


def _missing_sign(fault: logging.LogRecord) -> tuple[str, ...]:
    """Return the sign that no font had, if that is what the complaint is about."""
    found = _NO_GLYPH.match(fault.getMessage())
    return (found[1],) if found else ()
