"""Whether what a disclosure links to answers: its own steps, our pages, the terms."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from consent.disclosures import STEPS
from consent.disclosures.lint import NO_ANSWER

_SECONDS = 10
_OK, _NOT_FOUND = 200, 404


def status_of(address: str) -> int:
    """Return the HTTP status of a step of the consent page or of an address.

    ``NO_ANSWER`` where nothing answers. Our own pages are not asked but looked up.
    """
    if address in STEPS:
        try:
            reverse("consent", args=["token"])
        except NoReverseMatch:
            return _NOT_FOUND
        return _OK if settings.PUBLIC_URL else NO_ANSWER
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return _NOT_FOUND
    if settings.PUBLIC_URL and address.startswith(f"{settings.PUBLIC_URL}/"):
        try:
            resolve(parts.path)
        except Resolver404:
            return _NOT_FOUND
        return _OK
    return _asked(address)


def _asked(address: str) -> int:
    request = urllib.request.Request(address, method="GET")  # noqa: S310 - http(s) only
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return NO_ANSWER
