"""Reads a stored call: providers' own formats in, our words out.

E-mail is read by anymail's own views, text messages by hand. Touches no row. Reading
may fetch a mail that the provider keeps elsewhere, so it is done outside of any
transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from anymail.exceptions import AnymailInvalidAddress
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from anymail.webhooks.amazon_ses import (
    AmazonSESInboundWebhookView,
    AmazonSESTrackingWebhookView,
)
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView, BrevoTrackingWebhookView
from anymail.webhooks.mailgun import (
    MailgunInboundWebhookView,
    MailgunTrackingWebhookView,
)
from anymail.webhooks.mailjet import (
    MailjetInboundWebhookView,
    MailjetTrackingWebhookView,
)
from anymail.webhooks.postmark import (
    PostmarkInboundWebhookView,
    PostmarkTrackingWebhookView,
)
from django.http import QueryDict

from notices.intake import meaning
from notices.intake.automatic import is_automatic
from notices.intake.envelope import request_of
from notices.intake.quoted import own_words, text_of_html, tidy
from notices.intake.told import News, Said, Told
from notices.models import REFERENCE_ALPHABET, REFERENCE_LENGTH, ProviderCall

Kind = ProviderCall.Kind

_REFERENCE = f"[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}"
# A notice's reference, alone or with the number of an attempt behind it.
_OURS = re.compile(rf"({_REFERENCE})(?:\.\d{{1,4}})?")
# In words that were typed on a telephone.
_QUOTED = re.compile(rf"\b{_REFERENCE}\b", re.IGNORECASE)
_OUR_MESSAGE = re.compile(rf"<?({_REFERENCE})\.\d{{1,4}}@")


class NeedsStaff(Exception):
    """A call that only a person can act on; the text says how."""


class _Brevo(BrevoInboundWebhookView):  # type: ignore[misc]
    """Counts attachments and leaves them where they are."""

    def _fetch_attachment(self, attachment: Mapping[str, Any]) -> Any:
        return AnymailInboundMessage.construct_attachment(
            content_type="application/octet-stream",
            content=b"",
            filename=str(attachment.get("Name", "")),
        )


# The calls were verified when they came in, so the views only read here.
_READ = {"webhook_secret": ["verified:before"]}
_VIEWS: dict[tuple[str, str], tuple[type[AnymailCoreWebhookView], dict[str, Any]]] = {
    ("postmark", Kind.TRACKING): (PostmarkTrackingWebhookView, _READ),
    ("postmark", Kind.INBOUND): (PostmarkInboundWebhookView, _READ),
    ("mailjet", Kind.TRACKING): (MailjetTrackingWebhookView, _READ),
    ("mailjet", Kind.INBOUND): (MailjetInboundWebhookView, _READ),
    ("brevo", Kind.TRACKING): (BrevoTrackingWebhookView, _READ),
    ("brevo", Kind.INBOUND): (_Brevo, {**_READ, "api_key": "", "api_url": "-"}),
    ("mailgun", Kind.TRACKING): (
        MailgunTrackingWebhookView,
        {**_READ, "webhook_signing_key": "-"},
    ),
    ("mailgun", Kind.INBOUND): (
        MailgunInboundWebhookView,
        {**_READ, "webhook_signing_key": "-"},
    ),
    ("ses", Kind.TRACKING): (
        AmazonSESTrackingWebhookView,
        {**_READ, "auto_confirm_sns_subscriptions": False},
    ),
    ("ses", Kind.INBOUND): (
        AmazonSESInboundWebhookView,
        {**_READ, "auto_confirm_sns_subscriptions": False},
    ),
}


def parse(call: ProviderCall) -> list[Told]:
    """Return what a call tells, in its own order; empty when it tells nothing.

    :raises NeedsStaff: only a person can act on it.
    :raises Exception: whatever a reader of broken input may raise.
    """
    if call.kind == Kind.SMS_STATUS:
        return [_status(call)]
    if call.kind == Kind.SMS_INBOUND:
        return [_text(call)]
    if call.provider == "ses":
        _refuse_subscription(call.content)
    view, options = _VIEWS[call.provider, call.kind]
    events = view(**options).parse_events(request_of(call))
    if call.kind == Kind.INBOUND:
        return [_mail(call, event) for event in events]
    return [_event(call, event) for event in events]


def _refuse_subscription(body: bytes) -> None:
    """Return unless Amazon asks whether it may speak to us: nothing confirms itself.

    :raises NeedsStaff: it does.
    """
    message = json.loads(body)
    if message.get("Type") == "SubscriptionConfirmation":
        raise NeedsStaff(
            "Amazon SNS asks to confirm a subscription. Confirm it in the SNS console "
            "with the SubscribeURL of this call."
        )


# What became of a message ----------------------------------------------------


def _event(call: ProviderCall, event: AnymailTrackingEvent) -> News:
    words = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    answer = _first(event.mta_response)
    outcome = meaning.of_mail(
        call.provider, event.event_type, words, answer or _ses_status(event)
    )
    address = _first(event.recipient)
    reference = _mail_reference(event, words)
    return News(
        provider=call.provider,
        channel="email",
        outcome=outcome,
        event_id=_digest(
            *(reference, event.event_type, outcome.name, event.message_id, address),
            *(event.timestamp, event.event_id),
        ),
        reference=reference,
        address=address,
        occurred_at=_moment(event.timestamp, call),
        details={
            "type": _first(event.event_type),
            "means": outcome.name,
            "answer": tidy(answer.replace(address, "…") if address else answer)[:300],
        },
    )


def _ses_status(event: AnymailTrackingEvent) -> str:
    """Return the enhanced status Amazon gives beside the server's answer."""
    bounced = meaning.at(event.esp_event, "bounce.bouncedRecipients")
    for one in bounced if isinstance(bounced, list) else ():
        if isinstance(one, Mapping) and one.get("emailAddress") == event.recipient:
            return _first(one.get("status"))
    return ""


