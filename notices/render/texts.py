"""Fills subjects and plain texts, and makes text messages and call scripts of them."""

from __future__ import annotations

from notices.formats import direction
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts, PhoneDestination
from notices.render.liquid_text import fill
from notices.render.marks import MARKS, marked
from notices.render.printable import clean
from notices.render.rendered import Rendered
from notices.render.values import Values
from notices.sms import MOST_SEGMENTS, downgrade, measure

MEDIA_TYPE = "text/plain; charset=utf-8"


def subject_of(compiled: CompiledTemplate, values: Values, number: str) -> str:
    """Return the subject as one line."""
    # The marks of a sum are the writer's own; values bring none.
    line = clean(fill(compiled.subject, values, number), marks=MARKS)
    return _directed(line, compiled)


def text_of(compiled: CompiledTemplate, values: Values, number: str) -> str:
    """Return the plain text, paragraphs apart by one empty line."""
    text = fill(compiled.text, values, number)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return _directed(text.strip() + "\n", compiled)


def _directed(text: str, compiled: CompiledTemplate) -> str:
    return marked(text) if direction(compiled.language) == "rtl" else text


def render_sms(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return a text message: one paragraph, typographic signs made plain.

    :raises RenderError: ``no_address``, ``too_long``, ``cannot_fill``.
    """
    number = facts.customer.number
    _require_phone(facts)
    filled = " ".join(fill(compiled.text, values, number).split())
    text = _directed(plain_text(filled), compiled)
    segments = measure(text).segments
    if segments > MOST_SEGMENTS:
        raise RenderError(
            "too_long",
            f"The text message to customer {number} needs {segments} segments; "
            f"{MOST_SEGMENTS} are the most. Shorten the text.",
        )
    return Rendered(media_type=MEDIA_TYPE, body=text.encode(), subject="", text=text)


def plain_text(text: str) -> str:
    """Return a text message with plain signs, where that makes it a shorter one.

    A text that needs Unicode all the same, such as a Chinese one, keeps its own signs.
    """
    plain, _ = downgrade(text)
    return plain if measure(plain).encoding == "gsm7" else text


def render_call(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return the script of a call for staff.

    :raises RenderError: ``no_address``, ``cannot_fill``.
    """
    number = facts.customer.number
    _require_phone(facts)
    text = text_of(compiled, values, number)
    return Rendered(media_type=MEDIA_TYPE, body=text.encode(), subject="", text=text)


def _require_phone(facts: Facts) -> None:
    destination = facts.destination
    if not isinstance(destination, PhoneDestination) or not destination.number:
        raise RenderError(
            "no_address", f"Customer {facts.customer.number} has no phone number."
        )
