"""A mail server that takes everything and keeps nothing, fast enough to be measured
against: one asyncio protocol on 127.0.0.1, stopped by its parent."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport = cast(asyncio.Transport, transport)
        self.buffer = b""
        self.in_body = False
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command or body that has arrived."""
        self.buffer += data
        answers = []
        while True:
            end = b"\r\n.\r\n" if self.in_body else b"\r\n"
            piece, found, rest = self.buffer.partition(end)
            if not found:
                break
            self.buffer = rest
            if self.in_body:
                self.in_body = False
                answers.append(b"250 taken\r\n")
                continue
            verb = piece[:4].upper()
            answers.append(REPLIES.get(verb, b"500 what\r\n"))
            self.in_body = verb == b"DATA"
        if answers:
            self.transport.write(b"".join(answers))
            if answers[-1] == REPLIES[b"QUIT"]:
                self.transport.close()


async def main(port: int) -> None:
    """Serve until stopped."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    print("listening", flush=True)  # noqa: T201  (the parent waits for this line)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
