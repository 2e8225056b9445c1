"""Fills a compiled text and makes an e-mail of it.

A repeat of the same notice carries the same Message-ID, so that a mailbox which got
it twice can tell. Sends nothing.
"""

from __future__ import annotations

from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts, MailDestination
from notices.render.liquid_text import fill
from notices.render.mime import message_bytes
from notices.render.rendered import Rendered
from notices.render.texts import subject_of, text_of
from notices.render.values import Values

MEDIA_TYPE = "message/rfc822"


def render_email(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return the message of one notice.

    :raises RenderError: ``no_address``, ``bad_address``, ``bad_header``,
        ``cannot_fill``.
    """
    number = facts.customer.number
    destination = facts.destination
    if not isinstance(destination, MailDestination) or not destination.address:
        raise RenderError("no_address", f"Customer {number} has no e-mail address.")
    assert compiled.html is not None  # noqa: S101  (every e-mail is compiled with it)
    subject = subject_of(compiled, values, number)
    text = text_of(compiled, values, number)
    html = fill(compiled.html, {**values, "subject": subject}, number)
    brand = facts.brand
    reply_to = brand.reply_to or brand.email_from
    headers = {
        "Message-ID": message_id(facts.reference, brand.email_from),
        "Auto-Submitted": "auto-generated",
        "Content-Language": compiled.language,
        "X-Duly-Notice": facts.reference,
    }
    if "LIST_UNSUB_ONE_CLICK" in facts.obligations:
        headers["List-Unsubscribe"] = (
            f"<mailto:{reply_to}?subject=stop%20{facts.reference}>"
        )
    body = message_bytes(
        sender_name=brand.name,
        sender=brand.email_from,
        recipient=destination.address,
        reply_to=reply_to,
        subject=subject,
        text=text,
        html=html,
        when=facts.now,
        headers=headers,
        customer=number,
    )
    return Rendered(media_type=MEDIA_TYPE, body=body, subject=subject, text=text)


def message_id(reference: str, sender: str) -> str:
    """Return the Message-ID of a notice: the same however often it is tried."""
    return f"<{reference}.1@{sender.rpartition('@')[2]}>"
