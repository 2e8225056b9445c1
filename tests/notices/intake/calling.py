"""Providers' calls, built and signed as each provider documents them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from notices.intake import sns, work

PASSWORD = "postmark:a-long-random-word"
SIGNING_KEY = "mailgun-signing-key"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:duly"
TOKEN = "twilio-auth-token"
SHARED = {"webhooks_sharedkey_1": "shared-secret"}
PUBLIC = "https://bills.example.com"
CERTIFICATE_AT = (
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-"
    "0123456789abcdef0123456789abcdef.pem"
)
PHONE = "+447700900123"


def configure(settings: Any) -> None:
    """Set every secret, as a house does that has all providers."""
    settings.HOOK_PASSWORD = [PASSWORD]
    settings.MAILGUN_SIGNING_KEY = SIGNING_KEY
    settings.SES_TOPICS = [TOPIC]
    settings.TWILIO_AUTH_TOKEN = TOKEN
    settings.TWILIO_SHARED_KEYS = SHARED
    settings.PUBLIC_URL = PUBLIC


def basic(password: str = PASSWORD) -> dict[str, str]:
    """Return the header of basic authentication."""
    word = base64.b64encode(password.encode()).decode()
    return {"Authorization": f"Basic {word}"}


def post(
    path: str,
    body: bytes | dict[str, Any] | list[Any],
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> HttpResponse:
    """Call a hook as a provider does: no cookie, no token."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(
        f"/{path}", data=data, content_type=content_type, headers=headers or {}
    )


def read() -> dict[str, int]:
    """Let the worker read what came in, now; return how many calls ended how."""
    return dict(work.take(clock=timezone.now))


# Postmark, Brevo, Mailjet -----------------------------------------------------


def postmark(body: dict[str, Any], kind: str = "tracking") -> HttpResponse:
    """Call as Postmark does: JSON behind a password in the address."""
    return post(f"hooks/postmark/{kind}", body, basic())


def postmark_bounce(reference: str, word: str = "HardBounce", **more: Any) -> Any:
    """Return the event of a bounce."""
    return {
        "RecordType": "Bounce",
        "MessageStream": "outbound",
        "ID": 4323372036854775807,
        "Type": word,
        "TypeCode": 1,
        "Name": word,
        "Tag": "",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"notice": reference, "attempt": f"{reference}.1"},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 The email account does not exist.",
        "Email": "alice@example.com",
        "From": "billing@northwind.example",
        "BouncedAt": "2026-03-10T10:01:00Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Your bill is late",
    } | more


def postmark_delivery(reference: str, **more: Any) -> Any:
    """Return the event of a delivery."""
    return {
        "RecordType": "Delivery",
        "ServerID": 23,
        "MessageStream": "outbound",
        "MessageID": "00000000-0000-0000-0000-000000000000",
        "Recipient": "alice@example.com",
        "Tag": "",
        "DeliveredAt": "2026-03-10T10:00:30Z",
        "Details": "Message accepted",
        "Metadata": {"notice": reference, "attempt": f"{reference}.1"},
    } | more


def postmark_complaint(reference: str) -> Any:
    """Return the event of a complaint."""
    return postmark_bounce(reference, "SpamComplaint", RecordType="SpamComplaint")


def postmark_mail(text: str, *, headers: Any = (), **more: Any) -> Any:
    """Return a mail of a customer as Postmark hands it on."""
    return {
        "FromName": "Alice Late",
        "MessageStream": "inbound",
        "From": "alice@example.com",
        "FromFull": {"Email": "alice@example.com", "Name": "Alice", "MailboxHash": ""},
        "To": "care@northwind.example",
        "ToFull": [{"Email": "care@northwind.example", "Name": "", "MailboxHash": ""}],
        "OriginalRecipient": "care@northwind.example",
        "Subject": "Re: Your bill is late",
        "MessageID": hashlib.md5(repr(text).encode()).hexdigest(),
        "Date": "Tue, 10 Mar 2026 10:05:00 +0000",
        "TextBody": text,
        "HtmlBody": "",
        "StrippedTextReply": "",
        "Tag": "",
        "Headers": [{"Name": name, "Value": value} for name, value in headers],
        "Attachments": [],
    } | more


def brevo(reference: str, event: str) -> HttpResponse:
    """Call as Brevo does."""
    body = {
        "event": event,
        "email": "alice@example.com",
        "id": 26224,
        "date": "2026-03-10 11:00:00",
        "ts": 1773136800,
        "message-id": f"<{reference}.1@northwind.example>",
        "ts_event": 1773136800,
        "subject": "Your bill is late",
        "X-Mailin-custom": json.dumps({"notice": reference}),
        "sending_ip": "185.41.28.109",
        "ts_epoch": 1773136800000,
        "reason": "server is down",
    }
    return post("hooks/brevo/tracking", body, basic())


def mailjet(*events: dict[str, Any]) -> HttpResponse:
    """Call as Mailjet does: several events at once."""
    return post("hooks/mailjet/tracking", list(events), basic())


def mailjet_event(reference: str, event: str, **more: Any) -> dict[str, Any]:
    """Return one event of Mailjet's."""
    return {
        "event": event,
        "time": 1773136800,
        "MessageID": 19421777835146490,
        "email": "alice@example.com",
        "mj_campaign_id": 7257,
        "customcampaign": "",
        "CustomID": "",
        "Payload": json.dumps({"notice": reference}),
    } | more


