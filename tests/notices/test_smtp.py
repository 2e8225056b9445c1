"""E-mail over a real SMTP conversation: taken, refused, deferred, cut off."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from notices.senders import Outgoing, SendError
from notices.senders.smtp import SmtpSender


class MailServer:
    """A mail server whose answer depends on the mailbox, as on a bad day."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.sessions: set[int] = set()

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address == "bad@example.com":
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any
    ) -> str:
        self.sessions.add(id(session))
        mailbox = address.partition("@")[0]
        answers = {
            "nobody": "550 5.1.1 no such mailbox",
            "full": "452 4.2.2 mailbox full",
            "banned": "550 5.7.1 relaying denied",
            "quota": "550 5.4.5 daily quota exceeded",
            "bare": "550 no",
        }
        if mailbox == "hang-up":
            server.transport.close()
        if mailbox in answers:
            return answers[mailbox]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.taken.append(envelope)
        if envelope.rcpt_tos == ["cut@example.com"]:
            server.transport.close()
        if envelope.rcpt_tos == ["spam@example.com"]:
            return "554 5.7.1 looks like spam"
        return "250 2.0.0 queued as 4711"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """Return a mail server on this machine that Django's mail settings point at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    controller.start()
    yield server
    controller.stop()


def mail(to: str, body: bytes = b"Subject: Hello\r\n\r\nGood day.\r\n") -> Outgoing:
    return Outgoing(
        reference="ABC123",
        channel="email",
        destination=to,
        sender="bills@example.com",
        media_type="message/rfc822",
        body=body,
        sha256=hashlib.sha256(body).digest(),
        idempotency_key="ABC123.1",
    )


def test_the_stored_bytes_arrive_as_they_are(mail_server: MailServer) -> None:
    body = b"Subject: Dots\r\n\r\n.one dot\r\n..two dots\r\n"

    with SmtpSender() as sender:
        receipt = sender.send(mail("anna@example.com", body))

    assert receipt.provider_reference == "2.0.0 queued as 4711"
    assert mail_server.taken[0].original_content == body
    assert mail_server.taken[0].mail_from == "bills@example.com"


def test_a_batch_uses_one_connection(mail_server: MailServer) -> None:
    with SmtpSender() as sender:
        for name in ("a", "b", "c"):
            sender.send(mail(f"{name}@example.com"))

    assert len(mail_server.sessions) == 1


@pytest.mark.parametrize(
    ("mailbox", "permanent", "bad_address", "code"),
    [
        ("nobody", True, True, "550"),
        ("full", False, False, "452"),
        ("banned", False, False, "relaying denied"),
        ("quota", False, False, "5.4.5"),
        ("bare", True, False, "550"),
        ("spam", True, False, "554"),
    ],
)
def test_a_refusal_says_whether_trying_again_helps(
    mail_server: MailServer, mailbox: str, permanent: bool, bad_address: bool, code: str
) -> None:
    with SmtpSender() as sender:
        with pytest.raises(SendError, match=code) as caught:
            sender.send(mail(f"{mailbox}@example.com"))
        sender.send(mail("anna@example.com"))

    assert (caught.value.permanent, bool(caught.value.suppresses)) == (
        permanent,
        bad_address,
    )
    assert not caught.value.unknown


def test_a_refused_sender_never_blames_the_customer(mail_server: MailServer) -> None:
    message = dataclasses.replace(mail("anna@example.com"), sender="bad@example.com")

    with SmtpSender() as sender, pytest.raises(SendError, match="530") as caught:
        sender.send(message)

    assert (caught.value.permanent, caught.value.suppresses) == (False, "")


def test_a_line_cut_before_the_message_may_be_tried_again(
    mail_server: MailServer,
) -> None:
    with SmtpSender() as sender, pytest.raises(SendError) as caught:
        sender.send(mail("hang-up@example.com"))

    assert not caught.value.unknown
    assert not caught.value.permanent


def test_a_line_cut_after_the_message_is_unknown(mail_server: MailServer) -> None:
    with SmtpSender() as sender:
        with pytest.raises(SendError) as caught:
            sender.send(mail("cut@example.com"))
        sender.send(mail("anna@example.com"))

    assert caught.value.unknown


def test_a_server_that_is_away_is_tried_later(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    with SmtpSender() as sender, pytest.raises(SendError) as caught:
        sender.send(mail("anna@example.com"))

    assert not caught.value.permanent
    assert not caught.value.unknown