def _mail_reference(event: AnymailTrackingEvent, words: Mapping[str, Any]) -> str:
    """Return the notice's reference out of metadata, Message-ID or our own header."""
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    headers = meaning.at(words, "mail.headers")
    ours: list[object] = [*metadata.values()]
    messages: list[object] = [event.message_id]
    for header in headers if isinstance(headers, list) else ():
        name = str(header.get("name", "")).lower()
        if name == "x-duly-notice":
            ours.append(header.get("value"))
        elif name == "message-id":
            messages.append(header.get("value"))
    return _reference(ours) or _answered(map(_first, messages))


def _status(call: ProviderCall) -> News:
    said = QueryDict(call.content)
    status, code = said.get("MessageStatus", ""), said.get("ErrorCode", "")
    outcome = meaning.of_text(status, code)
    return News(
        provider=call.provider,
        channel="sms",
        outcome=outcome,
        event_id=_digest(said["MessageSid"], status, code),
        reference=_reference([call.reference]),
        address=said.get("To", ""),
        occurred_at=call.received_at,
        details={"status": status[:40], "code": code[:10], "means": outcome.name},
    )


# What a person wrote ---------------------------------------------------------


def _text(call: ProviderCall) -> Said:
    said = QueryDict(call.content)
    media = said.get("NumMedia", "0")
    words = tidy(said.get("Body", ""))
    quoted = _QUOTED.search(words)
    return Said(
        provider=call.provider,
        channel="sms",
        message_id=said["MessageSid"][:64],
        sender=said.get("From", ""),
        subject="",
        text=words,
        attachments=min(int(media), 100) if media.isdecimal() else 0,
        reference=quoted[0].upper() if quoted else "",
        keyword=said.get("OptOutType", "").upper(),
        is_automatic=False,
        received_at=call.received_at,
    )


def _mail(call: ProviderCall, event: AnymailInboundEvent) -> Said:
    message = event.message
    plain = message.text or text_of_html(message.html or "")
    sender = _sender(message)
    threads = f"{message.get('In-Reply-To', '')} {message.get('References', '')}"
    return Said(
        provider=call.provider,
        channel="email",
        message_id=_digest(event.event_id, message.get("Message-ID"), sender, plain),
        sender=sender or message.envelope_sender or "",
        subject=tidy(str(message.subject or "")).replace("\n", " ")[:300],
        text=own_words(plain),
        attachments=min(len(message.attachments), 100),
        # The newest mail of the thread stands last.
        reference=_answered(reversed(threads.split())),
        keyword="",
        is_automatic=is_automatic(message, sender, message.envelope_sender)
        or bool(message.spam_detected),
        received_at=call.received_at,
    )


def _sender(message: AnymailInboundMessage) -> str:
    try:
        return str(message.from_email.addr_spec) if message.from_email else ""
    except (AnymailInvalidAddress, ValueError):
        return str(message.get("From", ""))


# Small change ----------------------------------------------------------------


def _reference(values: Iterable[object]) -> str:
    return next(_matches(_OURS.fullmatch, values), "")


def _answered(message_ids: Iterable[str]) -> str:
    return next(_matches(_OUR_MESSAGE.match, message_ids), "")


def _matches(match: Any, values: Iterable[object]) -> Iterator[str]:
    for value in values:
        found = match(value) if isinstance(value, str) else None
        if found:
            yield found[1]


def _moment(told: object, call: ProviderCall) -> dt.datetime:
    """Return when it happened; never later than we heard of it."""
    if isinstance(told, dt.datetime) and told.tzinfo is not None:
        return min(told, call.received_at)
    return call.received_at


def _first(value: object) -> str:
    return value if isinstance(value, str) else ""


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
