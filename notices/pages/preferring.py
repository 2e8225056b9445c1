"""What a customer chooses: what comes, how, when, in which language, and where to.

An overview, and a page for each thing that can be changed. What is posted shows its
receipt at once: the form's own number keeps a second post from doing anything more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from consent.categories import CATEGORIES, REQUIRED
from consent.lawbook import lawbook
from consent.links import Door
from consent.models import ContactWish, PreferenceChange
from consent.preferences import Source, change_switches, change_wishes
from customers.calendars import local_day
from customers.masks import masked
from notices import addresses
from notices.announcement_words import own_name
from notices.choices import Choices
from notices.gate import law_of
from notices.intake.stopping import stop_queued_of
from notices.pages.once import new_form_id, posted_form_id
from notices.pages.preference_forms import (
    DetailsForm,
    EmailForm,
    MessagesForm,
    MobileForm,
    PageForm,
    WishesForm,
)
from notices.pages.visit import Visit, gone, page_view, show
from notices.people import people_of
from notices.standing import suppressions_of

AREA = "preferences"
Line = tuple[str, list[str]]


@page_view(Door.PREFERENCES, AREA)
def preferences(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show all that a customer can choose, and how it stands."""
    choices = _choices(visit)
    person, wish = choices.person, _wish(visit)
    return show(
        request,
        visit,
        "pages/preferences.html",
        {
            "coming": _coming(visit, choices),
            "language": own_name(person.language),
            "wish": wish,
            "first": [visit.words.plain(f"by_{one}") for one in wish.channel_order],
            "best": visit.words.plain(wish.best_time or "any_time"),
            "email": masked("email", person.usable("email")),
            "mobile": masked("mobile", person.usable("mobile")),
            "has_post": person.gets_letters,
            "own_data": visit.path("own-data"),
            "parts": {part: visit.path("preferences-part", part) for part in _parts()},
        },
    )


@page_view(Door.PREFERENCES, AREA)
def preferences_part(request: HttpRequest, visit: Visit, part: str) -> HttpResponse:
    """Show one thing to change, or change it and show the receipt."""
    found = _parts().get(part)
    return gone(request) if found is None else found(request, visit)


def _parts() -> dict[str, Callable[[HttpRequest, Visit], HttpResponse]]:
    parts: dict[str, Callable[[HttpRequest, Visit], HttpResponse]] = {
        "messages": _messages,
        "wishes": _wishes,
        "email": _email,
        "details": _details,
    }
    # A number is confirmed by a text message, where we can send any.
    return parts | ({"mobile": _mobile} if "sms" in settings.CHANNELS else {})


# What comes ------------------------------------------------------------------


def _messages(request: HttpRequest, visit: Visit) -> HttpResponse:
    choices = _choices(visit)
    form = MessagesForm(_posted(request), words=visit.words, choices=choices)
    if not form.is_valid():
        on_paper = [one for one in CATEGORIES if one in REQUIRED - form.fields.keys()]
        return _form(request, visit, "messages", form, on_paper=on_paper)
    change = change_switches(
        customer=visit.customer,
        wanted=form.wanted,
        to_paper=form.to_paper,
        source=_source(request, visit, form),
        now=visit.now,
    )
    for code, (_, now_on) in (change.changes if change else {}).items():
        category, _, channel = code.partition(":")
        if not now_on:
            stop_queued_of(category, customers=[choices.person.pk], channel=channel)
    return _receipt(request, visit, change)


