"""Amazon SES with the stored bytes (SendEmail, Raw), through anymail.

SES asks for ASCII: bodies written as they are go as quoted-printable, the rest stays
byte for byte behind one header of opaque ids (``X-Metadata``), by which its events are
matched, since it gives every message a Message-ID and a Date of its own.
"""

from __future__ import annotations

import json
from typing import Any

from anymail.backends import amazon_ses
from anymail.backends.amazon_ses import AmazonSESV2SendEmailPayload

from notices.senders.parts import as_seven_bit


class EmailBackend(amazon_ses.EmailBackend):  # type: ignore[misc]
    """Sends ``message.stored`` instead of building a message from fields."""

    def build_message_payload(
        self, message: Any, defaults: dict[str, Any]
    ) -> AmazonSESV2SendEmailPayload:
        """Return the request for one message of stored bytes."""
        return RawPayload(message, defaults, self)


class RawPayload(AmazonSESV2SendEmailPayload):  # type: ignore[misc]
    """A request whose words and headers all stand in the stored bytes."""

    def set_metadata(self, metadata: dict[str, str]) -> None:
        """Keep the opaque ids for the one header of ours that SES events give back."""
        self.metadata = metadata

    def generate_raw_message(self) -> bytes:
        """Return the stored bytes behind the header of opaque ids."""
        ids = json.dumps(self.metadata).encode("ascii")
        return b"X-Metadata: %b\r\n%b" % (ids, as_seven_bit(self.message.stored))
