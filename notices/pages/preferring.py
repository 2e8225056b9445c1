"""What a customer chooses: what comes, how, when, in which language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from consent.links import Door
from notices.pages.visit import Visit, page_view, show


@page_view(Door.PREFERENCES)
def preferences(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how the firm is reached."""
    return show(request, visit, "pages/reach.html")
