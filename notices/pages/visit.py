"""One visit to a customer's own page: which link, whose, of which firm, in which words.

The token in the address is all the authority there is, so that no cookie is set and no
CSRF token asked for. Links that are wrong, have run out or were revoked get one answer,
byte for byte.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from consent.floods import FORMS, count, is_flooded
from consent.links import Door, open_link
from consent.models import AccessLink
from customers.models import Customer
from customers.prepared import prepared
from notices.firm import contact_in, contact_of
from notices.formats import zone_words
from notices.models import Brand, Notice
from notices.pages.fresh_form import AREA, FreshForm
from notices.pages.visitor import address_of
from notices.pages.words import LANGUAGES, Words, shipped, words_for

PageView = Callable[..., HttpResponse]
# A file of 8 MB (notices.proofs) and the form around it.
MOST_POSTED = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who opened which door; ``address`` is the visitor's network address."""

    link: AccessLink
    token: str
    notice: Notice | None
    brand: Brand
    words: Words
    now: dt.datetime
    address: str

    @property
    def customer(self) -> Customer:
        return self.link.customer

    def in_zone(self, moment: dt.datetime) -> dt.datetime:
        """Return a moment as the firm's clock shows it."""
        return moment.astimezone(ZoneInfo(self.brand.time_zone))

    def path(self, name: str, *more: str) -> str:
        """Return the path of another page of this link, in the language being read."""
        path = reverse(name, args=[self.token, *more])
        if self.words.language == shipped(self.customer.language):
            return path
        return f"{path}?lang={self.words.language}"


def public_page(view: PageView) -> PageView:
    """Open a page to everybody: no log-in, no cookie, never kept, never indexed.

    A form that is too large is told so; one network can post only so often an hour.
    """

    @csrf_exempt
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return private(_guarded(view, request, *args, **kwargs))

    return opened


def _guarded(
    view: PageView, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    if request.method != "POST":
        return view(request, *args, **kwargs)
    now, address = timezone.now(), address_of(request)
    if is_flooded(FORMS, address, now=now):
        return refusal(request, "too_often", status=429)
    count(FORMS, address, now=now)
    if _size(request) > MOST_POSTED:
        # Said before it is read: a file could fill the disk.
        return refusal(request, "too_large", status=413)
    try:
        # Parsed here, where what is wrong with it can still be said kindly.
        request.POST  # noqa: B018
    except (RequestDataTooBig, SuspiciousOperation, MultiPartParserError):
        return refusal(request, "too_large", status=413)
    return view(request, *args, **kwargs)


def _size(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdecimal() else 0


def page_view(door: Door, *areas: str) -> Callable[[PageView], PageView]:
    """Let a token that opens ``door`` reach a view: ``view(request, visit, …)``.

    ``areas`` are the words it speaks (notices.pages.words).
    """

    def wrap(view: PageView) -> PageView:
        @public_page
        @wraps(view)
        def opened(
            request: HttpRequest, token: str, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            visit = visit_of(request, token, door, *areas)
            if visit is None:
                return gone(request)
            return view(request, visit, *args, **kwargs)

        return opened

    return wrap


def visit_of(request: HttpRequest, token: str, door: Door, *areas: str) -> Visit | None:
    """Return the visit a token makes at a door; None if it opens nothing."""
    now = timezone.now()
    link = open_link(token, door, now=now)
    if link is None:
        return None
    notice = _notice_of(link)
    brand = notice.stream.brand if notice else Brand.objects.order_by("pk").first()
    if brand is None:
        return None
    asked = request.GET.get("lang", "")
    language = asked if asked in LANGUAGES else link.customer.language
    return Visit(
        link=link,
        token=token,
        notice=notice,
        brand=brand,
        words=words_for(language, link.customer.country or brand.country, *areas),
        now=now,
        address=address_of(request),
    )


def _notice_of(link: AccessLink) -> Notice | None:
    if not link.notice_reference:
        return None
    return _notices_by.one(reference=link.notice_reference)


@prepared
def _notices_by(reference: str) -> QuerySet[Notice]:
    return Notice.objects.filter(reference=reference).select_related(
        "stream__brand__answer_limits", "template"
    )


def show(
    request: HttpRequest,
    visit: Visit,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Return a page of a visit in the firm's face and the reader's language."""
    face = {"visit": visit, **face_of(visit.brand, visit.words)}
    return render(request, template, {**face, **(context or {})}, status=status)


def face_of(brand: Brand | None, words: Words) -> dict[str, Any]:
    """Return what the frame of every page shows: words, firm, languages."""
    logo = bytes(brand.logo or b"") if brand else b""
    return {
        "words": words,
        "brand": brand,
        "contact": contact_in(contact_of(brand), words.language) if brand else None,
        "zone": zone_words(brand.time_zone, words.language) if brand else "",
        "logo": base64.b64encode(logo).decode(),
    }


def see(path: str) -> HttpResponse:
    """Send the reader on to another page of theirs, so that a reload posts nothing."""
    return HttpResponse(status=303, headers={"Location": path})


def gone(request: HttpRequest) -> HttpResponse:
    """Answer to a link that opens nothing, the same whatever the reason.

    It has no part that differs from one visit to the next.
    """
    return refusal(request, "gone", status=404)


def refusal(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    """Return a page that names nobody: ``gone``, ``too_often`` or ``too_large``."""
    brand, words = stranger(request, AREA)
    context = {
        **face_of(brand, words),
        "heading": words.say(why),
        "more": words.say(f"{why}_more"),
        "form": FreshForm(words=words) if why == "gone" else None,
    }
    response = render(request, "pages/refusal.html", context, status=status)
    patch_vary_headers(response, ["Accept-Language"])
    return private(response)


def stranger(request: HttpRequest, *areas: str) -> tuple[Brand | None, Words]:
    """Return what a page shows to somebody nobody knows: the firm, where there is but
    one, and words in the language the browser asks for."""
    brands = list(Brand.objects.order_by("pk")[:2])
    words = words_for(accepted_language(request), "", *areas)
    return (brands[0] if len(brands) == 1 else None), words


def accepted_language(request: HttpRequest) -> str:
    """Return the language a stranger's browser asks for, of those we write."""
    asked = request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code.partition("-")[0] in LANGUAGES:
            return code.partition("-")[0]
    return "en"


def private(response: HttpResponse) -> HttpResponse:
    """Let nobody keep or list a page that is one customer's own."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
