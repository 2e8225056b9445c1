"""The words of an announcement in one language: writing, taking out, looking at."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from notices import announcements
from notices.announcement_text import AnnouncementError, page_of
from notices.announcement_text_form import TextForm
from notices.announcement_words import is_language, suggested_questions
from notices.firm import contact_of
from notices.models import Announcement, AnnouncementRelease, AnnouncementText
from notices.views.announcements import page_context
from notices.views.announcing import (
    announcement_of,
    change_right,
    do,
    language_of,
    who,
)


@require_http_methods(["GET", "HEAD", "POST"])
@change_right
def announcement_text(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Write the words of one language."""
    if not is_language(language):
        raise Http404
    one = announcement_of(pk)
    text = one.texts.filter(language=language).first()
    form = TextForm(
        request.POST or None, announcement=one, language=language, text=text
    )
    if request.method == "POST" and form.is_valid():
        try:
            announcements.save_text(
                announcement=one,
                language=language,
                by=who(request),
                now=timezone.now(),
                **form.as_words(),
            )
        except AnnouncementError as error:
            for problem in error.problems:
                form.add_error(None, problem.sentence)
        else:
            return _shown(pk, language)
    return render(
        request,
        "notices/announcement_text.html",
        {
            "form": form,
            "announcement": one,
            "text": text,
            "language": language_of(language),
            "others": [each for each in one.texts.all() if each.language != language],
            "suggested": suggested_questions(one.kind),
        },
        status=422 if form.errors else 200,
    )


@require_safe
def announcement_text_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the words of the language that was chosen."""
    language = request.GET.get("language", "")
    if not is_language(language):
        return redirect("announcement", pk=pk)
    return redirect("announcement-text", pk=pk, language=language)


@require_POST
@change_right
def announcement_text_remove(
    request: HttpRequest, pk: int, language: str
) -> HttpResponse:
    """Take one language out of the draft."""

    def remove(one: Announcement, by: str, now: dt.datetime) -> None:
        announcements.remove_text(announcement=one, language=language, by=by, now=now)

    return do(request, pk, remove, "The language is out of the draft.")


@require_safe
def announcement_preview(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Show the draft as the public page would be; for staff only."""
    text = get_object_or_404(
        AnnouncementText.objects.select_related("announcement__brand", "template"),
        announcement=pk,
        language=language,
    )
    one, now = text.announcement, timezone.now()
    try:
        page = page_of(text, max(one.publish_at or now, now))
    except AnnouncementError as error:
        raise Http404 from error
    release = AnnouncementRelease(
        announcement=one,
        at=now,
        publish_at=max(one.publish_at or now, now),
        importance=one.importance,
        content={"contact": contact_of(one.brand), "texts": [page]},
    )
    context = page_context(release, page) | {"preview": True, "languages": []}
    response = render(request, "notices/announcement_page.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _shown(pk: int, language: str) -> HttpResponse:
    response = redirect("announcement", pk=pk)
    response["Location"] += f"?language={language}"
    return response
