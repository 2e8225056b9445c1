"""The page of somebody outside who was asked to read a draft: no account, no cookie.

The link is the authority, so there is no CSRF token to check; a one-time form id keeps
a form sent twice from asking twice. A wrong, an expired and a closed link get the same
answer, byte for byte.
"""

from __future__ import annotations

import re
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

from notices.kinds import channels_of
from notices.models import ReviewLink
from notices.preview import paragraphs_of
from notices.preview_facts import house_brand
from notices.readers import ask, link_of, paragraphs_hash
from notices.render import RenderError
from notices.stops import WordingError

_BOX = re.compile(r"q[1-9][0-9]{0,3}")
_CHANGED = (
    "The text was changed while you were reading, so nothing was sent yet. What you "
    "wrote is kept below: see whether each remark still stands with its paragraph, "
    "then send."
)


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
    questions = _questions(request, len(paragraphs))
    error, status = "", 422
    if request.POST.get("seen", "") != paragraphs_hash(paragraphs):
        # Their numbers count paragraphs that were different ones when they read.
        error, status = _CHANGED, 409
    elif not any(questions.values()):
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
        return _answer("notices/review.html", context, status=status)
    answer = redirect("read", token=token)
    answer["Location"] += "?sent=yes"
    answer.status_code = 303
    return _private(answer)


def _questions(request: HttpRequest, count: int) -> dict[int, str]:
    """Return what was written, by number of the paragraph from 1 to ``count``.

    What was written to paragraphs that are gone is kept with the last one.
    """
    found = dict.fromkeys(range(1, count + 1), "")
    for name, words in request.POST.items():
        written = words.strip().replace("\x00", "") if isinstance(words, str) else ""
        if written and _BOX.fullmatch(name) and count:
            number = min(int(name[1:]), count)
            found[number] = f"{found[number]}\n\n{written}".strip()
    return found


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
    brand = house_brand()
    return {
        "link": link,
        "firm": brand.name if brand else "",
        "version": link.version,
        "direction": Locale.parse(link.version.language).text_direction,
        "has_title": bool(link.version.subject),
        "paragraphs": [
            (number, text, asked.get(number, []), (written or {}).get(number, ""))
            for number, text in enumerate(paragraphs, 1)
        ],
        "form_id": uuid.uuid4(),
        "seen": paragraphs_hash(paragraphs),
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
