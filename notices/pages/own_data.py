"""A copy of all that is kept about a customer: asked for here, and handed out here.

Two doors: the preference page asks, and the link in the mail that says it is ready
hands it out (notices.own_copy).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from consent.floods import COPIES, is_flooded
from consent.links import Door
from consent.telling import known_print
from customers import rights
from customers.masks import masked_email
from customers.models import PersonExport
from customers.own_copy import EVERY, CopyRefused, refusal_of, take
from notices import own_copy
from notices.own_copy import NoWay, Way, asked_by, copy_in, way_of
from notices.pages import identity
from notices.pages.identity import Offer, came_by, hand_out
from notices.pages.once import OnceForm
from notices.pages.visit import Visit, gone, page_view, refusal, show
from notices.pages.words import Words

AREA = "data"
MEGABYTE = 1024 * 1024


@page_view(Door.PREFERENCES, AREA)
def own_data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what a copy holds and where its link goes; have one made."""
    if request.method == "POST":
        return _asked(request, visit)
    way = _way(visit)
    return _page(request, visit, way, refusal_of(visit.customer, now=visit.now))


def _way(visit: Visit) -> Way:
    return way_of(visit.customer, visit.brand, asked_by=came_by(visit), now=visit.now)


def _asked(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = OnceForm(request.POST)
    way = _way(visit)
    if not form.is_valid():
        return _page(request, visit, way, refusal_of(visit.customer, now=visit.now))
    if way.why:
        own_copy.tell_staff(customer=visit.customer, why=way.why, now=visit.now)
        return _page(request, visit, way, None, told=visit.words.say("staff_told"))
    if is_flooded(COPIES, visit.address, now=visit.now):
        return refusal(request, "too_often", status=429)
    try:
        own_copy.ask(
            customer=visit.customer,
            brand=visit.brand,
            form_id=form.form_id,
            asked_with=visit.link.notice_reference,
            asked_by=came_by(visit),
            network=visit.address,
            now=visit.now,
        )
    except CopyRefused as refused:
        return _page(request, visit, way, refused)
    except NoWay as found:
        return _page(request, visit, Way(why=found.code), None)
    told = visit.words.say("asked", address=masked_email(way.address))
    return _page(request, visit, way, None, told=told)


def _page(
    request: HttpRequest,
    visit: Visit,
    way: Way,
    refused: CopyRefused | None,
    told: str = "",
) -> HttpResponse:
    words = visit.words
    context: dict[str, Any] = {
        "told": told,
        "address": masked_email(way.address),
        "form": OnceForm(),
        "back": visit.path("preferences"),
    }
    if way.why:
        facts = {"until": visit.in_zone(way.until)} if way.until else {}
        context["why"] = words.say(way.why, **facts)
    elif refused is not None:
        export = refused.export
        context["refused"] = words.say(
            refused.code,
            asked=visit.in_zone(export.asked_at),
            again=visit.in_zone(export.asked_at + EVERY),
        )
    return show(request, visit, "pages/own_data.html", context)


@page_view(Door.OWN_COPY, AREA, identity.AREA)
def own_copy_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Hand out the file, to who answers what the firm asks."""
    export = copy_in(visit.notice, now=visit.now)
    if export is None or not _is_same_address(visit):
        return gone(request)
    words = visit.words
    offer = Offer(
        heading=words.say("ready"),
        facts=(
            (words.plain("kind_of_file"), _size(words, export.size)),
            (words.plain("as_of"), _moment(visit, export.asked_at)),
            (words.plain("goes_on"), _moment(visit, export.expires_at)),
        ),
        note=words.say("keep_safe"),
        serve=lambda: _served(visit, export),
        asked_by=asked_by(export),
    )
    return hand_out(request, visit, offer)


def _moment(visit: Visit, moment: dt.datetime) -> str:
    return visit.words.say("moment", moment=visit.in_zone(moment))


def _is_same_address(visit: Visit) -> bool:
    """Whether the address that the link went to is still the one we use."""
    sent_to = visit.link.address_print
    return sent_to is not None and bytes(sent_to) == known_print(visit.customer)


def _size(words: Words, size: int) -> str:
    """Return what the file is, and its size: never less than it is."""
    if size > MEGABYTE:
        return words.say("size_mb", n=-(-size // MEGABYTE))
    return words.say("size_kb", n=-(-size // 1024))


def _served(visit: Visit, export: PersonExport) -> HttpResponse:
    take(export, asked_with=visit.link.notice_reference, now=visit.now)
    response = StreamingHttpResponse(
        rights.export_pieces(export), content_type="application/zip"
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    response["Content-Length"] = str(export.size)
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # a file is sent piece by piece
