"""What goes over the socket of a mail server, by a clock for the exchange as a whole.

A time-out of a socket, the kernel's or Python's, bounds one call: a server that gives
or takes a byte now and then keeps within it for hours. So the clock is looked at before
each call too, which asks the system for nothing; what fits into one call, as nearly all
does, costs one call as before.
"""

from __future__ import annotations

import math
import smtplib
import socket
import struct
import time
from functools import partial
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

_AT_ONCE = 8192


class Exchange:
    """One socket and the moment by which what is said over it must be over.

    Serves smtplib as the file it reads replies from.
    """

    def __init__(self, wire: socket.socket, until: float = math.inf) -> None:
        self._wire = wire
        self._until = until
        self._heard = b""

    def begin(self, seconds: float | None) -> None:
        """Give the next exchange so many seconds, any number if None."""
        self._until = math.inf if seconds is None else time.monotonic() + seconds

    def send(self, data: bytes) -> None:
        """Send all of it.

        :raises OSError: the connection broke, or is too slow.
        """
        sent = self._wire.send(data)
        if sent == len(data):
            return
        left = memoryview(data)[sent:]
        while left:
            self._look_at_the_clock()
            left = left[self._wire.send(left) :]

    def readline(self, most: int) -> bytes:
        """Return a line with its end; without one where the connection ends before or
        it is longer than ``most`` bytes.

        :raises OSError: the connection broke, or is too slow.
        """
        while (end := self._heard.find(b"\n", 0, most)) < 0 and len(self._heard) < most:
            self._look_at_the_clock()
            got = self._wire.recv(_AT_ONCE)
            if not got:
                break
            self._heard += got
        size = end + 1 if end >= 0 else most
        line, self._heard = self._heard[:size], self._heard[size:]
        return line

    def time_in_the_kernel(self) -> None:
        """Let the kernel keep the time-out of a plain socket.

        Python keeps it by asking, before each call, whether the socket is ready: one
        more call to the system, after which this thread waits for its turn once more.
        """
        seconds = self._wire.gettimeout()
        if seconds is None or type(self._wire) is not socket.socket:
            return
        span = struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))
        self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
        self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)
        self._wire.settimeout(None)

    def close(self) -> None:
        """Do nothing: the socket is closed by whoever opened it."""

    def _look_at_the_clock(self) -> None:
        if time.monotonic() > self._until:
            raise TimeoutError("the mail server takes too long")


class TimedBackend(EmailBackend):
    """Django's connection to a mail server, opened within its time-out as a whole."""

    @property
    def connection_class(self) -> Any:
        """Return what makes a connection, with the end of its opening in it."""
        kind = _TimedTLS if self.use_ssl else _Timed
        seconds = math.inf if self.timeout is None else self.timeout
        return partial(kind, until=time.monotonic() + seconds)


class _Timed(smtplib.SMTP):
    """Reads replies through an exchange, a new one behind STARTTLS."""

    def __init__(self, *args: Any, until: float, **more: Any) -> None:
        self._until = until
        super().__init__(*args, **more)

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the text of the next reply, as smtplib does."""
        if self.file is None and self.sock is not None:
            self.file = Exchange(self.sock, self._until)
        return super().getreply()


class _TimedTLS(_Timed, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""
