"""Text messages through Twilio's SDK.

Our reference goes out in the address that Twilio reports to, since Twilio keeps no
field for it. The text is sent as it is stored: nothing swaps its characters. What
Twilio holds for longer than the window allows it drops (``validity_period``).

The SDK asks over a connection of ours: kept open per thread, with time-outs, and
without the SDK's log, which would hold numbers and texts.
"""

from __future__ import annotations

import threading
from decimal import Decimal, InvalidOperation
from types import TracebackType
from typing import Any, Self

import requests
from django.conf import settings
from requests.utils import get_environ_proxies
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from notices.senders import Outgoing, Receipt, SendError
from notices.senders.errors import refusal
from notices.senders.http import CONNECT_SECONDS, lost, retry_after
from notices.senders.toll import objection
from notices.sms import measure

# Where Twilio reports on a message; the webhook that answers there has this address.
STATUS_PATH = "/hooks/twilio/status/{reference}"
# What a text may wait at Twilio, whatever the window says.
LEAST_SECONDS, MOST_SECONDS = 60, 3600
_FAILED = frozenset({"failed", "undelivered", "canceled"})
_REFUSED = (TwilioRestException, TwilioServiceException)


class Wire(HttpClient):  # type: ignore[misc]
    """Carries the SDK's requests over one open session per thread."""

    def __init__(self, base_url: str, seconds: float) -> None:
        super().__init__(logger=None, is_async=False, timeout=seconds)
        self._timeout = (CONNECT_SECONDS, seconds)
        self._own = threading.local()
        self._opened: list[requests.Session] = []
        # Asked once: requests would read the environment for every message.
        self._proxies = get_environ_proxies(base_url)

    def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Ask once; the SDK reads the answer.

        :raises requests.RequestException: no answer came.
        """
        session = self._session()
        asked = session.prepare_request(
            requests.Request(
                method, uri, params=params, data=data, headers=headers, auth=auth
            )
        )
        answer = session.send(
            asked,
            timeout=self._timeout,
            allow_redirects=False,
            proxies=self._proxies,
            verify=session.verify,
        )
        self._own.headers = answer.headers
        # Not its text: without a charset in the header it would be guessed at.
        return Response(
            answer.status_code, answer.content.decode("utf-8", "replace"), None
        )

    def asked_to_wait(self) -> float | None:
        """Return the seconds that the last answer in this thread asks us to wait."""
        return retry_after(getattr(self._own, "headers", {}))

    def close(self) -> None:
        """Close the connections of all threads."""
        for session in self._opened:
            session.close()
        self._opened, self._own = [], threading.local()

    def _session(self) -> requests.Session:
        mine: requests.Session | None = getattr(self._own, "session", None)
        if mine is None:
            mine = requests.Session()
            settled = mine.merge_environment_settings("", {}, None, None, None)
            mine.verify = settled["verify"]
            mine.trust_env = False
            self._own.session = mine
            self._opened.append(mine)
        return mine


def connect() -> tuple[Client, Wire]:
    """Return the SDK for the account of the settings, and the wire it speaks over."""
    wire = Wire(settings.TWILIO_API_URL, settings.SMS_TIMEOUT)
    client = Client(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=wire
    )
    client.api.base_url = settings.TWILIO_API_URL
    return client, wire


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
        self._client, self._wire = connect()
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
            raise self._refusal(error) from None
        except requests.RequestException as error:
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
        self, error: TwilioRestException | TwilioServiceException
    ) -> SendError:
        """Return what Twilio's refusal means, without the number in its words."""
        return refusal(
            self.provider,
            status=int(error.status),
            code=str(error.code or ""),
            words=str(getattr(error, "msg", "") or getattr(error, "title", "")),
            retry_after=self._wire.asked_to_wait(),
        )


def _options(message: Outgoing) -> dict[str, Any]:
    """Return where Twilio reports to, and how long it may hold the text."""
    options: dict[str, Any] = {}
    if settings.PUBLIC_URL:
        path = STATUS_PATH.format(reference=message.reference)
        options["status_callback"] = settings.PUBLIC_URL + path
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
