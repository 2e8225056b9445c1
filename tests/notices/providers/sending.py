"""Settings that point every provider's real SDK at the fake, and messages to send."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings

from config import providers
from notices.render.facts import Attachment
from notices.render.mime import Envelope, Words, message_bytes, skeleton
from notices.senders import Outgoing
from tests.fakes.http_providers import FakeProviders
from tests.fakes.spoken import ACCOUNT, DOMAIN, KEY, SECRET, TOKEN

WHEN = dt.datetime(2026, 3, 10, 10, 0, tzinfo=dt.UTC)
MAIL = ("postmark", "mailgun", "ses", "brevo", "mailjet")
# Those that are asked in fields, and write the message anew.
IN_FIELDS = ("postmark", "brevo", "mailjet")
ANNA = "anna@example.com"
NUMBER = "+447700900123"


def mail_url(fake: FakeProviders, provider: str, seconds: int = 2) -> str:
    """Return the EMAIL_URL that leads to the fake."""
    path = {"mailgun": "/v3/", "brevo": "/v3/", "mailjet": "/v3.1/"}
    api = f"api={fake.url(provider)}{path.get(provider, '')}&timeout={seconds}"
    return {
        "postmark": f"postmark://{KEY}@?{api}",
        "mailgun": f"mailgun://{KEY}@{DOMAIN}?{api}",
        "ses": f"ses://{KEY}:{SECRET}@?region=eu-central-1&{api}",
        "brevo": f"brevo://{KEY}@?{api}",
        "mailjet": f"mailjet://{KEY}:{SECRET}@?{api}",
    }[provider]


@contextmanager
def mail_by(url: str) -> Iterator[None]:
    """Send e-mail by the provider an EMAIL_URL names."""
    live = {"CHANNELS": {"email": "anymail", "letter": "print"}}
    with override_settings(**live, **providers.email(url, connections=4)):
        yield


@contextmanager
def texts_by(fake: FakeProviders, **others: Any) -> Iterator[None]:
    """Send texts by the fake Twilio."""
    told = {
        "CHANNELS": {"sms": "twilio"},
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "2" * 32,
        "TWILIO_API_URL": fake.url("twilio"),
        "SMS_COUNTRIES": frozenset({"GB"}),
        "SMS_TIMEOUT": 2,
        "PUBLIC_URL": "https://bills.example.com",
    }
    with override_settings(**told | others):
        yield


TEXT = "Grüezi Frau Müller\n\nYour bill of 42,50 € is late.\n"
HTML = "<p>Grüezi Frau Müller</p>\n<p>Your bill of 42,50&nbsp;€ is late.</p>\n"


def written(
    to: str = ANNA,
    *,
    reference: str = "7QK2M9XW4BTD",
    text: str = TEXT,
    html: str = HTML,
    files: tuple[Attachment, ...] = (),
    name: str = "Stadtwerk Köln & Söhne",
    subject: str = "Ihre Rechnung für März",
) -> bytes:
    """Return an e-mail as the product writes it."""
    return message_bytes(
        skeleton(name, "bills@example.org", "ask@example.org", "de"),
        Envelope(
            recipient=to,
            reference=reference,
            when=WHEN,
            can_stop=True,
            unsubscribe_url="https://bills.example.com/stop/abc",
        ),
        Words(subject, text, html),
        files,
    )


def mail(to: str = ANNA, body: bytes | None = None) -> Outgoing:
    """Return an e-mail on its way."""
    body = written(to) if body is None else body
    return Outgoing(
        reference="7QK2M9XW4BTD",
        channel="email",
        destination=to,
        sender="bills@example.org",
        media_type="message/rfc822",
        body=body,
        sha256=hashlib.sha256(body).digest(),
        idempotency_key="7QK2M9XW4BTD.1",
    )


def text(to: str = NUMBER, words: str = "Your bill is late.", **more: Any) -> Outgoing:
    """Return a text on its way."""
    return Outgoing(
        reference="7QK2M9XW4BTD",
        channel="sms",
        destination=to,
        sender="bills@example.org",
        media_type="text/plain; charset=utf-8",
        body=words.encode(),
        sha256=hashlib.sha256(words.encode()).digest(),
        idempotency_key="7QK2M9XW4BTD.1",
        **more,
    )
