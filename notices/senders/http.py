"""What HTTP says when no answer comes, and how long a busy provider asks us to wait.

Nothing here retries. Only a connection that was never made is known to have taken
nothing; whatever breaks later may have left a message behind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from notices.senders import SendError

# Seconds to reach a provider; how long it may think stands with its settings.
CONNECT_SECONDS = 5.0
# What OpenSSL says of a certificate, before anything is sent.
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
# Raised before anything is sent: the address of the provider is wrong.
_OUR_SETTINGS = (
    LocationValueError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
# NewConnectionError covers a name that cannot be resolved and a refused connection.
_NEVER_MADE = (NewConnectionError, ConnectTimeoutError, requests.ConnectTimeout)


def lost(provider: str, error: Exception) -> SendError:
    """Return the error for a request that got no answer, by requests or urllib3."""
    kind = type(error).__name__
    if isinstance(error, _OUR_SETTINGS):
        return SendError(f"{provider}: its address is not valid", stops_lane=True)
    if UNTRUSTED in str(error):
        return SendError(f"{provider}: its certificate is not valid", stops_lane=True)
    if isinstance(_cause(error), _NEVER_MADE):
        return SendError(f"{provider} cannot be reached", backs_off=True)
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return SendError(f"{provider} did not answer in time", unknown=True)
    return SendError(f"{provider}: connection lost ({kind})", unknown=True)


def _cause(error: object) -> object:
    """Return what went wrong at the bottom of a request."""
    if isinstance(error, requests.ConnectionError) and error.args:
        error = error.args[0]
    if isinstance(error, MaxRetryError):
        error = error.reason
    return error.original_error if isinstance(error, ProxyError) else error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a ``Retry-After`` asks for; None where it says nothing.

    A date is measured from the provider's own, so that no clock of ours is asked.
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
        answered = parsedate_to_datetime(headers.get("Date", ""))
        return max((until - answered).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def read_json(text: str) -> Mapping[str, Any]:
    """Return the object a provider answered with; empty where it is none."""
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
