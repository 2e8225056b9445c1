"""Puts a stored call together again as the request it was, fit for anymail's readers.

Mails in JSON are made whole on the way: what a customer put into a subject must not
keep anybody from reading the mail.
"""

from __future__ import annotations

import io
import json
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

from notices.models import ProviderCall

_JSON = frozenset({"postmark", "brevo", "mailjet"})


def request_of(call: ProviderCall) -> HttpRequest:
    """Return the request as its provider sent it, for a reader of requests."""
    body = call.content
    if call.kind == ProviderCall.Kind.INBOUND and call.provider in _JSON:
        body = json.dumps(_tamed(json.loads(body)), ensure_ascii=False).encode()
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": call.content_type,
            "CONTENT_LENGTH": str(len(body)),
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": io.BytesIO(body),
        }
    )
    # What was let in at the door is not measured again.
    request._body = body
    return request


# Where words end up in the head of a mail.
_OF_THE_HEAD = frozenset(
    ("Headers", "Name", "Value", "Subject", "FromFull", "ToFull", "CcFull", "Email")
)


def _tamed(value: Any, *, in_head: bool = False) -> Any:
    """Return a mail in JSON as it can be put together again: no half characters, and
    no line breaks in its head."""
    if isinstance(value, str):
        whole = value.encode("utf-8", "replace").decode()
        return " ".join(whole.splitlines()) if in_head else whole
    if isinstance(value, list):
        return [_tamed(one, in_head=in_head) for one in value]
    if isinstance(value, dict):
        return {
            name: _tamed(one, in_head=in_head or name in _OF_THE_HEAD)
            for name, one in value.items()
        }
    return value
