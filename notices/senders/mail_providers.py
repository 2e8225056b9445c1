"""What differs between the e-mail providers, as data: one entry each.

``ses`` and ``mailgun`` take the stored bytes. The others ask for fields and write the
message anew: they choose boundaries and encodings, the Date, and where no Message-ID
is kept that too. Subject, both bodies, files and every other header are the stored
ones; the evidence is what we handed over.

Opens and clicks are never counted. Where the interface has a switch it is off in every
message; Brevo and SES have only the account's, and it must be off there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from notices.senders import Outgoing

# The code and the words of a refusal, out of its JSON.
ErrorReader = Callable[[Mapping[str, Any]], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MailProvider:
    """One provider: ``backend`` is the anymail class that speaks to it.

    ``raw``: it takes the stored bytes. ``shared``: one connection pool serves all
    threads. ``untold`` are headers it refuses or overwrites, ``told`` headers it needs
    beside ours. ``has_switches``: opens and clicks can be turned off in a message.
    ``beside`` are further fields of its interface.
    """

    backend: str
    read_error: ErrorReader
    raw: bool = False
    shared: bool = False
    untold: frozenset[str] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict)
    has_switches: bool = True
    beside: Callable[[Outgoing], dict[str, Any]] = lambda outgoing: {}


def _postmark(body: Mapping[str, Any]) -> tuple[str, str]:
    return str(body.get("ErrorCode", "")), str(body.get("Message", ""))


def _message_only(body: Mapping[str, Any]) -> tuple[str, str]:
    return "", str(body.get("message", ""))


def _brevo(body: Mapping[str, Any]) -> tuple[str, str]:
    return str(body.get("code", "")), str(body.get("message", ""))


def _mailjet(body: Mapping[str, Any]) -> tuple[str, str]:
    found: Mapping[str, Any] = body
    for message in body.get("Messages", ()):
        found = next(iter(message.get("Errors", ())), found)
    return str(found.get("ErrorCode", "")), str(found.get("ErrorMessage", ""))


def _ses(body: Mapping[str, Any]) -> tuple[str, str]:
    found = body.get("Error", {})
    return str(found.get("Code", "")), str(found.get("Message", ""))


PROVIDERS: dict[str, MailProvider] = {
    "postmark": MailProvider(
        backend="anymail.backends.postmark.EmailBackend",
        read_error=_postmark,
        # Without it Postmark gives the message another Message-ID.
        told={"X-PM-KeepID": "true"},
    ),
    "mailgun": MailProvider(
        backend="notices.senders.raw_mailgun.EmailBackend",
        read_error=_message_only,
        raw=True,
        # Mailgun takes the recipient from here, and the rest from the bytes.
        beside=lambda outgoing: {"o:tracking": "no"},
    ),
    "ses": MailProvider(
        backend="notices.senders.raw_ses.EmailBackend",
        read_error=_ses,
        raw=True,
        shared=True,
        has_switches=False,
    ),
    "brevo": MailProvider(
        backend="anymail.backends.brevo.EmailBackend",
        read_error=_brevo,
        untold=frozenset({"Message-ID"}),
        has_switches=False,
    ),
    "mailjet": MailProvider(
        backend="anymail.backends.mailjet.EmailBackend",
        read_error=_mailjet,
        untold=frozenset({"Message-ID"}),
        # By it Mailjet finds the message again.
        beside=lambda outgoing: {"Globals": {"CustomID": outgoing.reference}},
    ),
}
