"""The stored bytes of an e-mail as the fields a provider's interface asks for.

Takes apart what notices.render.mime put together, and nothing else: two bodies, files
behind them, and headers. What it cannot say in fields it refuses, rather than send a
message that is not the one kept as evidence.
"""

from __future__ import annotations

import email
import re
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

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

_CONTAINERS = frozenset({"multipart/mixed", "multipart/alternative"})


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
    # By the old policy: the new one reads every header by its grammar, which takes ten
    # times as long and finds nothing that we had not written ourselves.
    message = email.message_from_bytes(body, policy=policy.compat32)
    bodies, files = _walked(message)
    return Parts(
        subject=_decoded(_unfolded(message, "Subject")),
        sender=_mailbox(_unfolded(message, "From")),
        reply_to=_mailbox(_unfolded(message, "Reply-To")),
        text=bodies.get("text/plain", ""),
        html=bodies.get("text/html", ""),
        headers={
            name: _decoded(_unfolded(message, name))
            for name in message
            if name.lower() not in _FIELDS
        },
        files=tuple(files),
    )


_FOLD = re.compile(r"\r?\n(?=[ \t])")


def _unfolded(message: Message, name: str) -> str:
    return _FOLD.sub("", str(message.get(name, "")))


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value))) if "=?" in value else value


def _mailbox(value: str) -> str:
    """Return a name and its address, the name quoted: it may hold a comma."""
    name, address = parseaddr(value)
    if not name:
        return address
    quoted = re.sub(r'(["\\])', r"\\\1", _decoded(name))
    return f'"{quoted}" <{address}>'


def _walked(message: Message) -> tuple[dict[str, str], list[File]]:
    bodies: dict[str, str] = {}
    files = []
    for part in _leaves(message):
        media_type = part.get_content_type()
        if part.get_content_disposition() == "attachment":
            files.append(_file(part))
        elif media_type in {"text/plain", "text/html"} and media_type not in bodies:
            charset = part.get_content_charset("ascii")
            bodies[media_type] = _bytes(part).decode(charset).replace("\r\n", "\n")
        else:
            raise NotInParts(f"a part of {media_type} that is neither body nor file")
    return bodies, files


def _leaves(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if not part.is_multipart():
            yield part
        elif part.get_content_type() not in {
            "multipart/mixed",
            "multipart/alternative",
        }:
            raise NotInParts(f"a part of {part.get_content_type()}")


def _file(part: Message) -> File:
    name = part.get_filename()
    if not name:
        raise NotInParts("a file without a name")
    return File(name=name, media_type=part.get_content_type(), body=_bytes(part))


def _bytes(part: Message) -> bytes:
    held = part.get_payload(decode=True)
    if not isinstance(held, bytes):
        raise NotInParts("a part without a body")
    return held


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
    quoted = b2a_qp(_bytes(part).replace(b"\r\n", b"\n"), istext=True)
    part.set_payload(quoted.decode("ascii"))
    part.replace_header("Content-Transfer-Encoding", "quoted-printable")
