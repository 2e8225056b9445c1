"""E-mail through a mail server, by Django's own mail settings (EMAIL_URL).

One connection for a whole batch. The stored bytes go out as they are. The dialogue
is held step by step, since only the step tells whether a broken line may have left a
message behind: before DATA nothing was taken, after it nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from notices.senders import Outgoing, Receipt, SendError

LOST = (smtplib.SMTPServerDisconnected, socket.timeout, OSError)
ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
# X.1.7 and X.1.8 speak of the sender's address, not of the recipient's.
DEAD_MAILBOX = re.compile(r"5\.1\.(?![78]$)\d+$|5\.2\.1$")


class SmtpSender:
    """Keeps one connection open from the first message of a batch to its end."""

    provider = "smtp"
    width = 1

    def __init__(self) -> None:
        self._backend: EmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: Outgoing) -> Receipt:
        """Hand one message to the mail server.

        :raises SendError: refused, or the connection broke; it says which.
        """
        try:
            wire = self._connection()
            wire.ehlo_or_helo_if_needed()
            self._ask(wire.mail, message.sender)
            self._ask(wire.rcpt, message.destination, is_recipient=True)
        except (*LOST, smtplib.SMTPHeloError) as error:
            self._close()
            raise SendError("connection lost before the message") from error
        except SendError:
            self._reset()
            raise
        try:
            code, reply = wire.data(message.body)
        except smtplib.SMTPDataError as error:
            self._reset()
            raise _refusal(error.smtp_code, _as_bytes(error.smtp_error)) from error
        except LOST as error:
            self._close()
            raise SendError(
                "connection lost after the message", unknown=True
            ) from error
        if code != 250:
            self._reset()
            raise _refusal(code, reply)
        return Receipt(provider_reference=_first_line(reply))

    def _connection(self) -> smtplib.SMTP:
        """Return the open connection, opening it when needed.

        :raises SendError: the server cannot be reached or refuses our log-in.
        """
        if self._backend is None:
            backend = get_connection()
            if not isinstance(backend, EmailBackend):
                raise SendError("EMAIL_URL is not set", permanent=False)
            try:
                backend.open()
            except (OSError, smtplib.SMTPException) as error:
                raise SendError(f"no connection: {type(error).__name__}") from error
            self._backend = backend
        wire = self._backend.connection
        assert wire is not None  # noqa: S101  (opened just above)
        return wire

    @staticmethod
    def _ask(
        step: Callable[[str], tuple[int, bytes]],
        address: str,
        *,
        is_recipient: bool = False,
    ) -> None:
        code, reply = step(address)
        if code in {250, 251}:
            return
        if not is_recipient:
            # Our own sender is refused: that is our fault and passes once it is mended.
            raise SendError(_words(code, reply))
        raise _refusal(code, reply, is_recipient=True)

    def _reset(self) -> None:
        """Make the connection fit for the next message."""
        if self._backend is None or self._backend.connection is None:
            return
        try:
            self._backend.connection.rset()
        except (*LOST, smtplib.SMTPException):
            self._close()

    def _close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None


def _refusal(code: int, reply: bytes, *, is_recipient: bool = False) -> SendError:
    """Return what a refusal means, by RFC 3463: 4xx may pass later, 5xx never will.

    Only 5.1.x (no such mailbox or domain) and 5.2.1 (mailbox closed) blame the address.
    5.7.x and 5.4.x of a recipient blame us: relaying, authentication, a quota. They
    pass once somebody mends it, and must never silence a customer.
    """
    found = ENHANCED.match(reply)
    enhanced = found.group(1).decode() if found else ""
    is_our_fault = is_recipient and enhanced.startswith(("5.7.", "5.4."))
    return SendError(
        _words(code, reply),
        permanent=code >= 500 and not is_our_fault,
        suppresses=(
            "hard_bounce" if is_recipient and DEAD_MAILBOX.match(enhanced) else ""
        ),
    )


def _words(code: int, reply: bytes) -> str:
    return f"{code} {_first_line(reply)}".strip()


def _first_line(reply: bytes) -> str:
    return reply.decode("ascii", "replace").splitlines()[0][:200] if reply else ""


def _as_bytes(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode("ascii", "replace")
