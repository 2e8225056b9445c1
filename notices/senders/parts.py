"""The stored bytes of an e-mail as the fields a provider's interface asks for.

Takes apart what notices.render.mime put together, and nothing else: two bodies, files
behind them, and headers. What it cannot say in fields it refuses, rather than send a
message that is not the one kept as evidence.
"""

from __future__ import annotations

import email
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message

# What has a field of its own in every interface, or that the provider writes anew.
_FIELDS = frozenset(
    {
        "from",
        "to",
        "reply-to",
        "subject",
        "date",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
)


class NotInParts(Exception):
    """A message that fields cannot say; the words name what is in the way."""


@dataclass(frozen=True, slots=True)
class File:
    """An attached file: its name, its Content-Type and its bytes."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """A message in fields; texts have LF line ends, headers are decoded.

    ``headers`` are those that have no field of their own, in their order.
    """

    subject: str
    sender: str
    reply_to: str
    text: str
    html: str
    headers: dict[str, str]
    files: tuple[File, ...]


def parts_of(body: bytes) -> Parts:
    """Return the parts of a stored message.

    :raises NotInParts: a body, a file or an encoding that was not written by us.
    """
    message = email.message_from_bytes(body, policy=policy.default)
    bodies, files = _walked(message)
    return Parts(
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        reply_to=str(message.get("Reply-To", "")),
        text=bodies.get("text/plain", ""),
        html=bodies.get("text/html", ""),
        headers={
            name: str(value)
            for name, value in message.items()
            if name.lower() not in _FIELDS
        },
        files=tuple(files),
    )


def _walked(message: EmailMessage) -> tuple[dict[str, str], list[File]]:
    bodies: dict[str, str] = {}
    files = []
    for part in _leaves(message):
        media_type = part.get_content_type()
        if part.get_content_disposition() == "attachment":
            files.append(_file(part))
        elif media_type in {"text/plain", "text/html"} and media_type not in bodies:
            bodies[media_type] = part.get_content().replace("\r\n", "\n")
        else:
            raise NotInParts(f"a part of {media_type} that is neither body nor file")
    return bodies, files


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.walk():
        if part.is_multipart():
            if part.get_content_type() not in {
                "multipart/mixed",
                "multipart/alternative",
            }:
                raise NotInParts(f"a part of {part.get_content_type()}")
        else:
            yield part


def _file(part: EmailMessage) -> File:
    body = part.get_payload(decode=True)
    name = part.get_filename()
    if not isinstance(body, bytes) or not name:
        raise NotInParts("a file without a name")
    return File(name=name, media_type=part.get_content_type(), body=body)


_WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=None)


def as_seven_bit(body: bytes) -> bytes:
    """Return a message of ASCII alone, of the same words and headers.

    Bodies that were written as they are (8bit) become quoted-printable; a message that
    is ASCII already stays as it is, byte for byte.
    """
    if body.isascii():
        return body
    message = email.message_from_bytes(body, policy=policy.compat32)
    for part in message.walk():
        if part.get("Content-Transfer-Encoding") == "8bit":
            _quote(part)
    return message.as_bytes(policy=_WIRE)


def _quote(part: Message) -> None:
    said = part.get_payload(decode=True)
    if not isinstance(said, bytes):
        raise NotInParts("a part of 8bit without a body")
    quoted = b2a_qp(said.replace(b"\r\n", b"\n"), istext=True)
    part.set_payload(quoted.decode("ascii"))
    part.replace_header("Content-Transfer-Encoding", "quoted-printable")
