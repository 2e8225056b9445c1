"""The way to Twilio: its SDK over connections of ours.

They are kept open and have time-outs; nothing passes the SDK's own log, which would
hold numbers and texts.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from django.conf import settings
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from notices.senders.http import CONNECT_SECONDS, retry_after


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
