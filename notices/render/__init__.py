"""From facts to a message: the one function behind preview, test, sending and proof.

``compile_version`` does what is the same for everybody, once; ``render`` fills in one
customer's facts. Neither asks the database, the network or a clock.
"""

from __future__ import annotations

from collections.abc import Callable

from notices.kinds import Form
from notices.models import Channel
from notices.render.compiled import CompiledTemplate, compile_version
from notices.render.email import render_email
from notices.render.errors import RenderError, TemplateError
from notices.render.facts import (
    Attachment,
    BrandFacts,
    Contact,
    CustomerFacts,
    Destination,
    Facts,
    InvoiceFacts,
    Link,
    MailDestination,
    PhoneDestination,
    PostalDestination,
)
from notices.render.obligations import require_obligations
from notices.render.public import render_public
from notices.render.rendered import Rendered
from notices.render.texts import render_call, render_sms
from notices.render.values import Values, values_of

__all__ = [
    "Attachment",
    "BrandFacts",
    "CompiledTemplate",
    "Contact",
    "CustomerFacts",
    "Destination",
    "Facts",
    "InvoiceFacts",
    "Link",
    "MailDestination",
    "PhoneDestination",
    "PostalDestination",
    "RenderError",
    "Rendered",
    "TemplateError",
    "compile_version",
    "render",
    "renders",
]


def _render_letter(
    compiled: CompiledTemplate, facts: Facts, values: Values
) -> Rendered:
    # Imported with the first letter: WeasyPrint needs Pango and half a second, and
    # whoever sends e-mail alone should need neither.
    from notices.render.letter import render_letter

    return render_letter(compiled, facts, values)


def _render_postcard(
    compiled: CompiledTemplate, facts: Facts, values: Values
) -> Rendered:
    from notices.render.postcard import render_postcard

    return render_postcard(compiled, facts, values)


_RENDERERS: dict[str, Callable[[CompiledTemplate, Facts, Values], Rendered]] = {
    Channel.EMAIL: render_email,
    Channel.SMS: render_sms,
    Channel.CALL: render_call,
    Channel.LETTER: _render_letter,
    Form.PUBLIC: render_public,
    Channel.POSTCARD: _render_postcard,
}


def renders(channel: str) -> bool:
    """Whether messages are made for a channel; other forms are texts alone."""
    return channel in _RENDERERS


def render(compiled: CompiledTemplate, facts: Facts) -> Rendered:
    """Return the notice as it goes out: the same bytes for the same facts.

    :raises RenderError: it cannot be rendered whole and true; the sentence names the
        customer and what is at fault.
    """
    if compiled.channel != facts.channel:
        raise RenderError(
            "wrong_channel",
            f"The text for customer {facts.customer.number} is one for "
            f"{compiled.channel}, not for {facts.channel}.",
        )
    values = values_of(facts, compiled.language, compiled.kind.subjects)
    rendered = _RENDERERS[compiled.channel](compiled, facts, values)
    require_obligations(facts, rendered.text)
    return rendered
