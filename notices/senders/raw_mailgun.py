"""Mailgun with the stored bytes as they are (``messages.mime``), through anymail.

Mailgun adds its signature, its own Received lines and the variables as one header of
opaque ids; bodies, headers and Message-ID stay ours.
"""

from __future__ import annotations

from typing import Any

from anymail.backends import mailgun
from anymail.backends.mailgun import MailgunPayload


class EmailBackend(mailgun.EmailBackend):  # type: ignore[misc]
    """Sends ``message.stored`` instead of building a message from fields."""

    def build_message_payload(
        self, message: Any, defaults: dict[str, Any]
    ) -> MailgunPayload:
        """Return the request for one message of stored bytes."""
        return RawPayload(message, defaults, self)


class RawPayload(MailgunPayload):  # type: ignore[misc]
    """A request whose words and headers all stand in the stored bytes."""

    def get_api_endpoint(self) -> str:
        """Return the address that takes whole messages."""
        return f"{super().get_api_endpoint()}.mime"

    def get_request_params(self, api_url: str) -> dict[str, Any]:
        """Return the request, with the stored bytes as the file Mailgun asks for."""
        params: dict[str, Any] = super().get_request_params(api_url)
        stored = self.message.stored
        params["files"] = [("message", ("message.mime", stored, "message/rfc822"))]
        return params

    def _stands_in_the_bytes(self, _: object) -> None:
        return None

    set_from_email_list = _stands_in_the_bytes
    set_subject = _stands_in_the_bytes
    set_reply_to = _stands_in_the_bytes
    set_extra_headers = _stands_in_the_bytes
    set_text_body = _stands_in_the_bytes
    set_html_body = _stands_in_the_bytes
    set_alternatives = _stands_in_the_bytes
    set_attachments = _stands_in_the_bytes
