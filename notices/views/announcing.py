"""Announcements as staff write them: list, draft, words, preview, putting up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from notices import announcements
from notices.announcement_checks import changes, check, ruling, standing
from notices.announcement_forms import AnnouncementForm
from notices.announcement_text import AnnouncementError, shortened
from notices.announcement_words import (
    own_name,
)
from notices.formats import direction
from notices.models import Announcement, AnnouncementRelease, Brand
from notices.render.blocks import languages
from notices.views.announcements import path_of, url_of

PAGE_SIZE = 25
change_right = permission_required("notices.change_announcement", raise_exception=True)


@require_safe
def announcement_list(request: HttpRequest) -> HttpResponse:
    """Show the newest announcements and how each stands."""
    now = timezone.now()
    every = Announcement.objects.select_related("brand").prefetch_related("texts")
    part = Paginator(every, PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(part)
    newest = {
        release.announcement_id: release
        for release in AnnouncementRelease.objects.ruling().filter(
            announcement__in=found
        )
    }
    lines = [
        {
            "announcement": one,
            "heading": heading_of(one, newest.get(one.pk)),
            "standing": standing(newest.get(one.pk), now),
            "languages": [own_name(text.language) for text in one.texts.all()],
            "is_ahead": _is_ahead(one, newest.get(one.pk)),
        }
        for one in found
    ]
    page = {
        "newer": part.previous_page_number() if part.has_previous() else None,
        "older": part.next_page_number() if part.has_next() else None,
        "sentence": f"Showing {part.start_index():,} to {part.end_index():,} of "
        f"{part.paginator.count:,}.",
    }
    return render(request, "notices/announcements.html", {"lines": lines, "page": page})


def heading_of(one: Announcement, release: AnnouncementRelease | None) -> str:
    """Return its heading as it was put up, else as written, else its address."""
    texts = release.texts if release else {}
    put_up = (page["heading"] for page in texts.values())
    written = (text.heading for text in one.texts.all() if "{{" not in text.heading)
    heading = next(filter(None, (*put_up, *written)), "")
    return heading or one.slug.replace("-", " ").capitalize()


def _is_ahead(one: Announcement, release: AnnouncementRelease | None) -> bool:
    """Whether the draft was changed after what was put up."""
    return bool(
        release and not release.is_withdrawal and release.revision != one.revision
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("notices.add_announcement", raise_exception=True)
def announcement_new(request: HttpRequest) -> HttpResponse:
    """Write down a new announcement as a draft."""
    form = AnnouncementForm(
        request.POST or None, initial={"importance": "routine", "kind": "news"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = announcements.save(
                announcement=Announcement(),
                by=who(request),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except AnnouncementError as error:
            form.add_error("slug", str(error))
        else:
            if made.notice_kind.subjects:
                return redirect("announcement-edit", pk=made.pk)
            return redirect("announcement-text", pk=made.pk, language="en")
    return render(
        request,
        "notices/announcement_new.html",
        {"form": form, "has_brands": Brand.objects.exists()},
        status=422 if form.errors else 200,
    )


@require_safe
def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one announcement: standing, languages, preview, short texts, history."""
    now = timezone.now()
    one = announcement_of(pk)
    checked = check(one, now)
    release = ruling(one)
    written = [text.language for text in one.texts.all()]
    shown = request.GET.get("language", "")
    if shown not in written:
        shown = written[0] if written else ""
    page = next((each for each in checked.pages if each["language"] == shown), None)
    return render(
        request,
        "notices/announcement.html",
        {
            "announcement": one,
            "zone": one.brand.time_zone,
            "heading": heading_of(one, release),
            "standing": standing(release, now),
            "release": release,
            "is_ahead": _is_ahead(one, release),
            "checked": checked,
            "written": [language_of(code) for code in written],
            "missing": [language_of(code) for code in checked.missing],
            "others": _others(written, checked.missing),
            "shown": language_of(shown) if shown else None,
            "page": page,
            "short": shortened(page, url_of(one.slug, shown), one.brand.name)
            if page
            else None,
            "url": url_of(one.slug),
            "path": path_of(one.slug),
            "history": _history(one),
        },
    )


def language_of(code: str) -> dict[str, str]:
    """Return a language as pages name it: code, own name, direction."""
    return {"code": code, "name": own_name(code), "direction": direction(code)}


# Languages offered beside those the firm has texts in.
_OFFERED = (
    "ar", "bn", "bg", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he",
    "hi", "hr", "hu", "it", "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru",
    "sk", "sl", "so", "sq", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip


def _others(written: list[str], missing: tuple[str, ...]) -> list[dict[str, str]]:
    every = dict.fromkeys((*languages(), *_OFFERED))
    return [
        language_of(code)
        for code in every
        if code not in written and code not in missing
    ]


def _history(one: Announcement) -> list[dict[str, Any]]:
    """Return what was put up, the newest first, each with what it changed."""
    releases = list(one.releases.order_by("number"))
    lines = []
    before: AnnouncementRelease | None = None
    for release in releases:
        lines.append({"release": release, "changes": changes(before, release)})
        before = before if release.is_withdrawal else release
    return lines[::-1]


@require_http_methods(["GET", "HEAD", "POST"])
@change_right
def announcement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change when and how an announcement goes up, and its facts."""
    one = announcement_of(pk)
    form = AnnouncementForm(request.POST or None, announcement=one)
    if request.method == "POST" and form.is_valid():
        facts = {
            name: form.cleaned_data[name]
            for name in (
                "brand",
                "slug",
                "importance",
                "publish_at",
                "withdraw_at",
                "about",
            )
            if name in form.cleaned_data
        }
        try:
            announcements.save(
                announcement=one, by=who(request), now=timezone.now(), **facts
            )
        except AnnouncementError as error:
            form.add_error(None, str(error))
        else:
            if not one.texts.exists():
                return redirect("announcement-text", pk=pk, language="en")
            return redirect("announcement", pk=pk)
    return render(
        request,
        "notices/announcement_edit.html",
        {"form": form, "announcement": one, "zone": one.brand.time_zone},
        status=422 if form.errors else 200,
    )


def do(
    request: HttpRequest,
    pk: int,
    verb: Callable[[Announcement, str, dt.datetime], None],
    done: str,
) -> HttpResponse:
    """Do one thing to an announcement and go back to it, saying what happened."""
    one = announcement_of(pk)
    try:
        verb(one, who(request), timezone.now())
    except AnnouncementError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("announcement", pk=pk)


def announcement_of(pk: int) -> Announcement:
    """Return the announcement with its firm, or answer that there is none."""
    return get_object_or_404(Announcement.objects.select_related("brand"), pk=pk)


def who(request: HttpRequest) -> str:
    """Return the name of whoever is logged in."""
    return request.user.get_username()
