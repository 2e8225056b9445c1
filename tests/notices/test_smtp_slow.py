"""A mail server that gives or takes a byte now and then holds nobody for long."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from notices.senders import Receipt, SendError
from notices.senders.smtp import SmtpSender
from tests.notices.test_smtp import mail

TIMEOUT = 1  # seconds for all of an envelope, and for all of a text
LONGEST = 4 * TIMEOUT  # with the opening, the last call under way and a slow machine
NOW_AND_THEN = 0.1

Talk = Callable[["SlowServer", socket.socket], None]


class SlowServer:
    """A mail server of one connection that keeps to its script until it is stopped."""

    def __init__(self, talk: Talk) -> None:
        self._listener = socket.socket()
        # Before it listens: what a connection may hold is settled as it opens.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port = self._listener.getsockname()[1]
        self._talk = talk
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
                with wire:
                    self._talk(self, wire)
            except OSError:
                if self._stopped.is_set():
                    return

    def greet(self, wire: socket.socket) -> None:
        """Greet, and take what a polite client says first."""
        wire.sendall(b"220 slow\r\n")
        wire.recv(4096)
        wire.sendall(b"250-slow\r\n250 PIPELINING\r\n")

    def take_envelope(self, wire: socket.socket) -> None:
        wire.recv(4096)
        wire.sendall(b"250 ok\r\n250 ok\r\n354 go ahead\r\n")

    def now_and_then(self, act: Callable[[], Any]) -> None:
        """Do something over and over, as long as anybody holds on."""
        while not self._stopped.wait(NOW_AND_THEN):
            act()


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[[Talk], None]]:
    started: list[SlowServer] = []

    def start(talk: Talk) -> None:
        started.append(SlowServer(talk))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", started[0].port
        settings.EMAIL_TIMEOUT = TIMEOUT

    yield start
    for server in started:
        server.stop()


def refusal(body: bytes = b"Subject: Hello\r\n\r\nGood day.\r\n") -> SendError:
    """Return why a message did not go, which takes no longer than it may."""
    began = time.monotonic()
    with SmtpSender() as sender, pytest.raises(SendError) as caught:
        sender.send(dataclasses.replace(mail("anna@example.com"), body=body))
    assert time.monotonic() - began < LONGEST
    return caught.value


def test_an_answer_to_the_envelope_byte_by_byte_is_not_waited_for(serve) -> None:
    def talk(server: SlowServer, wire: socket.socket) -> None:
        server.greet(wire)
        wire.recv(4096)
        server.now_and_then(lambda: wire.sendall(b"2"))

    serve(talk)
    assert not refusal().unknown


def test_an_answer_to_the_text_byte_by_byte_leaves_it_in_doubt(serve) -> None:
    def talk(server: SlowServer, wire: socket.socket) -> None:
        server.greet(wire)
        server.take_envelope(wire)
        wire.recv(4096)
        server.now_and_then(lambda: wire.sendall(b"2"))

    serve(talk)
    assert refusal().unknown


def test_an_answer_of_ever_more_lines_is_not_waited_for(serve) -> None:
    def talk(server: SlowServer, wire: socket.socket) -> None:
        server.greet(wire)
        wire.recv(4096)
        server.now_and_then(lambda: wire.sendall(b"250-and\r\n"))

    serve(talk)
    assert not refusal().unknown


def test_a_text_that_is_taken_byte_by_byte_is_given_up(serve) -> None:
    def talk(server: SlowServer, wire: socket.socket) -> None:
        server.greet(wire)
        server.take_envelope(wire)
        server.now_and_then(lambda: wire.recv(2048))

    serve(talk)
    assert refusal(b"Subject: Long\r\n\r\n" + b"line\r\n" * 2_000_000).unknown


@pytest.mark.parametrize("greeting", [b"2", b"220-and\r\n"])
def test_a_greeting_now_and_then_is_not_waited_for(serve, greeting: bytes) -> None:
    serve(lambda server, wire: server.now_and_then(lambda: wire.sendall(greeting)))
    assert refusal().backs_off


def test_a_slow_good_bye_is_not_waited_for(serve) -> None:
    def talk(server: SlowServer, wire: socket.socket) -> None:
        server.greet(wire)
        server.take_envelope(wire)
        wire.recv(4096)
        wire.sendall(b"250 taken\r\n")
        server.now_and_then(lambda: wire.sendall(b"2"))

    serve(talk)
    began = time.monotonic()
    with SmtpSender() as sender:
        assert isinstance(sender.send(mail("anna@example.com")), Receipt)
    assert time.monotonic() - began < LONGEST


def test_each_message_has_the_time_of_its_own(serve) -> None:
    """A line that has served for long is no reason to give the next message less."""
    messages = 3

    def talk(server: SlowServer, wire: socket.socket) -> None:
        server.greet(wire)
        for _ in range(messages):
            server.take_envelope(wire)
            wire.recv(4096)
            time.sleep(0.6 * TIMEOUT)
            wire.sendall(b"250 taken\r\n")
        wire.recv(4096)

    serve(talk)
    with SmtpSender() as sender:
        for _ in range(messages):
            assert isinstance(sender.send(mail("anna@example.com")), Receipt)
