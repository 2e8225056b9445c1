"""Lays a compiled text out as a postcard: A6, or 6 x 4 inches with US Letter.

Two pages: the side of the address and the side of the message. What may stand on it
was decided when its text was compiled (notices.render.privacy).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from notices.paper import CARDS, Card
from notices.render.address import recipient_of
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.letter import MEDIA_TYPE, LaidOut, small_address, whom
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
    with printing, listening() as faults:
        card = lay_out_card(compiled, facts, values)
        body = drawn(card.document, card.identifier)
    require_clean(faults, whom(facts))
    return Rendered(
        media_type=MEDIA_TYPE,
        body=body,
        subject=card.subject,
        text=card.text,
        pages=PAGES,
        sheets=1,
    )


def lay_out_card(compiled: CompiledTemplate, facts: Facts, values: Values) -> LaidOut:
    """Lay one card out; the caller holds ``printing`` and listens for faults.

    Signs that no font has are complained about only when the pages are drawn.

    :raises RenderError: as :func:`render_postcard`, but for missing signs.
    """
    number = facts.customer.number
    assert compiled.html is not None  # noqa: S101  (every card is compiled with it)
    card = CARDS.get(facts.brand.paper)
    if card is None:
        raise RenderError("bad_paper", f"There is no paper “{facts.brand.paper}”.")
    subject = subject_of(compiled, values, number)
    recipient = recipient_of(facts)
    html = fill(
        compiled.html,
        {
            **values,
            "subject": subject,
            "recipient": list(recipient.lines),
            "is_small": recipient.is_small,
            "created": facts.now.astimezone(dt.UTC).isoformat(timespec="seconds"),
            "logo": picture_of(facts.brand.logo),
        },
        number,
    )
    limits = (
        ("recipient", card.recipient.bottom, "address_too_long"),
        ("sender", card.sender.bottom, "letterhead_too_long"),
    )

    document, identifier = laid(
        directed(html), sheet="postcard.css", geometry=_geometry(card)
    )
    require_inside(document, limits, whom(facts))
    if len(document.pages) > PAGES:
        raise RenderError(
            "too_long",
            f"The text of the {whom(facts)} does not fit one side. Shorten it.",
        )
    return LaidOut(
        document=document,
        identifier=identifier,
        has_slip=False,
        subject=subject,
        text=text_of(compiled, values, number),
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
            small_address(card.address),
        )
    )
