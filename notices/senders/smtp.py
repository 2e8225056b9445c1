"""E-mail through a mail server, by Django's own mail settings (EMAIL_URL).

One connection for a whole batch. The stored bytes go out as they are. The dialogue
is held step by step, since only the step tells whether a broken line may have left a
message behind: before DATA nothing was taken, after it nobody knows.
"""

from __future__ import annotations

import smtplib
import socket
from types import TracebackType
from typing import Self

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from notices.senders import Outgoing, Receipt, SendError

LOST = (smtplib.SMTPServerDisconnected, socket.timeout, OSError)
# Replies that blame the mailbox, not us: RFC 3463 X.1.x and the classic 550/551/553.
MAILBOX_CODES = frozenset({550, 551, 553})


class SmtpSender:
    """Keeps one connection open from the first message of a batch to its end."""

    provider = "smtp"

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
        wire = self._connection()
        try:
            self._ask(wire.mail, message.sender)
            self._ask(wire.rcpt, message.destination, is_recipient=True)
        except LOST as error:
            self._close()
            raise SendError("connection lost before the message") from error
        except SendError:
            self._reset(wire)
            raise
        try:
            code, reply = wire.data(message.body)
        except smtplib.SMTPDataError as error:
            self._reset(wire)
            raise _refusal(error.smtp_code, is_recipient=False) from error
        except LOST as error:
            self._close()
            raise SendError(
                "connection lost after the message", unknown=True
            ) from error
        if code != 250:
            self._reset(wire)
            raise _refusal(code, is_recipient=False)
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
        wire.ehlo_or_helo_if_needed()
        return wire

    @staticmethod
    def _ask(step: object, address: str, *, is_recipient: bool = False) -> None:
        assert callable(step)  # noqa: S101  (a bound method of smtplib)
        code, _ = step(address)
        if code not in {250, 251}:
            raise _refusal(code, is_recipient=is_recipient)

    def _reset(self, wire: smtplib.SMTP) -> None:
        """Make the connection fit for the next message."""
        try:
            wire.rset()
        except (*LOST, smtplib.SMTPException):
            self._close()

    def _close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None


def _refusal(code: int, *, is_recipient: bool) -> SendError:
    """Return what a reply code means: 4xx may pass later, 5xx never will."""
    return SendError(
        str(code),
        permanent=code >= 500,
        bad_address=is_recipient and code in MAILBOX_CODES,
    )


def _first_line(reply: bytes) -> str:
    return reply.decode("ascii", "replace").splitlines()[0][:200] if reply else ""
