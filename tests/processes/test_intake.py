"""A provider's signed call over a socket, a real web server and a real worker."""

from __future__ import annotations

import base64
import json
import socket
import sys
import urllib.request

import pytest

from tests.factories import make_attempt, make_customer, make_notice
from tests.house import House

pytestmark = pytest.mark.processes


def fill() -> None:
    """Write a message that went to Alice."""
    notice = make_notice(make_customer(email="alice@example.com"), state="sent")
    make_attempt(notice, destination="alice@example.com")


def test_a_bounce_told_over_a_socket_stops_the_address(house: House) -> None:
    house.write(fill)
    reference = house.ask("SELECT reference FROM notices_notice")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = {"HOOK_PASSWORD": "postmark:secret"}
    house.start(
        sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}",
        "--no-control-socket", **secret,
    )  # fmt: skip
    house.start_worker(**secret)
    body = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "alice@example.com",
            "BouncedAt": "2026-03-10T10:00:00Z", "Metadata": {"notice": reference},
            "MessageID": "1"}  # fmt: skip

    house.wait_until(lambda: _post(port, body) == 200)

    house.wait_until(
        lambda: (
            house.ask("SELECT state FROM notices_notice") == "failed"
            and house.ask("SELECT reason FROM consent_suppression") == "hard_bounce"
            and house.ask("SELECT state FROM notices_providercall") == "done"
        )
    )


def _post(port: int, body: object) -> int:
    word = base64.b64encode(b"postmark:secret").decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/hooks/postmark/tracking",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Basic {word}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0
