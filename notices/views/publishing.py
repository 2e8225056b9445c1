"""Announcements going up and coming down, by whoever may publish."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from notices import announcements
from notices.announcement_checks import check, ruling
from notices.announcement_text import AnnouncementError
from notices.models import Announcement
from notices.views.announcements import path_of, url_of
from notices.views.announcing import announcement_of, do, heading_of, who

publish_right = permission_required(
    "notices.publish_announcement", raise_exception=True
)


@require_http_methods(["GET", "HEAD", "POST"])
@publish_right
def announcement_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what publishing would do; do it when the button is pressed."""
    now = timezone.now()
    one = announcement_of(pk)
    release = ruling(one)
    problems: tuple[Any, ...] = ()
    if request.method == "POST":
        seen = request.POST.get("revision", "")
        try:
            announcements.publish(
                announcement=one,
                revision=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
                note=request.POST.get("note", "")[:300],
                by=who(request),
                now=now,
            )
        except AnnouncementError as error:
            problems = error.problems
            one = announcement_of(pk)
        else:
            messages.success(request, _published(one, now))
            return redirect("announcement", pk=pk)
    checked = check(one, now)
    problems = tuple(dict.fromkeys((*problems, *checked.problems)))
    return render(
        request,
        "notices/announcement_publish.html",
        {
            "announcement": one,
            "zone": one.brand.time_zone,
            "heading": heading_of(one, release),
            "release": release,
            "checked": checked,
            "problems": problems,
            "starts_later": bool(one.publish_at and one.publish_at > now),
            "url": url_of(one.slug),
            "path": path_of(one.slug),
            "note": request.POST.get("note", ""),
        },
        status=422 if request.method == "POST" else 200,
    )


def _published(one: Announcement, now: dt.datetime) -> str:
    if one.publish_at and one.publish_at > now:
        return "It is planned, and goes up by itself at its time."
    return "It is on the site now."


@require_POST
@publish_right
def announcement_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an announcement down at once."""

    def withdraw(one: Announcement, by: str, now: dt.datetime) -> None:
        note = request.POST.get("note", "")[:300]
        announcements.withdraw(announcement=one, by=by, now=now, note=note)

    return do(request, pk, withdraw, "It is taken down. The draft is kept.")
