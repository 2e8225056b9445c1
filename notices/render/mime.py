"""Writes the bytes of an e-mail: the same bytes for the same words and headers.

What every message of a brand has in common is written once, as a skeleton; per message
only values are filled in. Nothing here asks a clock or draws a random number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache

from notices.render.facts import Attachment
from notices.render.headers import (
    BadMessage,
    addr_spec,
    attachment_head,
    header_value,
    mailbox,
)

LONGEST_LINE = 998  # octets, without the line end (RFC 5322)

_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LINK = re.compile(r"https://[!#-;=?-~]{1,900}")


@dataclass(frozen=True, slots=True)
class Words:
    """What one message says: its subject, its plain text and its page."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom one message is for, and which notice it is.

    ``when`` is the aware instant that becomes the Date. ``can_stop`` tells mail
    programs how to stop further messages: by an answer, and by one click where
    ``unsubscribe_url`` names our https address for it.
    """

    recipient: str
    reference: str
    when: dt.datetime
    can_stop: bool = False
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The lines around the two bodies, each up to the name of a body's encoding."""

    boundary: bytes
    opening: bytes
    between: bytes
    closing: bytes


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What every message of one brand and language has in common."""

    head: bytes
    domain: bytes
    reply_to: bytes
    frame: _Frame


@lru_cache(maxsize=512)
def skeleton(name: str, sender: str, reply_to: str, language: str) -> Skeleton:
    """Return the skeleton of a brand's messages; the latest stay at hand.

    ``name`` and ``sender`` are whom it is from; answers go to ``reply_to``.

    :raises BadMessage: ``bad_header``, ``bad_address``.
    """
    answers = addr_spec("Reply-To", reply_to)
    head = (
        b"From: " + mailbox("From", name, sender),
        b"Reply-To: " + answers,
        b"Auto-Submitted: auto-generated",
        b"Content-Language: " + header_value("Content-Language", language),
        b"MIME-Version: 1.0",
        b"",
    )
    drawn = hashlib.sha256("\0".join((name, sender, reply_to, language)).encode())
    return Skeleton(
        head=b"\r\n".join(head),
        domain=addr_spec("From", sender).rpartition(b"@")[2],
        reply_to=answers,
        frame=_frame(b"=_duly_" + drawn.hexdigest()[:32].encode()),
    )


def message_bytes(
    bones: Skeleton,
    envelope: Envelope,
    words: Words,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Return the whole message, with CRLF line ends, as it goes on the wire.

    :raises BadMessage: ``bad_header``, ``bad_address``, ``bad_attachment``,
        ``bad_text``.
    """
    text, html = _lines(words.text), _lines(words.html)
    frame = bones.frame
    while frame.boundary in text or frame.boundary in html:
        again = hashlib.sha256(frame.boundary).hexdigest()[:32]
        frame = _frame(b"=_duly_" + again.encode())
    body: tuple[bytes, ...] = (
        frame.opening,
        *_encoded(text),
        frame.between,
        *_encoded(html),
        frame.closing,
    )
    if attachments:
        body = tuple(_mixed(body, frame.boundary, attachments))
    return b"".join((*_top(bones, envelope, words.subject), bones.head, *body))


def _top(bones: Skeleton, envelope: Envelope, subject: str) -> Iterator[bytes]:
    """Yield the headers that differ from message to message."""
    if not _REFERENCE.fullmatch(envelope.reference):
        raise BadMessage("bad_header", "reference", "is not of letters and digits")
    reference = envelope.reference.encode()
    yield b"Subject: "
    yield header_value("Subject", subject)
    yield b"\r\nTo: "
    yield addr_spec("To", envelope.recipient)
    yield _date(int(envelope.when.timestamp()))
    # A repeat of the same notice carries the same, so that a mailbox can tell.
    yield b"Message-ID: <%b.1@%b>\r\n" % (reference, bones.domain)
    yield b"X-Duly-Notice: %b\r\n" % reference
    if envelope.can_stop:
        by_answer = b"<mailto:%b?subject=stop%%20%b>" % (bones.reply_to, reference)
        yield _unsubscribe(envelope.unsubscribe_url, by_answer)


def _unsubscribe(url: str, by_answer: bytes) -> bytes:
    """Return how to stop further messages, one click first (RFC 8058)."""
    if not url:
        return b"List-Unsubscribe: %b\r\n" % by_answer
    if not _LINK.fullmatch(url):
        raise BadMessage("bad_header", "List-Unsubscribe", "is not an https address")
    return (
        b"List-Unsubscribe: <%b>,\r\n %b\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    ) % (url.encode(), by_answer)


@lru_cache(maxsize=64)
def _date(second: int) -> bytes:
    """Return the Date header of a second since 1970, with the line ends around it."""
    when = dt.datetime.fromtimestamp(second, dt.UTC)
    return b"\r\nDate: %b\r\n" % format_datetime(when).encode()


def _frame(boundary: bytes) -> _Frame:
    head = b'Content-Type: multipart/alternative;\r\n boundary="%b"\r\n\r\n' % boundary
    part = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: "
    return _Frame(
        boundary=boundary,
        opening=head + b"--%b\r\n" % boundary + part % b"plain",
        between=b"\r\n--%b\r\n" % boundary + part % b"html",
        closing=b"\r\n--%b--\r\n" % boundary,
    )


def _mixed(
    body: tuple[bytes, ...], inner: bytes, attachments: Sequence[Attachment]
) -> Iterator[bytes]:
    """Yield the two bodies as the first part, and each file as one of its own."""
    # No body holds the inner boundary, and so none holds this longer one. Neither of
    # the two begins like the other.
    boundary = b"=_with" + inner
    yield b'Content-Type: multipart/mixed;\r\n boundary="%b"\r\n\r\n' % boundary
    yield b"--%b\r\n" % boundary
    yield from body
    for each in attachments:
        yield b"\r\n--%b\r\n" % boundary
        yield attachment_head(each.filename, each.media_type)
        yield _base64(each.body)
    yield b"\r\n--%b--\r\n" % boundary


def _lines(text: str) -> bytes:
    """Return the text in UTF-8 with CRLF line ends.

    :raises BadMessage: ``bad_text``.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return text.encode().replace(b"\n", b"\r\n")
    except UnicodeEncodeError as error:
        raise BadMessage("bad_text", "text", "has half a character") from error


def _encoded(body: bytes) -> tuple[bytes, bytes]:
    """Return the end of a part's headers and its body, as it is wherever mail lets us.

    An overlong line or a NUL asks for quoted-printable, or base64 where that is
    shorter.
    """
    if b"\0" not in body and _are_short(body):
        return (b"7bit\r\n\r\n" if body.isascii() else b"8bit\r\n\r\n"), body
    # Given CRLF it would still end some of its own lines in a mere LF.
    quoted = b2a_qp(body.replace(b"\r\n", b"\n"), istext=True)
    quoted = quoted.replace(b"\n", b"\r\n")
    if len(quoted) < len(body) * 4 // 3:
        return b"quoted-printable\r\n\r\n", quoted
    return b"base64\r\n\r\n", _base64(body)


def _are_short(body: bytes) -> bool:
    """Return whether no line is too long for mail.

    Leaps from the last line end within reach to the next, instead of to every one.
    """
    at, last = 0, len(body) - LONGEST_LINE
    while at < last:
        # One octet more for the CR before the LF.
        at = body.rfind(b"\n", at, at + LONGEST_LINE + 2) + 1
        if not at:
            return False
    return True


def _base64(body: bytes) -> bytes:
    text = b2a_base64(body, newline=False)
    return b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
