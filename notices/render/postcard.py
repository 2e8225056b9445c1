"""Lays a compiled text out as a postcard: A6, or 6 x 4 inches with US Letter.

Two pages: the side of the address and the side of the message. What may stand on it
was decided when its text was compiled (notices.render.privacy).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from weasyprint.document import Document

from notices.paper import CARDS, Card
from notices.render.address import recipient_lines
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.letter import MEDIA_TYPE
from notices.render.liquid_text import fill
from notices.render.press import directed, picture_of, press, require_inside
from notices.render.rendered import Rendered
from notices.render.texts import subject_of, text_of
from notices.render.values import Values

PAGES = 2


def render_postcard(
    compiled: CompiledTemplate, facts: Facts, values: Values
) -> Rendered:
    """Return the postcard of one notice as PDF.

    :raises RenderError: ``no_address``, ``address_too_long``, ``letterhead_too_long``,
        ``too_long``, ``glyph_missing``, ``letter_faulty``, ``bad_paper``,
        ``cannot_fill``.
    """
    number = facts.customer.number
    assert compiled.html is not None  # noqa: S101  (every card is compiled with it)
    card = CARDS.get(facts.brand.paper)
    if card is None:
        raise RenderError("bad_paper", f"There is no paper “{facts.brand.paper}”.")
    subject = subject_of(compiled, values, number)
    html = fill(
        compiled.html,
        {
            **values,
            "subject": subject,
            "recipient": recipient_lines(facts, compiled.language),
            "created": facts.now.astimezone(dt.UTC).isoformat(timespec="seconds"),
            "logo": picture_of(facts.brand.logo),
        },
        number,
    )
    whom = f"postcard to customer {number}"
    limits = (
        ("recipient", card.recipient.bottom, "address_too_long"),
        ("sender", card.sender.bottom, "letterhead_too_long"),
    )

    def check(document: Document) -> None:
        require_inside(document, limits, whom)
        if len(document.pages) > PAGES:
            raise RenderError(
                "too_long",
                f"The text of the {whom} does not fit one side. Shorten it.",
            )

    body, _ = press(
        directed(html),
        sheet="postcard.css",
        geometry=_geometry(card),
        whom=whom,
        check=check,
    )
    return Rendered(
        media_type=MEDIA_TYPE,
        body=body,
        subject=subject,
        text=text_of(compiled, values, number),
        pages=PAGES,
        sheets=1,
    )


@lru_cache(maxsize=4)
def _geometry(card: Card) -> str:
    sender, recipient = card.sender, card.recipient
    return "\n".join(
        (
            f"@page {{ size: {card.sheet.css}; margin: 8mm; }}",
            *(
                f".{name} {{ left: {box.left - 8:g}mm; top: {box.top - 8:g}mm; "
                f"width: {box.width:g}mm; }}"
                for name, box in (("sender", sender), ("recipient", recipient))
            ),
        )
    )
