"""Fills a compiled text and lays it out as a letter: A4 or US Letter, for any window.

What would be cut, overlap or print as an empty box is an error that names the
customer. The same facts give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from weasyprint.document import Document

from notices.paper import AddressField, Stationery, stationery_for
from notices.render.address import recipient_of
from notices.render.assemble import assemble
from notices.render.blocks import words_of
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.liquid_text import fill
from notices.render.press import (
    directed,
    drawn,
    laid,
    listening,
    picture_of,
    printing,
    require_clean,
    require_inside,
)
from notices.render.qr import picture
from notices.render.rendered import Rendered
from notices.render.slip import slip_of
from notices.render.texts import subject_of, text_of
from notices.render.values import Values

MEDIA_TYPE = "application/pdf"
# As in https://bills.example.com/r/7qk2m9xw4btd: nothing before the page itself.
_PLAIN_SLASHES = 4
# Where the text stands on every page but the first, in millimetres from the edges.
TOP, RIGHT, BOTTOM, LEFT = 22.0, 20.0, 32.0, 25.0


def render_letter(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return the letter of one notice as PDF, its enclosures behind it.

    :raises RenderError: ``no_address``, ``address_too_long``, ``glyph_missing``,
        ``letterhead_too_long``, ``reference_too_long``, ``slip_too_long``,
        ``letter_faulty``, ``bad_iban``, ``bad_paper``, ``enclosure_faulty``,
        ``cannot_fill``.
    """
    with printing, listening() as faults:
        laid = lay_out(compiled, facts, values)
        body = drawn(laid.document, laid.identifier)
    require_clean(faults, whom(facts))
    whole = assemble(
        body,
        pages=len(laid.document.pages),
        has_slip=laid.has_slip,
        duplex=facts.brand.duplex,
        enclosures=facts.enclosures,
        number=facts.customer.number,
    )
    return Rendered(
        media_type=MEDIA_TYPE,
        body=whole.body,
        subject=laid.subject,
        text=laid.text,
        pages=whole.pages,
        sheets=whole.sheets,
        enclosed=whole.enclosed,
    )


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One letter as laid out pages, not yet drawn; ``has_slip``: the last is torn."""

    document: Document
    identifier: bytes
    has_slip: bool
    subject: str
    text: str


def lay_out(compiled: CompiledTemplate, facts: Facts, values: Values) -> LaidOut:
    """Lay one letter out; the caller holds ``printing`` and listens for faults.

    Signs that no font has are complained about only when the pages are drawn.

    :raises RenderError: as :func:`render_letter`, but for missing signs.
    """
    number = facts.customer.number
    assert compiled.html is not None  # noqa: S101  (every letter is compiled with it)
    subject = subject_of(compiled, values, number)
    page_values = letter_values(compiled, facts, values, subject)
    stationery = stationery_of(facts)
    document, identifier = laid(
        directed(fill(compiled.html, page_values, number)),
        sheet="letter.css",
        geometry=geometry(stationery, compiled.language),
    )
    require_inside(document, limits(stationery), whom(facts))
    return LaidOut(
        document=document,
        identifier=identifier,
        has_slip=bool(page_values["slip"]["kind"]),  # type: ignore[index]
        subject=subject,
        text=text_of(compiled, values, number),
    )


def whom(facts: Facts) -> str:
    """Return how an error names the letter, or the postcard."""
    return f"{facts.channel} to customer {facts.customer.number}"


@lru_cache(maxsize=8)
def limits(stationery: Stationery) -> tuple[tuple[str, float, str], ...]:
    """Return where what could grow has to end, in millimetres from the top."""
    height = stationery.sheet.height
    return (
        ("recipient", stationery.window.bottom, "address_too_long"),
        ("letterhead", stationery.letterhead.bottom, "letterhead_too_long"),
        ("reference", stationery.reference.bottom, "reference_too_long"),
        ("slip", height - BOTTOM, "slip_too_long"),
        # Above the sums of a QR-bill, 37 mm from its foot.
        ("receipt", height - 38, "slip_too_long"),
        ("payment", height - 15, "slip_too_long"),
    )


def letter_values(
    compiled: CompiledTemplate,
    facts: Facts,
    values: Values,
    subject: str,
    draw: Callable[[str], str] = picture,
) -> Values:
    """Return all that the letter's layout prints, the slip and the codes included.

    ``draw`` gives the address of the picture of a code.
    """
    recipient = recipient_of(facts)
    return {
        **values,
        "subject": subject,
        "recipient": list(recipient.lines),
        "is_small": recipient.is_small,
        "created": facts.now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "logo": picture_of(facts.brand.logo),
        "slip": slip_of(facts, values, compiled.kind, compiled.language, draw),
        "answer": _answer(facts, draw),
    }


def _answer(facts: Facts, draw: Callable[[str], str]) -> dict[str, str]:
    """Return the customer's own page as a code to scan, and what to type instead: a
    short address and the code that is asked for there."""
    url = facts.answer_url
    if not url:
        return {"url": ""}
    short = url.partition("://")[2] or url
    if facts.answer_code:
        short = f"{short.rsplit('/', 2)[0]}/code"
    return {
        "url": short,
        "code": draw(_in_capitals(url)),
        "word": facts.answer_code or facts.reference,
    }


def _in_capitals(url: str) -> str:
    """Return the address of a customer's page as a code says it: scanners that write
    all in capitals read the same. An address with a path before it stands as it is."""
    return url.upper() if url.count("/") == _PLAIN_SLASHES else url


def stationery_of(facts: Facts) -> Stationery:
    """Return the sheet and window of the firm.

    :raises RenderError: ``bad_paper``.
    """
    try:
        return stationery_for(facts.brand.paper, facts.brand.envelope)
    except ValueError as fault:
        raise RenderError(
            "bad_paper",
            f"The letter to customer {facts.customer.number} cannot be laid out. "
            f"{fault}",
        ) from fault


@lru_cache(maxsize=128)
def geometry(stationery: Stationery, language: str) -> str:
    """Return the CSS of a stationery: what stands where on the first page.

    Everything is placed from the upper left corner of the text area.
    """
    sheet, window = stationery.sheet, stationery.window
    head, reference = stationery.letterhead, stationery.reference
    first, *more = stationery.folds
    is_rtl = Locale.parse(language).text_direction == "rtl"
    start, end = ("right", "left") if is_rtl else ("left", "right")
    rules = [
        f"@page {{ size: {sheet.css}; margin: {TOP}mm {RIGHT}mm {BOTTOM}mm {LEFT}mm; "
        f"@top-{start} {{ content: string(runner); width: 75%; }} "
        # Above, where no slip is torn off.
        f"@top-{end} {{ content: {_page_of(language)}; width: 25%; }} }}",
        f"@page :first {{ @top-{start} {{ content: none; }} }}",
        f".letterhead {{ {_at(head.left, head.top)} width: {head.width}mm; }}",
        f".return {{ left: {window.left - LEFT:g}mm; width: {window.width}mm; "
        f"bottom: {sheet.height - BOTTOM - stationery.return_bottom:g}mm; }}",
        f".recipient {{ {_at(window.left, window.top)} width: {window.width}mm; "
        f"font-size: {stationery.size}pt; line-height: {stationery.line}mm; }}",
        small_address(stationery.address),
        f".reference {{ {_at(reference.left, reference.top)} "
        f"width: {reference.width}mm; }}",
        f".content {{ padding-top: {stationery.body_top - TOP:g}mm; }}",
        f".fold.first {{ top: {first - TOP:g}mm; }}",
        f".punch {{ top: {stationery.punch - TOP:g}mm; }}",
        *[f".fold.second {{ top: {fold - TOP:g}mm; }}" for fold in more],
        *([] if more else [".fold.second { display: none; }"]),
        f".tear {{ width: {sheet.width - LEFT - RIGHT:g}mm; }}",
    ]
    return "\n".join(rules)


def small_address(field: AddressField) -> str:
    """Return the CSS of an address that takes more lines than its field usually has."""
    return (
        f".recipient.small {{ font-size: {field.type_size(is_small=True)}pt; "
        f"line-height: {field.line_height(is_small=True)}mm; }}"
    )


def _at(left: float, top: float) -> str:
    return f"left: {left - LEFT:g}mm; top: {top - TOP:g}mm;"


def _page_of(language: str) -> str:
    """Return “Page x of y” in a language as CSS content."""
    words = words_of(language)["page_of"].replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + words.replace("{page}", '" counter(page) "').replace(
            "{pages}", '" counter(pages) "'
        )
        + '"'
    )
