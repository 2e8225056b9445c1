"""Writes the bytes of an e-mail: the same bytes for the same words and headers.

Nothing in it asks a clock or draws a random number. Refuses a line break in any header
value, since what follows it would be a header of the value's own making.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from email.utils import format_datetime, formataddr

from django.core.mail import EmailMultiAlternatives

from notices.render.errors import RenderError

_LINE_BREAK = re.compile(r"[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\]+@[^\s<>,;:\"()\[\]\\@]+")


def message_bytes(
    *,
    sender_name: str,
    sender: str,
    recipient: str,
    reply_to: str,
    subject: str,
    text: str,
    html: str,
    when: dt.datetime,
    headers: Mapping[str, str],
    customer: str,
) -> bytes:
    """Return the whole message, with CRLF line ends, as it goes on the wire.

    ``when`` becomes the Date; ``customer`` is the number named in an error.

    :raises RenderError: ``bad_header``, ``bad_address``.
    """
    for name, address in (("From", sender), ("To", recipient), ("Reply-To", reply_to)):
        if not _ADDRESS.fullmatch(address):
            raise RenderError(
                "bad_address",
                f"The {name} address {address[:80]!r} of the e-mail to customer "
                f"{customer} is not an e-mail address.",
            )
    written = {
        **headers,
        "From": formataddr((sender_name, sender)),
        "Date": format_datetime(when.astimezone(dt.UTC)),
    }
    for name, value in {**written, "Subject": subject}.items():
        if _LINE_BREAK.search(value):
            raise RenderError(
                "bad_header",
                f"The {name} of the e-mail to customer {customer} has a line break.",
            )
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=written["From"],
        to=[recipient],
        reply_to=[reply_to],
        headers=written,
    )
    message.attach_alternative(html, "text/html")
    mime = message.message()
    mime.set_boundary(_boundary(text, html))
    body: bytes = mime.as_bytes(linesep="\r\n")
    return body


def _boundary(text: str, html: str) -> str:
    """Return a boundary that the parts cannot hold, as it is drawn from them."""
    digest = hashlib.sha256(f"{text}\0{html}".encode()).hexdigest()
    return f"=_duly_{digest[:32]}"
