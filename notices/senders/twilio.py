"""Text messages through Twilio's SDK.

Our reference goes out in the address that Twilio reports to, since Twilio keeps no
field for it. The text is sent as it is stored: nothing swaps its characters. What
Twilio holds for longer than the window allows it drops (``validity_period``).

The SDK asks over connections of ours: kept open, with time-outs, and without the SDK's
log, which would hold numbers and texts.
"""

from __future__ import annotations

import threading
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import requests
import urllib3
from django.conf import settings
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
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
    """Carries the SDK's requests over connections that stay open, one a thread at once.

    By urllib3 alone: through requests a call takes twice the processor time, and of
    cookies and redirects Twilio needs none.
    """

    def __init__(self, base_url: str, *, width: int, seconds: float) -> None:
        super().__init__(logger=None, is_async=False, timeout=seconds)
        # Proxy and certificates as requests finds them, but once and not every time.
        found = requests.Session().merge_environment_settings(
            base_url, {}, None, None, None
        )
        verify = found["verify"]
        options: dict[str, Any] = {
            "maxsize": width,
            "retries": False,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            "ca_certs": verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH,
        }
        proxy = select_proxy(base_url, found["proxies"])
        self._pool = (
            urllib3.ProxyManager(proxy, **options)
            if proxy
            else urllib3.PoolManager(**options)
        )
        self._own = threading.local()

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

        :raises urllib3.exceptions.HTTPError: no answer came.
        """
        told = dict(headers or {})
        if auth:
            told["Authorization"] = _basic(*auth)
        answer = self._pool.urlopen(
            method,
            f"{uri}?{urlencode(params)}" if params else uri,
            body=urlencode(data) if data else None,
            headers=told,
            redirect=False,
        )
        self._own.headers = answer.headers
        return Response(answer.status, answer.data.decode("utf-8", "replace"), None)

    def asked_to_wait(self) -> float | None:
        """Return the seconds that the last answer in this thread asks us to wait."""
        return retry_after(getattr(self._own, "headers", {}))

    def close(self) -> None:
        """Close the connections of all threads."""
        self._pool.clear()


@lru_cache(maxsize=4)
def _basic(user: str, password: str) -> str:
    return urllib3.make_headers(basic_auth=f"{user}:{password}")["authorization"]


def connect(width: int = 1) -> tuple[Client, Wire]:
    """Return the SDK for the account of the settings, and the wire it speaks over."""
    wire = Wire(settings.TWILIO_API_URL, width=width, seconds=settings.SMS_TIMEOUT)
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
            raise self._refusal(error) from None
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
