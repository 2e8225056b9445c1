"""Decides whether a call is a provider's own, by the best proof that provider gives.

Returns what makes the call this call and no other, so that a second copy of it is
known. Reads no more of the content than the proof needs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable

from anymail.webhooks.base import AnymailBasicAuthMixin
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, QueryDict
from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

from notices.intake import sns
from notices.intake.providers import Hook, is_open

# Mailgun signs neither body nor address, so an old signature must not serve again.
FRESH = dt.timedelta(minutes=5)


class Refused(Exception):
    """A call that is not proven to be the provider's; the text is for our own log."""


class _Password(AnymailBasicAuthMixin):  # type: ignore[misc]
    esp_name = "provider"


class _Mailgun(MailgunTrackingWebhookView):  # type: ignore[misc]
    """Mailgun's signature alone: its calls of both kinds are signed alike."""


def verify_headers(request: HttpRequest, hook: Hook) -> None:
    """Return when what can be asked before the body is read is right.

    :raises Refused: the hook is closed, or the password is missing or wrong.
    """
    if not is_open(hook.provider):
        raise Refused("its secrets are not set here")
    if hook.provider in _BY_PASSWORD:
        _Password(webhook_secret=settings.HOOK_PASSWORD).run_validators(request)


def verify(request: HttpRequest, hook: Hook, now: dt.datetime) -> str:
    """Return what tells this call from every other of its provider.

    The body has been read. Nothing of a call that fails here is kept.

    :raises Refused: the proof is missing or wrong.
    """
    return _PROOFS[hook.provider](request, hook, now)


def _by_body(request: HttpRequest, hook: Hook, now: dt.datetime) -> str:
    return hashlib.sha256(request.body).hexdigest()


def _mailgun(request: HttpRequest, hook: Hook, now: dt.datetime) -> str:
    view = _Mailgun(
        webhook_signing_key=settings.MAILGUN_SIGNING_KEY,
        webhook_secret=settings.HOOK_PASSWORD,
    )
    view.run_validators(request)
    if request.content_type == "application/json":
        block = json.loads(request.body)["signature"]
    else:
        block = request.POST
    signed_at = dt.datetime.fromtimestamp(int(block["timestamp"]), dt.UTC)
    if abs(now - signed_at) > FRESH:
        raise Refused("its signature is older than five minutes")
    return str(block["token"])


def _ses(request: HttpRequest, hook: Hook, now: dt.datetime) -> str:
    message = json.loads(request.body)
    if message.get("TopicArn") not in settings.SES_TOPICS:
        raise Refused("its topic is not in SES_TOPICS")
    region = str(message["TopicArn"]).split(":")[3]
    if not str(message.get("SigningCertURL")).startswith(f"https://sns.{region}."):
        raise Refused("its certificate is of another region")
    sns.verify(message, now=now)
    return str(message["MessageId"])


def _twilio(request: HttpRequest, hook: Hook, now: dt.datetime) -> str:
    secret, algorithm = _twilio_key(request.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
    said = QueryDict(request.body, encoding="utf-8")
    is_signed = RequestValidator(secret).validate(
        # Behind a proxy the address we see is not the one that was signed.
        f"{settings.PUBLIC_URL}{request.get_full_path()}",
        said,
        request.headers.get(SIGNATURE_HEADER, ""),
        algorithm,
    )
    if not is_signed:
        raise Refused("its signature is wrong")
    return f"{said['MessageSid']}:{said.get('MessageStatus', '')}"


def _twilio_key(named: str) -> tuple[str, str]:
    """Return secret and algorithm for what a header names, from our own list only.

    :raises Refused: the header names what we have not.
    """
    if not named:
        return settings.TWILIO_AUTH_TOKEN, HMAC_SHA1
    parts = {
        name.strip(): value.strip()
        for name, _, value in (part.partition("=") for part in named.split(","))
    }
    secret = settings.TWILIO_SHARED_KEYS.get(parts.get("key", ""))
    if secret is None or parts.get("algorithm") != HMAC_SHA256:
        raise Refused("it is signed with a key that is not in TWILIO_SHARED_KEYS")
    return secret, HMAC_SHA256


_BY_PASSWORD = frozenset({"postmark", "brevo", "mailjet", "mailgun"})
_PROOFS: dict[str, Callable[[HttpRequest, Hook, dt.datetime], str]] = {
    "postmark": _by_body,
    "brevo": _by_body,
    "mailjet": _by_body,
    "mailgun": _mailgun,
    "ses": _ses,
    "twilio": _twilio,
}
