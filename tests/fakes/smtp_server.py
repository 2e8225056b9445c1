"""A mail server with moods: takes, defers, refuses, stalls, hangs up, remembers.

``python -m tests.fakes.smtp_server PORT BOOK`` runs it in a process of its own, so
that what it took outlives every worker that is killed; ``SmtpServer`` starts it and
reads its book. What it does to a recipient stands in front of the "+" or "@" of the
address, as in FATES; ``later-2`` defers twice and then takes.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

# What is said to RCPT; the line stays open.
REFUSALS = {
    "nobody": "550 5.1.1 no such mailbox",
    "full": "552 5.2.2 mailbox full",
    "policy": "550 5.7.1 not from you",
    "later": "451 4.3.0 try again later",
    "throttled": "454 4.7.0 too many messages, slow down",
}
# Said to RCPT before the server hangs up, as RFC 5321 has it.
CLOSING = {"closing": "421 4.3.2 shutting down"}
# What is said to the whole message, after it has been read.
AFTER = {"spam": "554 5.7.1 looks like spam", "busy": "421 4.3.2 busy"}
# Without an answer: at RCPT, in the middle of the message, after it was taken.
SILENT = {"stall", "drop", "cut", "stall-after", "drop-after"}
# Answers, but takes its time for it.
SLOW = "slow"
FATES = frozenset({*REFUSALS, *CLOSING, *AFTER, *SILENT, SLOW})

SLOW_SECONDS = 0.5
STALL_SECONDS = 3600.0

BOOK = """
CREATE TABLE IF NOT EXISTS taken (
    n INTEGER PRIMARY KEY, message_id TEXT, reference TEXT, recipient TEXT,
    line INTEGER, at REAL, body BLOB
);
CREATE TABLE IF NOT EXISTS asked (n INTEGER PRIMARY KEY, recipient TEXT, line INTEGER);
CREATE TABLE IF NOT EXISTS mood (name TEXT PRIMARY KEY, value REAL);
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One message the server took, and by which line it came."""

    message_id: str
    reference: str
    recipient: str
    line: int


def fate_of(recipient: str) -> str:
    """Return what the mailbox stands for; blank for one that simply takes."""
    mailbox = re.split(r"[+@]", recipient, maxsplit=1)[0]
    return mailbox if mailbox in FATES or _patience(mailbox) else ""


def _patience(mailbox: str) -> int:
    found = re.fullmatch(r"later-(\d+)", mailbox)
    return int(found[1]) if found else 0


class MailServer:
    """The hooks of aiosmtpd, with a book that is written before each answer."""

    def __init__(
        self, book: Path, *, pipelining: bool, latency: float, keep_bodies: bool
    ) -> None:
        self.book = open_book(book)
        self.pipelining = pipelining
        self.latency = latency
        self.keep_bodies = keep_bodies
        self.asked: Counter[str] = Counter()

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Say what we can do; aiosmtpd itself never says PIPELINING."""
        session.host_name = hostname
        if self.pipelining:
            responses.insert(-1, "250-PIPELINING")
        return responses

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take, refuse or ignore a recipient."""
        line = _line(session)
        self.asked[address] += 1
        self.book.execute(
            "INSERT INTO asked (recipient, line) VALUES (?, ?)", (address, line)
        )
        fate = fate_of(address)
        if fate == "drop":
            _hang_up(server)
        if fate == "stall":
            await asyncio.sleep(STALL_SECONDS)
        if fate in CLOSING:
            await server.push(CLOSING[fate])
            _hang_up(server)
        if fate == "cut":
            # The message is asked for, and the line goes while it is on its way.
            asyncio.get_running_loop().call_later(0.05, _hang_up, server)
        if self.asked[address] <= _patience(fate):
            return REFUSALS["later"]
        if fate in REFUSALS:
            return REFUSALS[fate]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the message, and answer as the recipient's fate has it."""
        fate = fate_of(envelope.rcpt_tos[0])
        if fate == "cut":
            await asyncio.sleep(STALL_SECONDS)
        if fate in AFTER:
            return AFTER[fate]
        if fate == SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        elif self.latency:
            await asyncio.sleep(self.latency)
        n = self._note(session, envelope)
        if fate == "drop-after":
            _hang_up(server)
        if fate == "stall-after":
            await asyncio.sleep(STALL_SECONDS)
        return f"250 2.0.0 queued as {n}"

    def _note(self, session: Session, envelope: Envelope) -> int:
        """Write a message down before it is answered, and return its number."""
        body = envelope.original_content or b""
        headers = BytesHeaderParser().parsebytes(body)
        cursor = self.book.execute(
            "INSERT INTO taken (message_id, reference, recipient, line, at, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                headers.get("Message-ID", ""),
                headers.get("X-Duly-Notice", ""),
                envelope.rcpt_tos[0],
                _line(session),
                time.time(),
                body if self.keep_bodies else None,
            ),
        )
        return int(cursor.lastrowid or 0)