def _wishes(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = WishesForm(
        _posted(request),
        words=visit.words,
        channels=_choices(visit).orderable,
        wish=_wish(visit),
        language=visit.customer.language,
    )
    if not form.is_valid():
        return _form(request, visit, "wishes", form)
    change = change_wishes(
        customer=visit.customer,
        language=form.cleaned_data["language"],
        channel_order=form.channel_order,
        best_time=form.cleaned_data["best_time"],
        pay_day=form.cleaned_data["pay_day"],
        source=_source(request, visit, form),
        now=visit.now,
    )
    return _receipt(request, visit, change)


# Where to --------------------------------------------------------------------


def _email(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = EmailForm(_posted(request), words=visit.words)
    return _new_address(request, visit, form, "email")


def _mobile(request: HttpRequest, visit: Visit) -> HttpResponse:
    country = visit.customer.country or visit.brand.country
    form = MobileForm(_posted(request), words=visit.words, country=country)
    return _new_address(request, visit, form, "mobile")


def _new_address(
    request: HttpRequest, visit: Visit, form: PageForm, kind: str
) -> HttpResponse:
    person = _person(visit)
    if form.is_valid():
        try:
            addresses.ask_change(
                customer=visit.customer,
                person=person,
                brand=visit.brand,
                kind=kind,
                value=form.cleaned_data["value"],
                form_id=form.form_id,
                now=visit.now,
            )
        except addresses.AddressRefused as refused:
            form.add_error("value", visit.words.plain(refused.code))
        else:
            new = masked(kind, form.cleaned_data["value"])
            told = visit.words.say(f"{kind}_asked", address=new)
            return _told(request, visit, told)
    return _form(request, visit, kind, form, old=masked(kind, person.usable(kind)))


def _details(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = DetailsForm(_posted(request), words=visit.words)
    if not form.is_valid():
        return _form(request, visit, "details", form)
    addresses.tell_staff(
        customer=visit.customer,
        person=_person(visit),
        words=form.cleaned_data["value"],
        form_id=form.form_id,
        now=visit.now,
    )
    return _told(request, visit, visit.words.say("details_told"))


@page_view(Door.CONFIRM, AREA)
def confirm(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the one button that confirms a new address, and use it at a press."""
    change = addresses.change_of(visit.link)
    if change is None:
        return gone(request)
    if request.method == "POST" and posted_form_id(request):
        addresses.confirm(change=change, link=visit.link, now=visit.now)
        change.refresh_from_db()
    return show(
        request,
        visit,
        "pages/confirm.html",
        {"change": change, "form_id": new_form_id()},
    )


# What they share -------------------------------------------------------------


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _person(visit: Visit) -> Any:
    return people_of([visit.customer.pk])[visit.customer.pk]


def _choices(visit: Visit) -> Choices:
    person = _person(visit)
    day = local_day(visit.now, visit.brand.time_zone)
    law = law_of(person, lawbook(), visit.now, day)
    return Choices(person, suppressions_of([person]), day, law)


def _wish(visit: Visit) -> ContactWish:
    found = ContactWish.objects.filter(customer=visit.customer).first()
    return found or ContactWish()


def _coming(visit: Visit, choices: Choices) -> list[Line]:
    """Return what comes to the customer and by which ways, in their words."""
    lines = []
    for category in CATEGORIES:
        if category in REQUIRED:
            ways = ["by_email" if choices.by_mail(category) else "on_paper"]
        else:
            ways = [f"by_{one}" for one in choices.switched_on(category)]
        said = [visit.words.plain(way) for way in ways or ["not_at_all"]]
        lines.append((visit.words.plain(category), said))
    return lines


def _form(
    request: HttpRequest, visit: Visit, part: str, form: PageForm, **more: Any
) -> HttpResponse:
    context = {"form": form, "part": part, "heading": visit.words.say(f"{part}_head")}
    back = {"back": visit.path("preferences"), "agree": visit.path("consent")}
    status = 422 if form.errors else 200
    template = "pages/preferences_form.html"
    return show(request, visit, template, {**context, **back, **more}, status=status)


def _receipt(
    request: HttpRequest, visit: Visit, change: PreferenceChange | None
) -> HttpResponse:
    """Show what was kept, and what still comes and how."""
    changed = change is not None and bool(change.changes)
    return show(
        request,
        visit,
        "pages/preferences_receipt.html",
        {
            "told": visit.words.say("kept" if changed else "kept_as_is"),
            "change": change,
            "coming": _coming(visit, _choices(visit)),
            "back": visit.path("preferences"),
        },
    )


def _told(request: HttpRequest, visit: Visit, told: str) -> HttpResponse:
    context = {"told": told, "back": visit.path("preferences")}
    return show(request, visit, "pages/preferences_receipt.html", context)


def _source(request: HttpRequest, visit: Visit, form: PageForm) -> Source:
    return Source(
        method=PreferenceChange.Method.WEB,
        form_id=form.form_id,
        notice_reference=visit.link.notice_reference,
        ip=visit.address,
        user_agent=request.headers.get("User-Agent", "")[:300],
    )
