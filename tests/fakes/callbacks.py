"""What providers report about messages they took, signed as each signs it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN = "AC" + "1" * 32, "twilio-token"
SIGNING_KEY = "mailgun-signing-key"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Taken:
    """One message a fake provider took; ``reference`` is what it was told of ours."""

    provider: str
    to: str
    connection: int = 0
    id: str = ""
    reference: str = ""
    callback: str = ""
    price: str = ""
    status: str = "accepted"
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_dict(self) -> dict[str, Any]:
        """Return what a test in another process counts by."""
        return {
            "provider": self.provider,
            "to": self.to,
            "connection": self.connection,
            "id": self.id,
            "reference": self.reference,
        }


def twilio_status(
    url: str, *, sid: str, status: str, to: str, token: str = TOKEN, **more: str
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a status report to ``url``, signed."""
    params = {
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "To": to,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        **more,
    }
    signature = RequestValidator(token).compute_signature(url, params)
    return urlencode(params).encode(), {
        "X-Twilio-Signature": signature,
        "Content-Type": FORM,
    }


def mailgun_signature(
    key: str = SIGNING_KEY, at: float | None = None
) -> dict[str, str]:
    """Return the ``signature`` object of a Mailgun event; ``at`` is its Unix time."""
    timestamp, token = (
        str(int(time.time() if at is None else at)),
        secrets.token_hex(25),
    )
    signed = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256)
    return {"timestamp": timestamp, "token": token, "signature": signed.hexdigest()}


def report(taken: Taken, statuses: Sequence[str]) -> None:
    """Tell the address that a text named what became of it, one call a status."""
    for status in statuses:
        body, headers = twilio_status(
            taken.callback, sid=taken.id, status=status, to=taken.to
        )
        request = urllib.request.Request(taken.callback, body, headers)
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            return
