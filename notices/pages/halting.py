"""One button, or one click in a mailbox, that stops a kind of message."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from notices.doors import stopped_notice
from notices.pages.visit import gone, public_page, refusal


@public_page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link would stop."""
    notice = stopped_notice(token, now=timezone.now())
    return gone(request) if notice is None else refusal(request, "gone", status=200)
