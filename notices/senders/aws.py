"""What boto3 means when it raises: the same questions as of HTTP, in its own words."""

from __future__ import annotations

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)

from notices.senders import SendError
from notices.senders.errors import refusal
from notices.senders.http import UNTRUSTED, retry_after
from notices.senders.mail_providers import PROVIDERS

_OUR_SETTINGS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    NoRegionError,
)
_NEVER_MADE = (EndpointConnectionError, ConnectTimeoutError)


def refusal_of(provider: str, error: BaseException) -> SendError:
    """Return the error for what boto3 raised while sending."""
    kind = type(error).__name__
    if isinstance(error, ClientError):
        answer = error.response
        told = answer.get("ResponseMetadata", {})
        code, words = PROVIDERS[provider].read_error(answer)
        headers = {name.title(): say for name, say in told["HTTPHeaders"].items()}
        return refusal(
            provider,
            status=told.get("HTTPStatusCode", 0),
            code=code,
            words=words,
            retry_after=retry_after(headers),
        )
    if UNTRUSTED in str(error):
        return SendError(f"{provider}: its certificate is not valid", stops_lane=True)
    if isinstance(error, _NEVER_MADE):
        return SendError(f"{provider} cannot be reached", backs_off=True)
    if isinstance(error, _OUR_SETTINGS):
        return SendError(f"{provider} has no valid keys ({kind})", stops_lane=True)
    if isinstance(error, ParamValidationError):
        return SendError(f"{provider} cannot be given this message", permanent=True)
    return SendError(f"{provider}: no answer ({kind})", unknown=True)
