"""The lines to providers: kept, opened anew, and never to somebody else."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notices.senders import SendError, sender_for
from tests.fakes.http_providers import FakeProviders
from tests.notices.providers.sending import (
    MAIL,
    mail,
    mail_by,
    mail_url,
    text,
    texts_by,
)
from tests.notices.providers.test_mail_refused import kind_of


@pytest.mark.parametrize("provider", MAIL)
def test_an_idle_line_the_provider_closed_is_opened_anew(
    fake: FakeProviders, provider: str
) -> None:
    with mail_by(mail_url(fake, provider)), sender_for("email") as sender:
        sender.send(mail())
        fake.hang_up()
        time.sleep(0.05)
        sender.send(mail())

    assert len({one.connection for one in fake.taken}) == 2


def test_an_idle_line_twilio_closed_is_opened_anew(fake: FakeProviders) -> None:
    with texts_by(fake), sender_for("sms") as sender:
        sender.send(text())
        fake.hang_up()
        time.sleep(0.05)
        sender.send(text())

    assert len({one.connection for one in fake.taken}) == 2


def test_a_batch_of_texts_keeps_its_line(fake: FakeProviders) -> None:
    with texts_by(fake), sender_for("sms") as sender:
        for _ in range(3):
            sender.send(text())

    assert len({one.connection for one in fake.taken}) == 1


@pytest.mark.parametrize("provider", MAIL)
def test_many_threads_send_email_at_once(fake: FakeProviders, provider: str) -> None:
    fake.latency = 0.2
    with mail_by(mail_url(fake, provider)), sender_for("email") as sender:
        threads = [
            threading.Thread(target=sender.send, args=(mail(),)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(fake.taken) == fake.busiest == 4


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server with a certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path_factory.mktemp("tls")))
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(line, server_side=True).close()
            except OSError:
                line.close()

    threading.Thread(target=greet, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "impostor.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("provider", MAIL)
def test_a_provider_nobody_vouches_for_is_told_nothing(
    fake: FakeProviders, provider: str, impostor: str
) -> None:
    there = f"http://127.0.0.1:{fake.port}"
    url = mail_url(fake, provider).replace(there, impostor)

    with mail_by(url), sender_for("email") as sender, pytest.raises(SendError) as no:
        sender.send(mail())

    assert kind_of(no.value) == "stops_lane"


def test_a_twilio_nobody_vouches_for_is_told_nothing(
    fake: FakeProviders, impostor: str
) -> None:
    with (
        texts_by(fake, TWILIO_API_URL=impostor),
        sender_for("sms") as sender,
        pytest.raises(SendError) as no,
    ):
        sender.send(text())

    assert kind_of(no.value) == "stops_lane"
