"""Announcements as everybody reads them: their pages, without a log-in.

No cookie, no script, nobody else's server. What is not up yet, is over, or never was
gets one and the same answer.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from notices.announcement_text import Page
from notices.announcement_words import (
    moment_words,
    own_name,
    public_words,
)
from notices.firm import contact_in, contact_of
from notices.formats import direction, zone_words
from notices.models import AnnouncementRelease, Brand, Importance

# How long a copy may be shown by others, in seconds; shorter before a known change.
FRESH = 60
# The languages in which we can say that there is nothing.
WORDED = ("en", "ar", "cs", "de", "fr", "pl", "ru", "zh")

View = Callable[..., HttpResponse]


def open_to_all(view: View) -> View:
    """Let everybody read a page: a visit writes nothing, whoever it is."""

    @login_not_required
    @require_safe
    @wraps(view)
    def opened(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # The middleware looked who is logged in; the answer does not depend on it, so
        # that copies may be kept for all.
        request.session.accessed = False
        return response

    return opened


@open_to_all
def announcement(request: HttpRequest, slug: str, language: str = "") -> HttpResponse:
    """Show an announcement in the reader's language."""
    now = timezone.now()
    release = (
        AnnouncementRelease.objects.on_the_site(now)
        .filter(announcement__slug=slug)
        .first()
    )
    if release is None or (language and language not in release.texts):
        return _gone(request)
    page = release.texts[language or chosen(request, list(release.texts))]
    response = render(
        request,
        "notices/announcement_page.html",
        page_context(release, page, own_address=not language),
    )
    response["Content-Language"] = page["language"]
    return cached(response, now, [release], by_language=not language)


def _gone(request: HttpRequest) -> HttpResponse:
    """Answer that there is nothing, the same for every reason."""
    language = chosen(request, WORDED)
    brands = list(Brand.objects.all()[:2])
    response = render(
        request,
        "notices/announcement_gone.html",
        {
            "language": language,
            "direction": direction(language),
            "words": public_words(language),
            "contact": (
                contact_in(contact_of(brands[0]), language)
                if len(brands) == 1
                else None
            ),
        },
        status=404,
    )
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Accept-Language"])
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    return response


def page_context(
    release: AnnouncementRelease, page: Page, *, own_address: bool = True
) -> dict[str, Any]:
    """Return what the public page of a release shows in one language.

    ``own_address`` says whether the page was asked for without a language.
    """
    language = page["language"]
    announcement, contact = release.announcement, release.content["contact"]
    words = public_words(language)
    changed = max(release.at, release.publish_at)
    logo = bytes(announcement.brand.logo or b"")
    return {
        "page": page,
        "words": words,
        "contact": contact_in(contact, language),
        "colour": announcement.brand.colour,
        "logo": base64.b64encode(logo).decode() if logo else "",
        "changed": words["last_changed"].format(
            when=moment_words(changed, contact, language)
        ),
        "changed_at": changed.isoformat(),
        "zone": zone_words(contact["time_zone"], language),
        "importance": words.get(release.importance, ""),
        "is_urgent": release.importance == Importance.URGENT,
        "languages": [
            {
                "code": code,
                "name": own_name(code),
                "direction": direction(code),
                "path": path_of(announcement.slug, code),
                "url": url_of(announcement.slug, code),
            }
            for code in release.texts
        ],
        "url": url_of(announcement.slug, "" if own_address else language),
        "canonical": url_of(announcement.slug, language),
    }


def path_of(slug: str, language: str = "") -> str:
    """Return the path of an announcement, in one language or the reader's own."""
    if language:
        return reverse("announcement-page-in", args=[slug, language])
    return reverse("announcement-page", args=[slug])


def url_of(slug: str, language: str = "") -> str:
    """Return the public address of an announcement; empty without PUBLIC_URL."""
    base: str = settings.PUBLIC_URL
    return f"{base}{path_of(slug, language)}" if base else ""


def chosen(request: HttpRequest, known: Sequence[str]) -> str:
    """Return the language of ``known`` that the reader wants most.

    ``?lang=`` before what the browser asks for; else English, else the first.
    """
    asked = request.GET.get("lang", "").lower()
    if asked in known:
        return asked
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    for code, _ in accepted:
        if code.partition("-")[0] in known:
            return code.partition("-")[0]
    return "en" if "en" in known else known[0]


def cached(
    response: HttpResponse,
    now: dt.datetime,
    releases: Sequence[AnnouncementRelease],
    *,
    by_language: bool = True,
) -> HttpResponse:
    """Let others keep a copy for a minute, but not past a begin or an end."""
    upcoming = AnnouncementRelease.objects.planned(now).values_list("publish_at")[:1]
    edges = [
        *(one.withdraw_at for one in releases if one.withdraw_at),
        *(row[0] for row in upcoming),
    ]
    left = [int((edge - now).total_seconds()) for edge in edges]
    patch_cache_control(response, public=True, max_age=max(0, min([FRESH, *left])))
    if by_language:
        patch_vary_headers(response, ["Accept-Language"])
    return response
