"""Writes the values of mail headers: words, addresses, names of files.

Every value is ASCII when it leaves here, in lines short enough for mail, and holds no
line break of its own: what follows one would be a header of the value's own making.
Every refusal says what is wrong and leaves it to the caller to say with which message.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

from django.utils.encoding import punycode

from notices.render.errors import RenderError

# RFC 2047: an encoded word has 75 characters, a line that holds one has 76.
_WORD = 75
_LINE = 76
_AROUND = len("=?utf-8?b??=")
_LONGEST_ADDRESS = 320

_LINE_BREAK = re.compile(r"[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ADDRESS = re.compile(
    r"[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+@[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+"
)
_PHRASE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_SIMPLE_NAME = re.compile(r"[A-Za-z0-9_.()-]+(?: [A-Za-z0-9_.()-]+)*")
_SIGNS = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+"
_MEDIA_TYPE = re.compile(
    rf"(?!multipart/|message/){_SIGNS}/{_SIGNS}"
    rf"(?:; ?{_SIGNS}=(?:{_SIGNS}|\"[ !#-\[\]-~]*\"))*",
    re.IGNORECASE,
)


class BadMessage(Exception):
    """What cannot stand in an e-mail: ``thing`` is the part at fault, ``fault`` why."""

    def __init__(self, code: str, thing: str, fault: str) -> None:
        super().__init__(f"{thing} {fault}")
        self.code = code
        self.thing = thing
        self.fault = fault

    def for_customer(self, number: str) -> RenderError:
        """Return the error that staff are shown."""
        return RenderError(
            self.code,
            f"The {self.thing} of the e-mail to customer {number} {self.fault}.",
        )


def header_value(name: str, value: str) -> bytes:
    """Return the value of the header of that name, encoded and folded as needed.

    :raises BadMessage: ``bad_header``.
    """
    room = _LINE - len(name) - 2
    if _PLAIN.fullmatch(value) and len(value) <= room and "=?" not in value:
        return value.encode()
    if not value:
        return b""
    if _LINE_BREAK.search(value):
        raise BadMessage("bad_header", name, "has a line break")
    return b"\r\n ".join(_encoded_words(value, room))


def _encoded_words(value: str, room: int) -> Iterator[bytes]:
    """Yield encoded words, each of whole characters; ``room`` is for the first."""
    try:
        raw = value.encode()
    except UnicodeEncodeError as error:
        raise BadMessage("bad_header", "header", "has half a character") from error
    at = 0
    while at < len(raw):
        end = at + (min(room, _WORD) - _AROUND) // 4 * 3
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        yield b"=?utf-8?b?%b?=" % b2a_base64(raw[at:end], newline=False)
        at, room = end, _WORD


def mailbox(header: str, name: str, address: str) -> bytes:
    """Return ``name <address>``, or the address alone where there is no name.

    :raises BadMessage: ``bad_header``, ``bad_address``.
    """
    spec = addr_spec(header, address)
    if not name:
        return spec
    room = _LINE - len(header) - 2
    if len(name) > room - 2 or "=?" in name or not _PLAIN.fullmatch(name):
        written = header_value(header, name)
        if not written.startswith(b"=?"):
            written = b"\r\n ".join(_encoded_words(name, room))
    elif _PHRASE.fullmatch(name):
        written = name.encode()
    else:
        written = b'"%b"' % re.sub(r'(["\\])', r"\\\1", name).encode()
    return b"%b\r\n <%b>" % (written, spec)


def addr_spec(header: str, address: str) -> bytes:
    """Return the address; the domain in ASCII, as mail knows it.

    :raises BadMessage: ``bad_address``.
    """
    if _ADDRESS.fullmatch(address) and len(address) <= _LONGEST_ADDRESS:
        if address.isascii():
            return address.encode()
        local, _, domain = address.rpartition("@")
        try:
            return f"{local}@{punycode(domain)}".encode("ascii")
        except UnicodeError:
            pass  # letters before the @ that mail has no ASCII for
    raise BadMessage(
        "bad_address", f"{header} address {address[:80]!r}", "is not an e-mail address"
    )


@lru_cache(maxsize=256)
def attachment_head(filename: str, media_type: str) -> bytes:
    """Return the headers of an attached file, and the empty line behind them.

    :raises BadMessage: ``bad_attachment``.
    """
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise BadMessage("bad_attachment", "attachment", f"may not be {media_type!r}")
    if not filename or _LINE_BREAK.search(filename):
        raise BadMessage("bad_attachment", "attachment", f"has no name: {filename!r}")
    return (
        b"Content-Type: %b\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment;\r\n %b\r\n\r\n"
    ) % (media_type.encode(), b";\r\n ".join(_filename(filename)))


def _filename(name: str) -> Iterator[bytes]:
    """Yield the parameters that say a file's name; by RFC 2231 unless simple."""
    if len(name) < 60 and _SIMPLE_NAME.fullmatch(name):
        yield b'filename="%b"' % name.encode()
        return
    pieces = [""]
    for char in name:
        if len(pieces[-1]) > 45:
            pieces.append("")
        pieces[-1] += quote(char, safe="")
    if len(pieces) == 1:
        yield f"filename*=utf-8''{pieces[0]}".encode()
        return
    for number, piece in enumerate(pieces):
        charset = "" if number else "utf-8''"
        yield f"filename*{number}*={charset}{piece}".encode()
