"""One connection to a mail server, and what its replies mean.

Where the server allows (PIPELINING, RFC 2920) the three lines of an envelope go as one,
and the next envelope goes right behind the text before it: one round trip a message.
Its own text never leaves before the message in front is answered, so one message a
connection is in doubt at any time.
"""

from __future__ import annotations

import re
import smtplib

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from notices.senders import Outgoing, Receipt, SendError
from notices.senders.smtp_wire import Exchange, TimedBackend

LONGEST_REPLY = 8192
ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
# X.1.7 and X.1.8 speak of the sender's address, not of the recipient's.
DEAD_MAILBOX = re.compile(r"5\.1\.(?![78]$)\d+$|5\.2\.1$")
# Nothing that could end a command or close an address.
ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>\x00-\x1f\x7f]+")
ANY_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
# The server is closing, or asks the whole sender to slow down.
BUSY = frozenset({421, 454})

Reply = tuple[int, bytes]


class _Lost(Exception):
    """The connection broke, or the server said that it closes it."""


class SmtpLine:
    """A connection that opens itself when needed, and speaks in whole messages."""

    def __init__(self) -> None:
        self._backend: TimedBackend | None = None
        self._wire: smtplib.SMTP | None = None
        self._exchange: Exchange | None = None
        self._must_reset = False

    def request(self, message: Outgoing, *, is_asked: bool) -> None:
        """Ask whether the server takes a message; ``is_asked``: it was asked already.

        A connection that has served may be closed on us at any moment, by a limit or by
        time: then a new one is tried once. Nothing has been taken by then. The whole
        envelope has the seconds of EMAIL_URL's timeout, and so has the text after it.

        :raises SendError: it does not, or cannot be reached.
        """
        if self._wire is not None:
            self._begin()
            try:
                self._ask(message, is_asked=is_asked)
            except _Lost:
                self.close()
            else:
                return
        self._open()
        self._begin()
        try:
            self._ask(message, is_asked=False)
        except _Lost as error:
            self.close()
            # Said in words it is about all of us; unsaid it may be about this message.
            said = str(error)
            raise SendError(
                said or "connection lost before the message", backs_off=bool(said)
            ) from error

    def deliver(
        self, message: Outgoing, following: Outgoing | None
    ) -> tuple[Receipt | SendError, bool]:
        """Send the text of a message that was asked for, and the next one's envelope.

        Returns the answer, and whether ``following`` is asked for by now.
        """
        self._begin()
        is_asked = following is not None and self._pipelines
        text = _stuffed(message.body)
        try:
            if following is not None and is_asked:
                text += self._envelope(following)
            self._send(text)
            code, reply = self._reply()
        except SendError:
            # The next one's address is at fault; this message has not left yet.
            return self.deliver(message, None)
        except _Lost:
            self.close()
            return SendError("connection lost after the message", unknown=True), False
        if code == 250:
            return Receipt(provider_reference=_first_line(reply)), is_asked
        if code in BUSY:
            self.close()
        return _refusal(code, reply), is_asked and code not in BUSY

    def close(self) -> None:
        """Hang up."""
        if self._backend is not None:
            self._begin()
            self._backend.close()
        self._backend = self._wire = self._exchange = None
        self._must_reset = False

    def _open(self) -> None:
        """Connect, greet and log in.

        :raises SendError: the server cannot be reached, or refuses our log-in.
        """
        if not isinstance(get_connection(), EmailBackend):
            raise SendError("EMAIL_URL is not set", stops_lane=True)
        backend = TimedBackend()
        try:
            backend.open()
            wire = backend.connection
            assert wire is not None  # noqa: S101  (opened just above)
            wire.ehlo_or_helo_if_needed()
        except smtplib.SMTPAuthenticationError as error:
            backend.close()
            raise SendError(
                _words(error.smtp_code, _as_bytes(error.smtp_error)), stops_lane=True
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            backend.close()
            raise SendError(
                f"no connection: {type(error).__name__}", backs_off=True
            ) from error
        exchange = wire.file
        assert isinstance(exchange, Exchange)  # noqa: S101  (it has just spoken)
        exchange.time_in_the_kernel()
        self._backend, self._wire, self._exchange = backend, wire, exchange

    def _begin(self) -> None:
        """Start the clock of an exchange on an open line."""
        assert self._backend is not None and self._exchange is not None  # noqa: S101
        self._exchange.begin(self._backend.timeout)

    @property
    def _pipelines(self) -> bool:
        return self._wire is not None and self._wire.has_extn("pipelining")

    def _ask(self, message: Outgoing, *, is_asked: bool) -> None:
        """Go through the envelope of one message.

        :raises SendError: a refusal, after which the connection is fit for the next.
        :raises _Lost: the connection is of no more use.
        """
        resets = self._must_reset
        if not is_asked and self._pipelines:
            self._send(self._envelope(message))
        if is_asked or self._pipelines:
            if resets:
                self._reply()
            replies = self._three_replies()
        else:
            replies = self._step_by_step(message, resets=resets)
        self._must_reset = False
        self._judge(replies)

    def _three_replies(self) -> list[Reply]:
        """Return the replies to an envelope; fewer if the server hangs up."""
        replies = []
        for _ in range(3):
            replies.append(self._reply())
            if replies[-1][0] == 421:
                break
        return replies

    def _step_by_step(self, message: Outgoing, *, resets: bool) -> list[Reply]:
        """Hold the dialogue with a server that wants one command at a time."""
        commands = self._envelope(message).split(b"\r\n")[:-1]
        if resets:
            self._send(commands.pop(0) + b"\r\n")
            self._reply()
        replies = []
        for command in commands:
            self._send(command + b"\r\n")
            replies.append(self._reply())
            if replies[-1][0] >= 400:
                break
        return replies

    def _judge(self, replies: list[Reply]) -> None:
        """Return when the server waits for the text.

        :raises SendError: it refused the sender, the recipient or the message.
        :raises _Lost: it closes the connection.
        """
        for code, reply in replies:
            if code == 421:
                raise _Lost(_words(code, reply))
        if len(replies) == 3 and replies[2][0] == 354:
            if replies[0][0] < 400 and replies[1][0] < 400:
                return
            # It would take a text for nobody: give it none.
            self._send(b".\r\n")
            self._reply()
        self._must_reset = True
        refused = (at for at, (code, _) in enumerate(replies) if code >= 355)
        step = next(refused, len(replies) - 1)
        code, reply = replies[step]
        if step == 0 and code not in BUSY:
            # Our own sender is refused: that is our fault and passes once it is mended.
            raise SendError(_words(code, reply))
        raise _refusal(code, reply, is_recipient=step == 1)

    def _envelope(self, message: Outgoing) -> bytes:
        """Return the commands of an envelope, each with its line end.

        :raises SendError: an address cannot be said to this server.
        """
        assert self._wire is not None  # noqa: S101  (asked on an open line)
        options = ""
        if not message.body.isascii() and self._wire.has_extn("8bitmime"):
            options = " BODY=8BITMIME"
        for address in (message.sender, message.destination):
            if not ADDRESS.fullmatch(address):
                raise SendError("not an e-mail address", permanent=True)
            if not address.isascii():
                if not self._wire.has_extn("smtputf8"):
                    raise SendError("server without SMTPUTF8", permanent=True)
                options = " BODY=8BITMIME SMTPUTF8"
        reset = "RSET\r\n" if self._must_reset else ""
        return (
            f"{reset}MAIL FROM:<{message.sender}>{options}\r\n"
            f"RCPT TO:<{message.destination}>\r\nDATA\r\n"
        ).encode()

    def _send(self, data: bytes) -> None:
        assert self._exchange is not None  # noqa: S101
        try:
            self._exchange.send(data)
        except OSError as error:
            raise _Lost from error

    def _reply(self) -> Reply:
        """Return the code and the text of the next reply.

        :raises _Lost: there is none, or none that makes sense.
        """
        assert self._exchange is not None  # noqa: S101
        words = []
        while True:
            try:
                line = self._exchange.readline(LONGEST_REPLY)
            except OSError as error:
                raise _Lost from error
            if not line.endswith(b"\n") or not line[:3].isdigit():
                raise _Lost
            words.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(words)


def _stuffed(body: bytes) -> bytes:
    """Return a text as it goes behind DATA: dots doubled, a lone dot at its end."""
    if b"\r\n." in body:
        body = body.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _refusal(code: int, reply: bytes, *, is_recipient: bool = False) -> SendError:
    """Return what a refusal means, by RFC 3463: 4xx may pass later, 5xx never will.

    Only 5.1.x (no such mailbox or domain) and 5.2.1 (mailbox closed) blame the address.
    5.7.x and 5.4.x of a recipient blame us: relaying, authentication, a quota. They
    pass once somebody mends it, and must never silence a customer.
    """
    found = ENHANCED.match(reply)
    enhanced = found.group(1).decode() if found else ""
    is_our_fault = is_recipient and enhanced.startswith(("5.7.", "5.4."))
    is_dead = is_recipient and bool(DEAD_MAILBOX.match(enhanced))
    return SendError(
        _words(code, reply),
        permanent=code >= 500 and not is_our_fault,
        suppresses="hard_bounce" if is_dead else "",
        backs_off=code in BUSY,
    )


def _words(code: int, reply: bytes) -> str:
    """Return a refusal for staff, without the address that servers like to repeat."""
    return f"{code} {ANY_ADDRESS.sub('…', _first_line(reply))}".strip()


def _first_line(reply: bytes) -> str:
    return reply.decode("ascii", "replace").splitlines()[0][:200] if reply else ""


def _as_bytes(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode("ascii", "replace")
