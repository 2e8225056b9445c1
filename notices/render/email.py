"""Fills a compiled text and makes an e-mail of it. Sends nothing."""

from __future__ import annotations

from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts, MailDestination
from notices.render.headers import BadMessage
from notices.render.liquid_text import fill
from notices.render.mime import Envelope, Words, message_bytes, skeleton
from notices.render.rendered import Rendered
from notices.render.texts import subject_of, text_of
from notices.render.values import Values

MEDIA_TYPE = "message/rfc822"


def render_email(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return the message of one notice.

    :raises RenderError: ``no_address``, ``no_public_url``, ``bad_address``,
        ``bad_header``, ``bad_text``, ``bad_attachment``, ``cannot_fill``.
    """
    number = facts.customer.number
    destination = facts.destination
    if not isinstance(destination, MailDestination) or not destination.address:
        raise RenderError("no_address", f"Customer {number} has no e-mail address.")
    assert compiled.html is not None  # noqa: S101  (every e-mail is compiled with it)
    if not all(link.url for link in facts.links):
        raise RenderError(
            "no_public_url",
            f"The papers for customer {number} are too large to attach, and there is "
            "no public address to link to. Set PUBLIC_URL, or make them smaller.",
        )
    subject = subject_of(compiled, values, number)
    text = text_of(compiled, values, number)
    html = fill(compiled.html, {**values, "subject": subject}, number)
    brand = facts.brand
    envelope = Envelope(
        recipient=destination.address,
        reference=facts.reference,
        when=facts.now,
        can_stop="LIST_UNSUB_ONE_CLICK" in facts.obligations,
        # One click needs https; on a machine of one's own an answer is left.
        unsubscribe_url=""
        if facts.unsubscribe_url.startswith("http://")
        else facts.unsubscribe_url,
    )
    try:
        bones = skeleton(
            brand.name,
            brand.email_from,
            brand.answers_to,
            compiled.language,
        )
        words = Words(subject, text, html)
        body = message_bytes(bones, envelope, words, facts.attachments)
    except BadMessage as fault:
        raise fault.for_customer(number) from fault
    return Rendered(media_type=MEDIA_TYPE, body=body, subject=subject, text=text)
