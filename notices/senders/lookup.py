"""Asks a provider whether it has a message that nobody knows the fate of.

Yes and no count only when they are sure: yes, when the message is found there; no, when
it is not there long after the provider would show it. Whatever else comes back is "ask
again later", and in the end staff decide. Brevo and SES cannot be asked by a reference
of ours; their reports settle it.
"""

from __future__ import annotations

import datetime as dt
import email
from collections.abc import Callable
from email import policy
from typing import Any
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.utils import timezone

from notices.copies import unpack
from notices.models import Attempt, SandboxMessage, SentCopy
from notices.senders.http import CONNECT_SECONDS

# How long after it was handed over a provider's list can be trusted to be complete.
# Mailgun itself says half an hour of its events.
PATIENCE = {
    "sandbox": dt.timedelta(0),
    "twilio": dt.timedelta(minutes=10),
    "postmark": dt.timedelta(minutes=15),
    "mailgun": dt.timedelta(minutes=45),
    "mailjet": dt.timedelta(minutes=45),
}
# Beyond this a provider may have forgotten what it took, so that a "no" says nothing:
# Mailgun keeps its events for a day on its smallest plan. Of the others we know no
# shorter time than this.
REMEMBERED = {
    "postmark": dt.timedelta(days=5),
    "mailgun": dt.timedelta(hours=20),
    "mailjet": dt.timedelta(days=5),
    "twilio": dt.timedelta(days=5),
}
_SECONDS = 10.0
# Texts to one number that are looked through, newest first.
_TEXTS = 50
# By how much the provider's clock and ours may differ.
_SKEW = dt.timedelta(minutes=2)


class CannotAsk(Exception):
    """The provider does not answer, or is not the one that is set up now."""


def took(attempt: Attempt) -> bool | None:
    """Return whether the provider has the message of an attempt; None: nobody knows.

    Where it is found, the attempt (unsaved) bears the provider's own reference, if the
    provider tells.

    :raises CannotAsk: there is no answer to be had of this provider now.
    """
    if attempt.provider not in {"sandbox", settings.EMAIL_PROVIDER, _texts_by()}:
        raise CannotAsk(f"{attempt.provider} is not set up")
    try:
        has_it = _ASK[attempt.provider](attempt)
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        # Its words may hold an address.
        kind = type(error).__name__
        raise CannotAsk(f"{attempt.provider} gave no answer ({kind})") from None
    memory = REMEMBERED.get(attempt.provider)
    if has_it is False and memory and timezone.now() - attempt.started_at > memory:
        return None
    return has_it


def _texts_by() -> str:
    return settings.CHANNELS.get("sms", "")


def _sandbox(attempt: Attempt) -> bool:
    return SandboxMessage.objects.filter(reference=attempt.notice.reference).exists()


def _postmark(attempt: Attempt) -> bool:
    said = settings.ANYMAIL
    asks = {"count": 1, "offset": 0, "metadata_notice": attempt.notice.reference}
    if stream := said.get("POSTMARK_MESSAGE_STREAM"):
        asks["messagestream"] = stream
    found = _get(
        said.get("POSTMARK_API_URL", "https://api.postmarkapp.com/"),
        "messages/outbound",
        asks,
        headers={"X-Postmark-Server-Token": said["POSTMARK_SERVER_TOKEN"]},
    )
    return int(found["TotalCount"]) > 0


def _mailgun(attempt: Attempt) -> bool:
    said = settings.ANYMAIL
    copy = SentCopy.objects.get(pk=attempt.notice_id)
    stored = email.message_from_bytes(unpack(copy), policy=policy.compat32)
    asks = {
        "message-id": str(stored["Message-ID"]).strip("<>"),
        "begin": int((attempt.started_at - _SKEW).timestamp()),
        "ascending": "yes",
        "limit": 1,
    }
    found = _get(
        said["MAILGUN_API_URL"],
        f"{said['MAILGUN_SENDER_DOMAIN']}/events",
        asks,
        auth=("api", said["MAILGUN_API_KEY"]),
    )
    return bool(found["items"])


def _mailjet(attempt: Attempt) -> bool:
    said = settings.ANYMAIL
    found = _get(
        said.get("MAILJET_API_URL", "https://api.mailjet.com/v3.1/"),
        "../v3/REST/message",
        {"CustomID": attempt.notice.reference},
        auth=(said["MAILJET_API_KEY"], said["MAILJET_SECRET_KEY"]),
    )
    return int(found["Count"]) > 0


def _get(base: str, path: str, asks: dict[str, Any], **how: Any) -> dict[str, Any]:
    answer = requests.get(
        urljoin(f"{base.rstrip('/')}/", path),
        asks,
        timeout=(CONNECT_SECONDS, _SECONDS),
        **how,
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _twilio(attempt: Attempt) -> bool | None:
    """Look through the texts to this number for one of ours from that minute.

    Twilio lists no reference of ours. One of the same words that no other attempt
    accounts for is it; one of other words leaves the matter to staff.
    """
    from twilio.base.exceptions import TwilioException
    from urllib3.exceptions import HTTPError

    from notices.senders.twilio_wire import connect

    client, wire = connect()
    try:
        listed = client.messages.list(to=attempt.destination, limit=_TEXTS)
    except (TwilioException, HTTPError) as error:
        raise ValueError(type(error).__name__) from None
    finally:
        wire.close()
    since = attempt.started_at - _SKEW
    theirs = [
        one
        for one in listed
        if one.direction == "outbound-api" and one.date_created >= since
    ]
    ours = Attempt.objects.filter(
        provider="twilio", provider_reference__in=[one.sid for one in theirs]
    ).values_list("provider_reference", flat=True)
    accounted = set(ours)
    free = [one for one in theirs if one.sid not in accounted]
    if not free:
        return False
    words = unpack(SentCopy.objects.get(pk=attempt.notice_id)).decode()
    found = next((one for one in free if one.body == words), None)
    if found is None:
        return None
    # Kept, so that no other attempt takes the same text for its own.
    attempt.provider_reference = found.sid
    return True


_ASK: dict[str, Callable[[Attempt], bool | None]] = {
    "sandbox": _sandbox,
    "postmark": _postmark,
    "mailgun": _mailgun,
    "mailjet": _mailjet,
    "twilio": _twilio,
}
