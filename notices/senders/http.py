"""What HTTP says when no answer comes, and how long a busy provider asks us to wait.

Nothing here retries. Only a connection that was never made is known to have taken
nothing; whatever breaks later may have left a message behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
)

from notices.senders import SendError

# Seconds to reach a provider; how long it may think stands with its settings.
CONNECT_SECONDS = 5.0
# Raised before anything is sent: the address of the provider is wrong.
_OUR_SETTINGS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
# NewConnectionError covers a name that cannot be resolved and a refused connection.
_NEVER_MADE = (NewConnectionError, ConnectTimeoutError)


def lost(provider: str, error: requests.RequestException) -> SendError:
    """Return the error for a request that got no answer."""
    if isinstance(error, _OUR_SETTINGS):
        return SendError(f"{provider}: its address is not valid", stops_lane=True)
    if isinstance(error, requests.ConnectTimeout) or _was_never_made(error):
        return SendError(f"{provider} cannot be reached", backs_off=True)
    if isinstance(error, requests.Timeout):
        return SendError(f"{provider} did not answer in time", unknown=True)
    return SendError(
        f"{provider}: connection lost ({type(error).__name__})", unknown=True
    )


def _was_never_made(error: requests.RequestException) -> bool:
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, _NEVER_MADE)


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
