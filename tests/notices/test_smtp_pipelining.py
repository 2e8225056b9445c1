"""One round trip a message, one message in doubt, and servers with moods."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from notices.senders import Outgoing, Receipt, SendError
from notices.senders.smtp import SmtpSender
from tests.notices.test_smtp import mail

Said = list[str]


class ScriptedServer:
    """Speaks SMTP line by line on a socket, and keeps what was said and when.

    ``moods`` gives an answer to a line in place of the usual one; None hangs up.
    """

    def __init__(self, extensions: str = "PIPELINING") -> None:
        self.extensions = extensions
        self.moods: dict[str, str | None] = {}
        self.said: Said = []
        self.packets: list[bytes] = []
        self.texts: list[bytes] = []
        self.connections = 0
        # A server may take no more than so many messages over one connection.
        self.most = 1_000
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with wire:
                self._talk(wire)

    def _talk(self, wire: socket.socket) -> None:
        wire.sendall(b"220 scripted\r\n")
        taken = 0
        buffer = b""
        in_text = False
        while True:
            end = b"\r\n.\r\n" if in_text else b"\r\n"
            while end not in buffer:
                packet = wire.recv(65536)
                if not packet:
                    return
                self.packets.append(packet)
                buffer += packet
                if in_text and buffer.startswith(b".\r\n"):
                    buffer = b"\r\n" + buffer
            piece, _, buffer = buffer.partition(end)
            if in_text:
                in_text = False
                taken += 1
                self.texts.append(piece)
                line, usual = "TEXT", "250 2.0.0 taken"
            else:
                line = piece.decode()
                usual = self._usual(line, taken)
            self.said.append(line)
            answer = self.moods.get(line, usual)
            if answer is None:
                return
            wire.sendall(answer.encode() + b"\r\n")
            if answer.startswith("421") or line == "QUIT":
                return
            in_text = answer.startswith("354")

    def _usual(self, line: str, taken: int) -> str:
        verb = line.split(":")[0].split(" ")[0].upper()
        if verb == "EHLO":
            return f"250-scripted\r\n250 {self.extensions}"
        if verb == "MAIL" and taken >= self.most:
            return "421 4.7.0 enough for one connection"
        return {"DATA": "354 go ahead", "QUIT": "221 bye"}.get(verb, "250 ok")


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[..., ScriptedServer]]:
    started: list[ScriptedServer] = []

    def start(**how: Any) -> ScriptedServer:
        server = ScriptedServer(**how)
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 3
        return server

    yield start
    for server in started:
        server.stop()


def mails(*names: str) -> list[Outgoing]:
    return [
        dataclasses.replace(
            mail(f"{name}@example.com"), reference=name, idempotency_key=f"{name}.1"
        )
        for name in names
    ]


def send_all(
    messages: list[Outgoing], left: list[str] | None = None
) -> dict[str, Receipt | SendError]:
    waiting = list(messages)
    noted = [] if left is None else left
    with SmtpSender() as sender:
        answers = sender.stream(
            lambda _: waiting.pop(0) if waiting else None,
            leaves=lambda message: noted.append(message.reference),
        )
        return {message.reference: answer for message, answer in answers}


def test_a_message_and_the_next_envelope_are_one_packet(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve()

    answers = send_all(mails("a", "b", "c"))

    assert all(isinstance(answer, Receipt) for answer in answers.values())
    # EHLO, one envelope, two texts with an envelope behind each, the last text.
    assert len([one for one in server.packets if one != b"quit\r\n"]) == 5
    assert server.connections == 1


def test_the_next_text_waits_for_the_answer_before_it(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve()
    server.moods["TEXT"] = None
    left: list[str] = []

    answers = send_all(mails("a", "b"), left)

    assert len(server.texts) == 2
    assert all(one.unknown for one in answers.values())  # type: ignore[union-attr]
    assert server.connections == 2


def test_only_what_left_is_in_doubt(serve: Callable[..., ScriptedServer]) -> None:
    server = serve()
    server.moods["RCPT TO:<b@example.com>"] = None
    left: list[str] = []

    answers = send_all(mails("a", "b", "c"), left)

    assert left == ["a", "c"]
    assert isinstance(answers["a"], Receipt)
    assert not answers["b"].unknown  # type: ignore[union-attr]
    assert isinstance(answers["c"], Receipt)


def test_a_server_without_pipelining_is_asked_one_line_at_a_time(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve(extensions="8BITMIME")
    server.moods["RCPT TO:<b@example.com>"] = "550 5.1.1 no such mailbox"

    answers = send_all(mails("a", "b", "c"))

    assert isinstance(answers["a"], Receipt)
    assert answers["b"].suppresses == "hard_bounce"  # type: ignore[union-attr]
    assert isinstance(answers["c"], Receipt)
    assert all(
        packet.count(b"\r\n") == 1 for packet in server.packets if b"MAIL" in packet
    )


def test_a_refused_recipient_leaves_the_next_envelope_clean(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve()
    server.moods["RCPT TO:<b@example.com>"] = "550 5.1.1 no such mailbox"
    server.moods["DATA"] = "354 go ahead"

    answers = send_all(mails("a", "b", "c"))

    assert answers["b"].suppresses == "hard_bounce"  # type: ignore[union-attr]
    assert isinstance(answers["c"], Receipt)
    # The server would have taken a text for nobody: it was given none.
    assert [text for text in server.texts if text.strip()] == [
        server.texts[0],
        server.texts[-1],
    ]
    assert "RSET" in server.said


def test_a_limit_of_messages_a_connection_costs_no_message(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve()
    server.most = 2

    answers = send_all(mails("a", "b", "c", "d", "e"))

    assert all(isinstance(answer, Receipt) for answer in answers.values())
    assert server.connections == 3


def test_a_server_that_turns_everybody_away_closes_the_lane(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve()
    server.most = 0

    answers = send_all(mails("a"))

    assert answers["a"].backs_off  # type: ignore[union-attr]
    assert "421" in answers["a"].code  # type: ignore[union-attr]


def test_throttling_is_about_the_lane_and_a_full_mailbox_is_not(
    serve: Callable[..., ScriptedServer],
) -> None:
    server = serve()
    server.moods["RCPT TO:<a@example.com>"] = "454 4.7.0 slow down"
    server.moods["RCPT TO:<b@example.com>"] = "452 4.2.2 mailbox full"

    answers = send_all(mails("a", "b"))

    assert answers["a"].backs_off  # type: ignore[union-attr]
    assert not answers["b"].backs_off  # type: ignore[union-attr]


def test_an_address_can_end_no_command(serve: Callable[..., ScriptedServer]) -> None:
    server = serve()
    hostile = dataclasses.replace(
        mails("a")[0], destination="a@example.com>\r\nRCPT TO:<b@example.com"
    )

    answers = send_all([hostile, *mails("c")])

    assert answers["a"].permanent  # type: ignore[union-attr]
    assert isinstance(answers["c"], Receipt)
    assert not any("b@example.com" in line for line in server.said)


def test_a_refusal_repeats_no_address(serve: Callable[..., ScriptedServer]) -> None:
    server = serve()
    server.moods["RCPT TO:<a@example.com>"] = "550 5.1.1 <a@example.com>: no such user"

    answers = send_all(mails("a"))

    assert answers["a"].code == "550 5.1.1 <…>: no such user"  # type: ignore[union-attr]


def test_a_message_that_must_not_leave_leaves_nothing_half_said(
    serve: Callable[..., ScriptedServer],
) -> None:
    """The server waits for its text: what is said next must not be taken for that."""
    server = serve()

    def refuse(_: Outgoing) -> None:
        raise SendError("the disk is stuck", untried=True)

    (first, second) = mails("a", "b")
    with SmtpSender() as sender:
        waiting = [first]
        stream = sender.stream(lambda _: waiting.pop() if waiting else None, refuse)
        with pytest.raises(SendError):
            next(stream)
        assert isinstance(sender.send(second), Receipt)
    assert len(server.texts) == 1
    assert sum(b"<b@example.com>" in packet for packet in server.packets) == 1
