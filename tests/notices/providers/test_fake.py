"""The counterpart itself: a process of its own, and reports signed as Twilio signs."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import urllib.request
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from twilio.request_validator import RequestValidator

from notices.senders import SendError, sender_for
from tests.fakes.http_providers import running
from tests.fakes.spoken import TOKEN
from tests.notices.providers.sending import NUMBER, text, texts_by


def test_it_runs_as_a_process_and_tells_what_it_took() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.http_providers", "0"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        there = f"http://127.0.0.1:{process.stdout.readline().split()[1]}"
        told = json.dumps({NUMBER: {"status": 429, "times": 1}}).encode()
        urllib.request.urlopen(f"{there}/_fake/fates", told).close()
        with (
            running() as unused,
            texts_by(unused, TWILIO_API_URL=f"{there}/twilio"),
            sender_for("sms") as sender,
        ):
            with pytest.raises(SendError) as caught:
                sender.send(text())
            sender.send(text())
        with urllib.request.urlopen(f"{there}/_fake/taken") as answer:
            (taken,) = json.load(answer)["taken"]
    finally:
        process.terminate()
        process.wait()

    assert caught.value.backs_off
    assert (taken["to"], taken["reference"]) == (NUMBER, "7QK2M9XW4BTD")


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps the reports it is given."""

    heard: list[tuple[str, dict[str, str], str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = {name: values[0] for name, values in parse_qs(body).items()}
        self.heard.append((self.path, params, self.headers["X-Twilio-Signature"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_it_reports_to_the_address_a_text_names_signed_as_twilio_signs() -> None:
    Listener.heard = []
    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    public = f"http://127.0.0.1:{server.server_port}"
    with running(reports=("sent", "delivered")) as fake:
        with texts_by(fake, PUBLIC_URL=public), sender_for("sms") as sender:
            receipt = sender.send(text())
        fake.wait_for_reports()
    server.shutdown()
    server.server_close()

    assert [params["MessageStatus"] for _, params, _ in Listener.heard] == [
        "sent",
        "delivered",
    ]
    path, params, signature = Listener.heard[0]
    assert params["MessageSid"] == receipt.provider_reference
    assert path.endswith("/7QK2M9XW4BTD")
    assert RequestValidator(TOKEN).validate(public + path, params, signature)
