"""The providers' own HTTP interfaces on this machine, spoken to by the real SDKs.

One small server for all: Twilio, Postmark, Mailgun, SES (v2), Brevo and Mailjet,
each under its name (``http://127.0.0.1:PORT/twilio``, see ``url``). It checks what each
documents it needs, keeps what it takes, and has a bad day where told to:
slow, busy, broken, silent, or gone in the middle (``Fate``).

In a test: ``with running() as fake``. As a process: ``python -m
tests.fakes.http_providers PORT --latency 0.1``; then ``GET /_fake/taken`` gives what it
took, ``POST /_fake/fates`` ``{"address": {"status": 429}}`` sets fates, and ``POST
/_fake/reset`` forgets all. ``--report sent,delivered`` calls back, signed, where a text
asks for it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.fakes import callbacks
from tests.fakes.spoken import ACCOUNT, SPEAKERS, TOKEN, Answer, Asked, Taken


@dataclass
class Fate:
    """What becomes of messages to one address, or of all (``*``).

    ``status`` refuses with that answer and takes nothing. ``takes`` says whether a
    message that is cut off or left without an answer was taken before.
    """

    status: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    latency: float | None = None
    cuts: bool = False
    takes: bool = False
    times: int = -1  # how often, before the address is well again; -1 for always

    @property
    def is_kind(self) -> bool:
        """Whether the message is answered as on a good day."""
        return not (self.status or self.cuts)


class FakeProviders:
    """What the server took, and how it treats whom."""

    def __init__(self, *, latency: float = 0.0, reports: tuple[str, ...] = ()) -> None:
        self.latency = latency
        self.reports = reports
        self.taken: list[Taken] = []
        self.asked: list[Asked] = []
        self.fates: dict[str, Fate] = {}
        self.busiest = 0
        self.port = 0
        self._open = 0
        self._connections = itertools.count(1)
        self._writers: set[asyncio.StreamWriter] = set()
        self._reporters = ThreadPoolExecutor(4)
        self._reporting: list[Future[None]] = []

    def url(self, provider: str) -> str:
        """Return the address of one provider's interface."""
        return f"http://127.0.0.1:{self.port}/{provider}"

    def to(self, address: str) -> list[Taken]:
        """Return the messages it took for an address."""
        return [one for one in self.taken if one.to == address]

    async def serve(self, port: int = 0) -> asyncio.Server:
        """Listen on 127.0.0.1."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(
            self._connection, "127.0.0.1", port, backlog=512
        )
        self.port = server.sockets[0].getsockname()[1]
        return server

    def hang_up(self) -> None:
        """Break every connection that is open; may be called from any thread."""
        for writer in list(self._writers):
            self._loop.call_soon_threadsafe(writer.transport.abort)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        number = next(self._connections)
        self._writers.add(writer)
        try:
            while asked := await _read(reader, number):
                self._open += 1
                self.busiest = max(self.busiest, self._open)
                try:
                    answer = await self._answer(asked)
                finally:
                    self._open -= 1
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(answer.as_bytes())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, asked: Asked) -> Answer | None:
        """Return the answer, or None to cut the line."""
        if asked.path.startswith("/_fake/"):
            return self._told(asked)
        self.asked.append(asked)
        provider, _, path = asked.path[1:].partition("/")
        speaker = SPEAKERS.get(provider)
        if speaker is None:
            return Answer(404, {"message": f"no provider {provider}"})
        spoken = speaker(asked, f"/{path}", self.taken)
        if isinstance(spoken, Answer):
            return spoken
        return await self._fated(asked, *spoken)

    async def _fated(self, asked: Asked, taken: Taken, answer: Answer) -> Answer | None:
        """Take the message or not, as its address's fate wants it."""
        fate = self._fate(taken.to)
        if fate.is_kind or fate.takes:
            self.taken.append(taken)
        await asyncio.sleep(self.latency if fate.latency is None else fate.latency)
        if fate.cuts:
            return None
        if fate.status:
            return Answer(fate.status, dict(fate.body), dict(fate.headers))
        if taken.callback and self.reports:
            self._report(taken)
        return answer

    def _fate(self, address: str) -> Fate:
        fate = self.fates.get(address) or self.fates.get("*")
        if fate is None or fate.times == 0:
            return Fate()
        fate.times -= 1 if fate.times > 0 else 0
        return fate

    def _report(self, taken: Taken) -> None:
        self._reporting.append(
            self._reporters.submit(callbacks.report, taken, self.reports)
        )

    def wait_for_reports(self) -> None:
        """Return once all that was to be reported has been."""
        wait(self._reporting)

    def _told(self, asked: Asked) -> Answer:
        """Do what a test in another process asks."""
        if asked.path == "/_fake/taken":
            return Answer(200, {"taken": [one.as_dict() for one in self.taken]})
        if asked.path == "/_fake/fates":
            told = json.loads(asked.body)
            self.fates |= {address: Fate(**fate) for address, fate in told.items()}
            return Answer(200, {"fates": {k: asdict(v) for k, v in self.fates.items()}})
        if asked.path == "/_fake/reset":
            self.taken.clear()
            self.asked.clear()
            self.fates.clear()
            self.busiest = 0
            return Answer(200, {})
        return Answer(404, {"message": "not something this fake does"})


async def _read(reader: asyncio.StreamReader, connection: int) -> Asked | None:
    """Return the next request of a connection, or None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Asked(method, parts.path, parts.query, headers, body, connection)


@contextmanager
def running(
    *, latency: float = 0.0, reports: tuple[str, ...] = ()
) -> Iterator[FakeProviders]:
    """Run the server in a thread of this process."""
    fake = FakeProviders(latency=latency, reports=reports)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(fake.serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.hang_up()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def settings_for(fake_url: str) -> dict[str, str]:
    """Return the environment in which texts go to a fake at ``http://host:port``."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
        "TWILIO_API_URL": f"{fake_url}/twilio",
        "SMS_COUNTRIES": "GB",
    }


async def _main() -> None:
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("port", type=int)
    asks.add_argument("--latency", type=float, default=0.0)
    asks.add_argument("--report", default="")
    told = asks.parse_args()
    reports = tuple(filter(None, told.report.split(",")))
    fake = FakeProviders(latency=told.latency, reports=reports)
    server = await fake.serve(told.port)
    print(f"listening {fake.port}", flush=True)  # noqa: T201  (its parent waits)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
