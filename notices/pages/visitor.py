"""Where a visitor comes from, as far as it can be believed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the visitor's IP address.

    Behind our own proxy it is the last one in X-Forwarded-For, which that proxy wrote;
    what stands before it the visitor may have made up. Without one the header is
    nobody's word.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return peer
    told = request.headers.get("X-Forwarded-For", "")
    return told.rpartition(",")[2].strip() or peer