def _line(session: Session) -> int:
    """Return the port the client speaks from, which no other open line has."""
    return int(session.peer[1]) if session.peer else 0


def _hang_up(server: SMTP) -> None:
    if server.transport is not None:
        server.transport.abort()


def open_book(path: Path) -> sqlite3.Connection:
    """Open the book of a server; made anew where there is none."""
    book = sqlite3.connect(path, isolation_level=None, timeout=30)
    book.execute("PRAGMA journal_mode = WAL")
    # It must outlive processes, not the machine.
    book.execute("PRAGMA synchronous = OFF")
    book.executescript(BOOK)
    return book


async def serve(port: int, handler: MailServer) -> None:
    """Serve until stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        # The limits are for strangers; a bench sends thousands on one line.
        lambda: SMTP(handler, hostname="mail.test", timeout=STALL_SECONDS),
        "127.0.0.1",
        port,
    )
    # The parent waits for this line, and learns the port from it.
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


class SmtpServer:
    """A mail server in a process of its own, and what it noted.

    ``stop`` and ``start`` are an outage: the port is the same, the book goes on.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pipelining: bool = True,
        latency: float = 0.0,
        keep_bodies: bool = False,
    ) -> None:
        self.port = 0  # any free one at the first start, the same one ever after
        self.path = folder / f"mail-{uuid.uuid4().hex}.sqlite"
        self.options = [
            *([] if pipelining else ["--no-pipelining"]),
            *(["--keep-bodies"] if keep_bodies else []),
            f"--latency={latency}",
        ]
        self.process: subprocess.Popen[bytes] | None = None
        self._book: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._book is not None:
            self._book.close()

    def start(self) -> None:
        """Begin to listen."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", __name__, str(self.port), str(self.path)),
                *self.options,
            ],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        """Be away: lines break, and new ones are refused."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def url(self, timeout: int = 5) -> str:
        """Return the EMAIL_URL of this server; ``timeout`` in seconds."""
        return f"smtp://127.0.0.1:{self.port}?timeout={timeout}"

    def taken(self) -> list[Taken]:
        """Return every message that was taken, in order."""
        rows = self._read("SELECT message_id, reference, recipient, line FROM taken")
        return [Taken(*row) for row in rows]

    def count(self) -> int:
        """Return how many messages were taken."""
        return int(self._read("SELECT coalesce(max(n), 0) FROM taken")[0][0])

    def asked(self, recipient: str) -> int:
        """Return how often somebody wanted to write to a recipient."""
        question = "SELECT count(*) FROM asked WHERE recipient = ?"
        return int(self._read(question, recipient)[0][0])

    def lines(self) -> int:
        """Return how many lines asked for a recipient."""
        return int(self._read("SELECT count(DISTINCT line) FROM asked")[0][0])

    def bodies(self) -> dict[str, bytes]:
        """Return the messages by reference, where bodies are kept."""
        return dict(self._read("SELECT reference, body FROM taken"))

    def _read(self, question: str, *parameters: object) -> list[Any]:
        if self._book is None:
            self._book = open_book(self.path)
        return self._book.execute(question, parameters).fetchall()


def main() -> None:
    """Run the server with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, help="0: any free one")
    parser.add_argument("book", type=Path)
    parser.add_argument("--no-pipelining", action="store_true")
    parser.add_argument("--keep-bodies", action="store_true")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a message")
    options = parser.parse_args()
    handler = MailServer(
        options.book,
        pipelining=not options.no_pipelining,
        latency=options.latency,
        keep_bodies=options.keep_bodies,
    )
    asyncio.run(serve(options.port, handler))


if __name__ == "__main__":
    main()
