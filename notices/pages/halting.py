"""One button, or one click in a mailbox, that stops a kind of message.

The link is signed and belongs to a mailbox as much as to a person: it opens nothing
else. A mailbox posts exactly one field (RFC 8058) and gets 200, without a cookie or
redirect; any other post without our button changes nothing and gets 400 and the page.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from consent.categories import REQUIRED
from consent.preferences import Source
from notices import halting
from notices.doors import stopped_notice
from notices.models import Notice
from notices.pages.once import new_form_id, posted_form_id
from notices.pages.visit import face_of, gone, private, public_page
from notices.pages.visitor import address_of
from notices.pages.words import LANGUAGES, words_for

# The one field a mailbox posts, and no other: far shorter than any form.
_FIELD, _VALUE = "List-Unsubscribe", "One-Click"
_LONGEST = 2_000


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link would stop, and stop it at a press of the button.

    A mailbox's click is not counted as a form: providers press for thousands of people
    from one network, and the signature cannot be guessed.
    """
    if request.method == "POST" and _is_one_click(request):
        return private(_one_click(request, token))
    return _page(request, token)


def _is_one_click(request: HttpRequest) -> bool:
    """Whether the body is exactly what RFC 8058 says, in either encoding of forms."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > _LONGEST:
            return False
        posted, files = request.POST, request.FILES
    except (ValueError, RequestDataTooBig, SuspiciousOperation, MultiPartParserError):
        return False
    return not files and dict(posted.lists()) == {_FIELD: [_VALUE]}


def _one_click(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    notice = stopped_notice(token, now=now)
    if notice is None:
        return gone(request)
    source = _source(request, notice, halting.Method.ONE_CLICK)
    halting.stop(notice=notice, source=source, now=now)
    return HttpResponse(b"", content_type="text/plain; charset=utf-8")


@public_page
def _page(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    notice = stopped_notice(token, now=now)
    if notice is None:
        return gone(request)
    if not halting.stoppable(notice):
        return _show(request, notice, "nothing")
    status = 200
    if request.method == "POST":
        source = _source(request, notice, halting.Method.STOP_PAGE)
        if "undo" in request.POST and source.form_id:
            if halting.undo(notice=notice, source=source, now=now):
                return _show(request, notice, "undone")
        elif "stop" in request.POST and source.form_id:
            halting.stop(notice=notice, source=source, now=now)
        else:
            status = 400
    stopped = halting.is_stopped(notice, now=now)
    return _show(request, notice, "stopped" if stopped else "ask", status=status)


def _show(
    request: HttpRequest, notice: Notice, state: str, *, status: int = 200
) -> HttpResponse:
    """Return the page; it names nobody, since a mailbox may keep what it fetched."""
    asked = request.GET.get("lang", "")
    customer, brand = notice.customer, notice.stream.brand
    language = asked if asked in LANGUAGES else customer.language
    words = words_for(language, customer.country or brand.country, "stop")
    category = halting.stoppable(notice)
    context: dict[str, Any] = {
        **face_of(brand, words),
        "state": state,
        "is_required": category in REQUIRED,
        "heading": words.say(f"{state}_{category}" if category else state),
        "can_undo": state == "stopped" and halting.can_undo(notice),
        "form_id": new_form_id(),
    }
    return render(request, "pages/stop.html", context, status=status)


def _source(request: HttpRequest, notice: Notice, method: str) -> Source:
    return Source(
        method=method,
        form_id=posted_form_id(request),
        notice_reference=notice.reference,
        ip=address_of(request),
        user_agent=request.headers.get("User-Agent", "")[:300],
    )