# Mailgun ----------------------------------------------------------------------


def mailgun_signature(
    token: str = "a" * 50, at: dt.datetime | None = None, key: str = SIGNING_KEY
) -> dict[str, str]:
    """Return the block Mailgun signs a call with."""
    stamp = str(int((at or timezone.now()).timestamp()))
    digest = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256)
    return {"timestamp": stamp, "token": token, "signature": digest.hexdigest()}


def mailgun_event(reference: str, event: str = "failed", **more: Any) -> Any:
    """Return the data of one event of Mailgun's."""
    return {
        "event": event,
        "severity": "permanent",
        "reason": "bounce",
        "timestamp": 1773136800.57,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "recipient": "alice@example.com",
        "user-variables": {"notice": reference},
        "delivery-status": {"code": 550, "message": "5.1.1 No such user"},
        "message": {"headers": {"message-id": f"{reference}.1@northwind.example"}},
        "tags": [],
    } | more


def mailgun(event: Any, signature: Any = None, *, password: bool = True) -> Any:
    """Call as Mailgun does."""
    body = {"signature": signature or mailgun_signature(), "event-data": event}
    return post("hooks/mailgun/tracking", body, basic() if password else {})


# Amazon SES -------------------------------------------------------------------


@cache
def amazon() -> tuple[rsa.RSAPrivateKey, bytes]:
    """Return a key and a certificate that stand for Amazon's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2060, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
    )
    return key, certificate.public_bytes(Encoding.PEM)


def sns_message(event: Any, **more: Any) -> dict[str, Any]:
    """Return what SNS sends, signed."""
    message = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps(event),
        "Timestamp": "2026-03-10T10:01:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_AT,
    } | more
    return signed(message)


def signed(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message of SNS with the signature it should have."""
    algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()
    signature = amazon()[0].sign(sns.signed_text(message), PKCS1v15(), algorithm)
    return message | {"Signature": base64.b64encode(signature).decode()}


def ses(message: dict[str, Any], kind: str = "tracking") -> HttpResponse:
    """Call as SNS does."""
    headers = {
        "x-amz-sns-message-type": message["Type"],
        "x-amz-sns-message-id": message["MessageId"],
    }
    return post(f"hooks/ses/{kind}", message, headers, "text/plain; charset=UTF-8")


def ses_bounce(reference: str, kind: str = "Permanent", status: str = "5.1.1") -> Any:
    """Return the event of a bounce as SES publishes it."""
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": [
                {
                    "emailAddress": "alice@example.com",
                    "action": "failed",
                    "status": status,
                    "diagnosticCode": f"smtp; 550 {status} alice@example.com",
                }
            ],
            "timestamp": "2026-03-10T10:01:00.000Z",
            "feedbackId": "01000157c44f053b",
        },
        "mail": {
            "timestamp": "2026-03-10T10:00:00.000Z",
            "source": "billing@northwind.example",
            "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a",
            "destination": ["alice@example.com"],
            "headersTruncated": False,
            "headers": [
                {"name": "From", "value": "billing@northwind.example"},
                {"name": "X-Metadata", "value": json.dumps({"notice": reference})},
                {"name": "X-Duly-Notice", "value": reference},
            ],
        },
    }


# Twilio -----------------------------------------------------------------------


def twilio(
    path: str,
    said: dict[str, str],
    *,
    shared: str = "",
    secret: str = TOKEN,
    base: str = PUBLIC,
) -> HttpResponse:
    """Call as Twilio does, signed by Twilio's own code; ``shared`` names a key."""
    algorithm = "HMAC_SHA256" if shared else "HMAC_SHA1"
    signature = RequestValidator(secret).compute_signature(
        f"{base}/{path}", said, algorithm
    )
    headers = {"X-Twilio-Signature": signature}
    if shared:
        headers["X-Twilio-Webhooks-Signature-Settings"] = (
            f"key={shared},algorithm=HMAC_SHA256"
        )
    return post(
        path, urlencode(said).encode(), headers, "application/x-www-form-urlencoded"
    )


def text_status(reference: str, status: str, code: str = "") -> HttpResponse:
    """Report what became of a text message."""
    said = {
        "SmsSid": "SM" + "1" * 32,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": PHONE,
        "MessageSid": "SM" + "1" * 32,
        "AccountSid": "AC" + "2" * 32,
        "From": "+447700900999",
        "ApiVersion": "2010-04-01",
    }
    if code:
        said["ErrorCode"] = code
    return twilio(f"hooks/twilio/status/{reference}", said)


def text_from(words: str, *, sid: str = "", **more: str) -> HttpResponse:
    """Hand on a text message of a customer."""
    digest = hashlib.md5((words + sid).encode()).hexdigest()
    said = {
        "ToCountry": "GB",
        "SmsMessageSid": f"SM{digest}",
        "NumMedia": "0",
        "SmsStatus": "received",
        "Body": words,
        "FromCountry": "GB",
        "To": "+447700900999",
        "MessagingServiceSid": "MG" + "3" * 32,
        "NumSegments": "1",
        "MessageSid": f"SM{digest}",
        "AccountSid": "AC" + "2" * 32,
        "From": PHONE,
        "ApiVersion": "2010-04-01",
    } | more
    return twilio("hooks/twilio/inbound", said)
