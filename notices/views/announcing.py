"""Announcements as staff write them: list, draft, words, preview, putting up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from notices import announcements
from notices.announcement_forms import AnnouncementForm, TextForm
from notices.announcement_text import (
    AnnouncementError,
    contact_of,
    direction,
    is_language,
    own_name,
    page_of,
    shortened,
    suggested_questions,
)
from notices.models import Announcement, AnnouncementRelease, AnnouncementText, Brand
from notices.render.blocks import languages
from notices.views.announcements import page_context, path_of, url_of

MOST_LISTED = 200
_SHOWN_AND_SENT = ["GET", "HEAD", "POST"]
change_right = permission_required("notices.change_announcement", raise_exception=True)
publish_right = permission_required(
    "notices.publish_announcement", raise_exception=True
)


@require_safe
def announcement_list(request: HttpRequest) -> HttpResponse:
    """Show the newest announcements and how each stands."""
    now = timezone.now()
    found = list(
        Announcement.objects.select_related("brand").prefetch_related("texts")[
            :MOST_LISTED
        ]
    )
    ruling = {
        release.announcement_id: release
        for release in AnnouncementRelease.objects.ruling().filter(
            announcement__in=found
        )
    }
    lines = [
        {
            "announcement": one,
            "heading": _heading(one, ruling.get(one.pk)),
            "standing": announcements.standing(ruling.get(one.pk), now),
            "languages": [own_name(text.language) for text in one.texts.all()],
            "is_ahead": _is_ahead(one, ruling.get(one.pk)),
        }
        for one in found
    ]
    return render(request, "notices/announcements.html", {"lines": lines})


def _heading(one: Announcement, release: AnnouncementRelease | None) -> str:
    texts = release.texts if release else {}
    heading = next((page["heading"] for page in texts.values()), "")
    return heading or one.slug.replace("-", " ").capitalize()


def _is_ahead(one: Announcement, release: AnnouncementRelease | None) -> bool:
    """Whether the draft was changed after what was put up."""
    return bool(
        release and not release.is_withdrawal and release.revision != one.revision
    )


@require_http_methods(_SHOWN_AND_SENT)
@permission_required("notices.add_announcement", raise_exception=True)
def announcement_new(request: HttpRequest) -> HttpResponse:
    """Write down a new announcement as a draft."""
    form = AnnouncementForm(
        request.POST or None, initial={"importance": "routine", "kind": "news"}
    )
    if request.method == "POST" and form.is_valid():
        made = announcements.save(
            announcement=Announcement(),
            by=_who(request),
            now=timezone.now(),
            **form.cleaned_data,
        )
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
    one = _announcement(pk)
    checked = announcements.check(one, now)
    release = announcements.ruling(one)
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
            "heading": _heading(one, release),
            "standing": announcements.standing(release, now),
            "release": release,
            "is_ahead": _is_ahead(one, release),
            "checked": checked,
            "written": [_language(code) for code in written],
            "missing": [_language(code) for code in checked.missing],
            "others": _others(written, checked.missing),
            "shown": _language(shown) if shown else None,
            "page": page,
            "short": shortened(page, url_of(one.slug, shown), one.brand.name)
            if page
            else None,
            "url": url_of(one.slug),
            "path": path_of(one.slug),
            "history": _history(one),
        },
    )


def _language(code: str) -> dict[str, str]:
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
        _language(code) for code in every if code not in written and code not in missing
    ]


def _history(one: Announcement) -> list[dict[str, Any]]:
    """Return what was put up, the newest first, each with what it changed."""
    releases = list(one.releases.order_by("number"))
    lines = []
    before: AnnouncementRelease | None = None
    for release in releases:
        lines.append(
            {"release": release, "changes": announcements.changes(before, release)}
        )
        before = before if release.is_withdrawal else release
    return lines[::-1]


@require_http_methods(_SHOWN_AND_SENT)
@change_right
def announcement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change when and how an announcement goes up, and its facts."""
    one = _announcement(pk)
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
                announcement=one, by=_who(request), now=timezone.now(), **facts
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


@require_http_methods(_SHOWN_AND_SENT)
@change_right
def announcement_text(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Write the words of one language."""
    if not is_language(language):
        raise Http404
    one = _announcement(pk)
    text = one.texts.filter(language=language).first()
    form = TextForm(
        request.POST or None, announcement=one, language=language, text=text
    )
    if request.method == "POST" and form.is_valid():
        try:
            announcements.save_text(
                announcement=one,
                language=language,
                by=_who(request),
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
            "language": _language(language),
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

    return _do(request, pk, remove, "The language is out of the draft.")


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


@require_http_methods(_SHOWN_AND_SENT)
@publish_right
def announcement_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what publishing would do; do it when the button is pressed."""
    now = timezone.now()
    one = _announcement(pk)
    release = announcements.ruling(one)
    problems: tuple[Any, ...] = ()
    if request.method == "POST":
        seen = request.POST.get("revision", "")
        try:
            announcements.publish(
                announcement=one,
                revision=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
                note=request.POST.get("note", "")[:300],
                by=_who(request),
                now=now,
            )
        except AnnouncementError as error:
            problems = error.problems
            one = _announcement(pk)
        else:
            messages.success(request, _published(one, now))
            return redirect("announcement", pk=pk)
    checked = announcements.check(one, now)
    problems = tuple(dict.fromkeys((*problems, *checked.problems)))
    return render(
        request,
        "notices/announcement_publish.html",
        {
            "announcement": one,
            "zone": one.brand.time_zone,
            "heading": _heading(one, release),
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

    return _do(request, pk, withdraw, "It is taken down. The draft is kept.")


def _do(
    request: HttpRequest,
    pk: int,
    verb: Callable[[Announcement, str, dt.datetime], None],
    done: str,
) -> HttpResponse:
    """Do one thing to an announcement and go back to it, saying what happened."""
    one = _announcement(pk)
    try:
        verb(one, _who(request), timezone.now())
    except AnnouncementError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("announcement", pk=pk)


def _shown(pk: int, language: str) -> HttpResponse:
    response = redirect("announcement", pk=pk)
    response["Location"] += f"?language={language}"
    return response


def _announcement(pk: int) -> Announcement:
    return get_object_or_404(Announcement.objects.select_related("brand"), pk=pk)


def _who(request: HttpRequest) -> str:
    return request.user.get_username()
