"""Fills a compiled text and lays it out as an A4 letter in PDF with WeasyPrint.

Fonts and the style sheet are set up once in a process. Nothing is fetched from network
or disk. What would be cut, overlap or print as an empty box is an error that names the
customer. The same facts give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from notices.render.address import DIN_5008_B, MM, recipient_lines
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.liquid_text import fill
from notices.render.rendered import Rendered
from notices.render.texts import subject_of, text_of
from notices.render.values import Values

MEDIA_TYPE = "application/pdf"
_ROUNDING = 0.5  # pixels

# Pango's font map is not safe to be used by two threads at once.
press = threading.Lock()


def render_letter(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return the letter of one notice as PDF.

    :raises RenderError: ``no_address``, ``address_too_long``, ``glyph_missing``,
        ``letter_faulty``, ``cannot_fill``.
    """
    with press, listening() as faults:
        laid = lay_out(compiled, facts, values)
        body: bytes = laid.document.write_pdf(pdf_identifier=laid.identifier)
    require_clean(faults, facts)
    return Rendered(
        media_type=MEDIA_TYPE, body=body, subject=laid.subject, text=laid.text
    )


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One letter as laid out pages, not yet drawn."""

    document: Document
    identifier: bytes
    subject: str
    text: str


def lay_out(compiled: CompiledTemplate, facts: Facts, values: Values) -> LaidOut:
    """Lay one letter out; the caller holds ``press`` and listens for faults.

    Signs that no font has are complained about only when the pages are drawn.

    :raises RenderError: ``no_address``, ``address_too_long``, ``cannot_fill``.
    """
    number = facts.customer.number
    assert compiled.html is not None  # noqa: S101  (every letter is compiled with it)
    subject = subject_of(compiled, values, number)
    page_values = {
        **values,
        "subject": subject,
        "recipient": recipient_lines(facts, compiled.language),
        "created": facts.now.astimezone(dt.UTC).isoformat(timespec="seconds"),
    }
    html = fill(compiled.html, page_values, number)
    document = _document(html)
    _require_fit(document, facts)
    return LaidOut(
        document=document,
        identifier=hashlib.sha256(html.encode()).digest()[:16],
        subject=subject,
        text=text_of(compiled, values, number),
    )


def _document(html: str) -> Document:
    fonts, style = _typography()
    return HTML(string=html, url_fetcher=_NothingFetched()).render(
        font_config=fonts, stylesheets=[style]
    )


@lru_cache(maxsize=1)
def _typography() -> tuple[FontConfiguration, CSS]:
    """Return the fonts and the style sheet of this process.

    One of each for ever: a font configuration per letter is memory never given back.
    """
    path = finders.find("letter.css")
    if not isinstance(path, str):
        raise RenderError("letter_faulty", "The style sheet letter.css is missing.")
    # It tells each step of each letter at the level of news.
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    fonts = FontConfiguration()
    source = Path(path).read_text(encoding="utf-8")
    return fonts, CSS(string=source, font_config=fonts, url_fetcher=_NothingFetched())


class _NothingFetched(URLFetcher):  # type: ignore[misc]
    """Refuses every address: a letter is made of what it is given."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        """Refuse.

        :raises FatalURLFetchingError: always.
        """
        raise FatalURLFetchingError(f"A letter fetches nothing, not even {url[:80]}.")


def _require_fit(document: Document, facts: Facts) -> None:
    """Refuse an address that the window would cut."""
    _, _, _, bottom = document.pages[0].anchors["recipient"]
    if bottom > (DIN_5008_B.top + DIN_5008_B.height) * MM + _ROUNDING:
        raise RenderError(
            "address_too_long",
            f"The name and address of customer {facts.customer.number} do not fit the "
            "envelope's window. Shorten the name or a line of the address.",
        )


class _Listener(logging.Handler):
    """Keeps what WeasyPrint complains about while one letter is made."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.faults: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.faults.append(record)


@contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """Hear what WeasyPrint complains about while letters are made."""
    logger = logging.getLogger("weasyprint")
    listener = _Listener()
    logger.addHandler(listener)
    try:
        yield listener.faults
    finally:
        logger.removeHandler(listener)


def require_clean(faults: list[logging.LogRecord], facts: Facts) -> None:
    """Return when WeasyPrint could set a letter as it was asked to.

    :raises RenderError: ``glyph_missing``, ``letter_faulty``.
    """
    if not faults:
        return
    number = facts.customer.number
    missing = sorted({sign for fault in faults for sign in _missing_sign(fault)})
    if missing:
        raise RenderError(
            "glyph_missing",
            f"No installed font has the signs {' '.join(missing)} in the letter to "
            f"customer {number}. Install a font that has them, or change the name.",
        )
    raise RenderError(
        "letter_faulty",
        f"The letter to customer {number} could not be set: {faults[0].getMessage()}",
    )


def _missing_sign(fault: logging.LogRecord) -> tuple[str, ...]:
    """Return the sign that no font had, if that is what the complaint is about."""
    if not str(fault.msg).startswith(".notdef") or not isinstance(fault.args, tuple):
        return ()
    return (str(fault.args[0]),)
