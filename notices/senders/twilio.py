"""Text messages through Twilio's SDK.

Our reference goes out in the address that Twilio reports to, since Twilio keeps no
field for it. The text is sent as it is stored: nothing swaps its characters. What
Twilio holds for longer than the window allows it drops (``validity_period``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import TracebackType
from typing import Any, Self

import urllib3
from django.conf import settings
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.response import Response

from notices.intake.providers import TEXT_STATUS
from notices.senders import Outgoing, Receipt, SendError
from notices.senders.errors import refusal
from notices.senders.http import lost, read_json
from notices.senders.toll import objection
from notices.senders.twilio_wire import connect
from notices.sms import measure

# What a text may wait at Twilio, whatever the window says.
LEAST_SECONDS, MOST_SECONDS = 60, 3600
# Texts of a day are asked for in pages of so many.
_PAGE = 1000
_FAILED = frozenset({"failed", "undelivered", "canceled"})
_REFUSED = (TwilioRestException, TwilioServiceException)


class TwilioSender:
    """Sends texts for the account that the settings name."""

    provider = "twilio"

    def __init__(self) -> None:
        self.width: int = settings.SMS_CONNECTIONS
        self._from = (
            {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
            if settings.TWILIO_MESSAGING_SERVICE_SID
            else {"from_": settings.TWILIO_FROM}
        )
        self._client, self._wire = connect(self.width)
        # Made now: the SDK makes it with its first use, which may be two at once.
        self._messages = self._client.messages

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.close()

    def send(self, message: Outgoing) -> Receipt:
        """Hand one text to Twilio.

        :raises SendError: refused by us or by Twilio, or no answer came; it says which.
        """
        against = objection(message.destination, settings.SMS_COUNTRIES)
        if against:
            raise SendError(f"Not texted: the number {against}", permanent=True)
        text = message.body.decode()
        try:
            taken = self._messages.create(
                to=message.destination,
                body=text,
                # What arrives is what is kept as evidence.
                smart_encoded=False,
                **self._from,
                **_options(message),
            )
        except _REFUSED as error:
            raise _refusal(error, self._wire.asked_to_wait()) from None
        except urllib3.exceptions.HTTPError as error:
            raise lost(self.provider, error) from None
        except ValueError:
            raise SendError("twilio: its answer is not JSON", unknown=True) from None
        if taken.status in _FAILED:
            raise refusal(self.provider, status=400, code=str(taken.error_code or ""))
        return Receipt(
            provider_reference=str(taken.sid or ""),
            # Through a Messaging Service Twilio counts later, and says 0 until then.
            segments=int(taken.num_segments or 0) or measure(text).segments,
            price=price_of(taken.price),
            currency=(taken.price_unit or "").upper(),
        )


def _refusal(
    error: TwilioRestException | TwilioServiceException, seconds: float | None
) -> SendError:
    """Return what Twilio's refusal means; it asks us to wait so many seconds."""
    return refusal(
        "twilio",
        status=int(error.status),
        code=str(error.code or ""),
        words=str(getattr(error, "msg", "") or getattr(error, "title", "")),
        retry_after=seconds,
    )


@dataclass(frozen=True, slots=True)
class Bill:
    """What Twilio charged for one text, by its own reference; None: not said yet."""

    reference: str
    segments: int
    price: Decimal | None
    currency: str


def bills(day: dt.date) -> Iterator[Bill]:
    """Yield what was charged for the texts of one day (UTC), all but those that failed
    and cost nothing.

    :raises SendError: Twilio does not answer, or refuses.
    """
    client, wire = connect()
    try:
        for one in client.messages.stream(date_sent=day.isoformat(), page_size=_PAGE):
            price = price_of(one.price)
            is_free = price is None and one.status in _FAILED
            if one.sid and not is_free:
                segments = int(one.num_segments or 0)
                yield Bill(one.sid, segments, price, (one.price_unit or "").upper())
    except TwilioException as error:
        raise _unlisted(error) from None
    except urllib3.exceptions.HTTPError as error:
        raise lost("twilio", error) from None
    finally:
        wire.close()


def _unlisted(error: TwilioException) -> SendError:
    """Return what it means that a page of a list did not come.

    The SDK wraps the answer unread; its code stands in there.
    """
    answer = error.args[1] if len(error.args) > 1 else None
    said = read_json(answer.text) if isinstance(answer, Response) else {}
    return refusal(
        "twilio",
        status=answer.status_code if isinstance(answer, Response) else 0,
        code=str(said.get("code", "")),
        words=str(said.get("message", "")),
    )


def _options(message: Outgoing) -> dict[str, Any]:
    """Return where Twilio reports to, and how long it may hold the text."""
    options: dict[str, Any] = {}
    if settings.PUBLIC_URL:
        reported = TEXT_STATUS.address(message.reference)
        options["status_callback"] = settings.PUBLIC_URL + reported
    if message.ttl_s is not None:
        held = min(max(message.ttl_s, LEAST_SECONDS), MOST_SECONDS)
        options["validity_period"] = held
    return options


def price_of(said: str | None) -> Decimal | None:
    """Return what a message cost; Twilio writes it as a negative sum."""
    try:
        return abs(Decimal(said)) if said else None
    except InvalidOperation:
        return None
