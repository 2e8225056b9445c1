"""E-mail through a provider's HTTP interface, by django-anymail (EMAIL_URL).

One message per recipient. Beside the message itself a provider is told opaque ids
only: the notice's reference and the key of the try. Evidence keeps the bytes as we
wrote them; what a provider makes of them stands in notices.senders.mail_providers.

A connection stays open from enter to exit for every thread that sends. Nothing is
tried again here, by anymail, requests or boto3.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import EmailAttachment
from django.utils.module_loading import import_string

from notices.senders import Outgoing, Receipt, SendError
from notices.senders.errors import refusal
from notices.senders.http import lost, read_json, retry_after
from notices.senders.mail_providers import PROVIDERS, MailProvider
from notices.senders.parts import NotInParts, parts_of


class Stored(AnymailMessage):  # type: ignore[misc]
    """A message to anymail that carries the stored bytes with it."""

    stored: bytes


class AnymailSender:
    """Speaks to the provider that EMAIL_URL names."""

    def __init__(self) -> None:
        self.provider: str = settings.EMAIL_PROVIDER
        self.width: int = settings.EMAIL_CONNECTIONS
        self._of_provider: MailProvider = PROVIDERS[self.provider]
        self._opening = threading.Lock()
        self._own = threading.local()
        self._opened: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for backend in self._opened:
            backend.close()
        self._opened, self._own = [], threading.local()

    def send(self, message: Outgoing) -> Receipt:
        """Hand one message to the provider.

        :raises SendError: refused, or no answer came; it says which.
        """
        backend = self._backend()
        try:
            built = self._message(message)
        except NotInParts as error:
            raise SendError(
                f"{self.provider} cannot be given {error}", permanent=True
            ) from None
        try:
            sent = backend.send_messages([built])
        except AnymailRecipientsRefused:
            sent = 1  # its status says why
        except AnymailError as error:
            # Without its cause: anymail's errors hold the message, the key and the
            # address, and print them.
            raise self._refusal(error) from None
        if not sent:
            raise SendError(f"{self.provider} was given no recipient", permanent=True)
        return self._receipt(built)

    def _backend(self) -> Any:
        """Return this thread's connection, opened with its first message.

        :raises SendError: what EMAIL_URL says does not do.
        """
        mine = getattr(self._own, "backend", None)
        if mine is not None:
            return mine
        with self._opening:
            if self._of_provider.shared and self._opened:
                backend = self._opened[0]
            else:
                backend = self._open()
                self._opened.append(backend)
        self._own.backend = backend
        return backend

    def _open(self) -> Any:
        try:
            backend = import_string(self._of_provider.backend)()
            backend.open()
        except Exception as error:
            # Whatever it is, nothing has been sent, and it is about our settings.
            raise SendError(
                f"{self.provider} is not set up ({type(error).__name__})",
                stops_lane=True,
            ) from None
        return backend

    def _message(self, message: Outgoing) -> Stored:
        """Return the message as anymail takes it.

        :raises NotInParts: the provider asks for fields that cannot say it.
        """
        provider = self._of_provider
        built = Stored(from_email=message.sender, to=[message.destination])
        built.stored = message.body
        if not provider.raw:
            _fill(built, message.body, provider)
        built.metadata = {
            "notice": message.reference,
            "attempt": message.idempotency_key,
        }
        if provider.has_switches:
            built.track_opens = built.track_clicks = False
        if beside := provider.beside(message):
            built.esp_extra = beside
        return built

    def _receipt(self, built: Stored) -> Receipt:
        """Return what the provider says of its one recipient.

        :raises SendError: it does not take the message, or does not say.
        """
        status = built.anymail_status
        said = next(iter(status.recipients.values()))
        if said.status in {"sent", "queued"}:
            return Receipt(provider_reference=str(said.message_id or "")[:200])
        if said.status == "invalid":
            raise SendError(
                f"{self.provider}: the address is not valid",
                permanent=True,
                suppresses="invalid",
            )
        if said.status == "rejected":
            # It bounced or complained there before, and the provider keeps it out.
            raise SendError(
                f"{self.provider} writes to this address no more",
                permanent=True,
                suppresses="hard_bounce",
            )
        if said.status == "failed":
            raise self._answered(status.esp_response)
        raise SendError(f"{self.provider} did not say what it did", unknown=True)

    def _refusal(self, error: AnymailError) -> SendError:
        """Return what an error of anymail means, without anything it was about."""
        cause = error.__cause__
        if isinstance(cause, requests.RequestException) and error.response is None:
            return lost(self.provider, cause)
        if isinstance(error.response, requests.Response):
            return self._answered(error.response)
        if self._of_provider.shared and cause is not None:
            # Imported with boto3, half a second that only SES needs.
            from notices.senders.aws import refusal_of

            return refusal_of(self.provider, cause)
        # Nothing was sent: anymail could not say this message to this provider.
        kind = type(error).__name__
        return SendError(
            f"{self.provider} cannot be given this message ({kind})", permanent=True
        )

    def _answered(self, response: requests.Response) -> SendError:
        """Return what an answer with a refusal in it means."""
        code, words = self._of_provider.read_error(read_json(response.text))
        return refusal(
            self.provider,
            status=response.status_code,
            code=code,
            words=words,
            retry_after=retry_after(response.headers),
        )


def _fill(built: Stored, body: bytes, provider: MailProvider) -> None:
    """Say the stored message in fields.

    :raises NotInParts: they cannot say it.
    """
    parts = parts_of(body)
    built.subject, built.body = parts.subject, parts.text
    built.from_email = parts.sender or built.from_email
    built.reply_to = [parts.reply_to] if parts.reply_to else []
    if parts.html:
        built.attach_alternative(parts.html, "text/html")
    for file in parts.files:
        built.attachments.append(EmailAttachment(file.name, file.body, file.media_type))
    built.extra_headers = {
        name: value
        for name, value in parts.headers.items()
        if name not in provider.untold
    } | dict(provider.told)
