"""The shape of a rendered notice, whatever its channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: the exact bytes that go out, and what a person reads in them.

    ``media_type`` is ``message/rfc822``, ``text/plain; charset=utf-8`` or
    ``application/pdf``; ``subject`` is empty for texts and calls. On paper ``pages``
    counts the printed pages and ``sheets`` the leaves; ``enclosed`` are the SHA-256 of
    what lies behind the letter.
    """

    media_type: str
    body: bytes
    subject: str
    text: str
    pages: int = 0
    sheets: int = 0
    enclosed: tuple[str, ...] = ()
