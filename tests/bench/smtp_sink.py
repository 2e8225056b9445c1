"""A mail server that takes everything and keeps nothing, fast enough to be measured
against: one asyncio protocol on 127.0.0.1, stopped by its parent.

    python -m tests.bench.smtp_sink PORT [SECONDS]

A port of 0 takes any free one, and is told. Of SECONDS it takes so many over each
message, as a server does that stores what it takes; connections do not wait for
another.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

TAKEN = b"250 taken\r\n"
REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"RSET": b"250 ok\r\n",
    b"NOOP": b"250 ok\r\n",
    b"DATA": b"354 go ahead\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection: commands line by line, bodies up to the lone dot."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport = cast(asyncio.Transport, transport)
        self.buffer = b""
        self.in_body = False
        self.is_storing = False
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command or body that has arrived."""
        self.buffer += data
        if not self.is_storing:
            self._answer()

    def _stored(self) -> None:
        self.is_storing = False
        if not self.transport.is_closing():
            self.transport.write(TAKEN)
            self._answer()

    def _answer(self) -> None:
        answers = []
        while True:
            end = b"\r\n.\r\n" if self.in_body else b"\r\n"
            piece, found, rest = self.buffer.partition(end)
            if not found:
                break
            self.buffer = rest
            if self.in_body:
                self.in_body = False
                if self.seconds:
                    self.is_storing = True
                    loop = asyncio.get_running_loop()
                    loop.call_later(self.seconds, self._stored)
                    break
                answers.append(TAKEN)
                continue
            verb = piece[:4].upper()
            answers.append(REPLIES.get(verb, b"500 what\r\n"))
            self.in_body = verb == b"DATA"
        if answers:
            self.transport.write(b"".join(answers))
            if answers[-1] == REPLIES[b"QUIT"]:
                self.transport.close()


async def main(port: int, seconds: float) -> None:
    """Serve until stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(seconds), "127.0.0.1", port)
    # The parent waits for this line.
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


@contextmanager
def serving(seconds: float = 0.0) -> Iterator[int]:
    """Run one in a process of its own; yield its port."""
    sink = subprocess.Popen(
        [sys.executable, "-m", __spec__.name, "0", str(seconds)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    try:
        assert sink.stdout is not None
        yield int(sink.stdout.readline())
    finally:
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
