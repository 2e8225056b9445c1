"""Lays a compiled text out as a panel for bills: one for everybody, as PDF and PNG.

The PNG is for billing systems that take pictures only. No customer's data can be in it
(notices.render.privacy).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from weasyprint.document import Document

from customers.calendars import local_day
from notices.letter_pages import picture
from notices.paper import INSERT, MM
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import (
    BrandFacts,
    CustomerFacts,
    Facts,
    PostalDestination,
)
from notices.render.liquid_text import fill
from notices.render.press import directed, press
from notices.render.texts import subject_of, text_of
from notices.render.values import values_of

DOTS_PER_INCH = 300
_NOBODY = CustomerFacts(number="", name="")
_NOWHERE = PostalDestination("", "", "", "", "")
_GEOMETRY = f"@page {{ size: {INSERT.css}; margin: 0; }}"
_EDGE = 3.2  # millimetres of margin and border in insert.css
_WHOM = "bill insert"


@dataclass(frozen=True, slots=True)
class Insert:
    """A panel: ``pdf`` in print quality, ``png`` of the same at 300 dots an inch."""

    pdf: bytes
    png: bytes
    text: str


def render_insert(
    compiled: CompiledTemplate,
    brand: BrandFacts,
    *,
    now: dt.datetime,
    about: Mapping[str, Any] | None = None,
) -> Insert:
    """Return the panel of a text; ``about`` are the notice's own facts by field.

    :raises RenderError: ``wrong_channel``, ``too_long``, ``fact_missing``,
        ``glyph_missing``, ``letter_faulty``, ``cannot_fill``.
    """
    if compiled.channel != "insert" or compiled.html is None:
        raise RenderError(
            "wrong_channel", f"The text is one for {compiled.channel}, not an insert."
        )
    today = local_day(now, brand.time_zone)
    facts = Facts(
        reference="",
        channel=compiled.channel,
        planned_on=today,
        today=today,
        now=now,
        brand=brand,
        customer=_NOBODY,
        destination=_NOWHERE,
        invoices=(),
        total=Decimal(0),
        currency="",
        about=about or {},
    )
    values = values_of(facts, compiled.language, compiled.kind.subjects)
    subject = subject_of(compiled, values, "")
    created = now.astimezone(dt.UTC).isoformat(timespec="seconds")
    html = fill(compiled.html, {**values, "subject": subject, "created": created}, "")
    pdf, _ = press(
        directed(html),
        sheet="insert.css",
        geometry=_GEOMETRY,
        whom=_WHOM,
        check=_require_fit,
    )
    return Insert(
        pdf=pdf,
        png=picture(pdf, 1, DOTS_PER_INCH / 72) or b"",
        text=text_of(compiled, values, ""),
    )


def _require_fit(document: Document) -> None:
    _, _, _, bottom = document.pages[0].anchors["message"]
    if len(document.pages) > 1 or bottom > (INSERT.height - _EDGE) * MM:
        raise RenderError(
            "too_long",
            f"The text of the bill insert does not fit {INSERT.width:g} x "
            f"{INSERT.height:g} mm. Shorten it.",
        )
