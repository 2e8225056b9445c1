"""The page of somebody outside who was asked to read a draft: no account, no cookie.

The link is the authority, so there is no CSRF token to check; a one-time form id keeps
a form sent twice from asking twice. A wrong, an expired and a closed link get the same
answer, byte for byte.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from babel import Locale
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notices.models import ReviewLink
from notices.preview import paragraphs_of
from notices.readers import ask, link_of
from notices.render import RenderError
from notices.stops import WordingError, channels_of


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest, token: str) -> HttpResponse:
    """Show a draft with a box for questions at each paragraph, and take them."""
    now = timezone.now()
    link = link_of(token, now)
    if link is None:
        return _answer("notices/review_gone.html", {}, status=404)
    version = link.version
    try:
        paragraphs = paragraphs_of(version, channels_of(version.channel)[0])
    except RenderError:
        # The author is told on the page of the text; a reader cannot mend it.
        return _answer("notices/review_pause.html", {}, status=503)
    if request.method == "POST":
        return _take(request, link, paragraphs, token)
    return _answer("notices/review.html", _context(request, link, paragraphs))


def _take(
    request: HttpRequest, link: ReviewLink, paragraphs: Sequence[str], token: str
) -> HttpResponse:
    questions = {
        number: request.POST.get(f"q{number}", "").strip().replace("\x00", "")
        for number in range(1, len(paragraphs) + 1)
    }
    error = ""
    if not any(questions.values()):
        error = "Write at least one question or remark, then send."
    else:
        try:
            ask(
                link=link,
                form_id=_form_id(request),
                questions=questions,
                paragraphs=paragraphs,
                now=timezone.now(),
            )
        except WordingError as refused:
            error = refused.sentence
    if error:
        context = _context(request, link, paragraphs, questions) | {"error": error}
        return _answer("notices/review.html", context, status=422)
    answer = redirect("read", token=token)
    answer["Location"] += "?sent=yes"
    answer.status_code = 303
    return _private(answer)


def _form_id(request: HttpRequest) -> uuid.UUID:
    """Return the id the form came with; one without an id is a form of its own."""
    try:
        return uuid.UUID(request.POST.get("form", ""))
    except ValueError:
        return uuid.uuid4()


def _context(
    request: HttpRequest,
    link: ReviewLink,
    paragraphs: Sequence[str],
    written: dict[int, str] | None = None,
) -> dict[str, object]:
    asked: dict[int, list[object]] = {}
    for question in link.questions.order_by("pk"):
        asked.setdefault(question.paragraph, []).append(question)
    return {
        "link": link,
        "version": link.version,
        "direction": Locale.parse(link.version.language).text_direction,
        "has_title": bool(link.version.subject),
        "paragraphs": [
            (number, text, asked.get(number, []), (written or {}).get(number, ""))
            for number, text in enumerate(paragraphs, 1)
        ],
        "form_id": uuid.uuid4(),
        "sent": request.GET.get("sent") == "yes",
    }


def _answer(
    template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    # Without the request: what it would bring (user, messages) reads a session.
    return _private(HttpResponse(render_to_string(template, context), status=status))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "no-store"
    return answer
