"""Asks who it is before a file is handed out, and hands it out in answer to the post.

Nothing is remembered, for there is no cookie: the right answer comes with the request
for the file. A link forgives few wrong ones, and a network not many more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from consent.floods import GUESSES, count, is_flooded
from consent.identity import Fact, NothingToAsk, Question
from consent.links import MOST_WRONG, Purpose, give_tries_back, take_try
from notices.models import Channel
from notices.own_copy import question_of
from notices.pages.visit import Visit, refusal, show
from notices.pages.words import Words

AREA = "identity"
# What a browser may fill in, and which keys a phone shows.
_FILLED_BY = {Fact.POSTCODE: "postal-code", Fact.PHONE: "tel"}
# Other links stand in messages about which nothing more is known than this.
_BY_MAIL = frozenset({Purpose.FRESH, Purpose.OWN_COPY, Purpose.GRANT, Purpose.CONFIRM})


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that can be had: what the page says of it, and what hands it out."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    serve: Callable[[], HttpResponse]
    note: str = ""
    back: str = ""
    # Of a message before the one in hand, by which what is offered was asked for.
    asked_by: str = Channel.EMAIL


class IdentityForm(forms.Form):
    """The one fact that is asked for; no question, no field."""

    label_suffix = ""

    def __init__(self, data: Any, *, words: Words, asked: Question | None) -> None:
        super().__init__(data)
        if asked is None:
            return
        kind = "tel" if asked.fact == Fact.PHONE else "text"
        self.fields["answer"] = forms.CharField(
            max_length=40,
            label=words.plain(f"ask_{asked.fact}"),
            help_text=words.plain(f"ask_{asked.fact}_hint"),
            widget=forms.TextInput(
                attrs={
                    "type": kind,
                    "autocomplete": _FILLED_BY[asked.fact],
                    # Digits and signs, in an Arabic page too.
                    "dir": "ltr",
                }
            ),
            error_messages={
                "required": words.plain("required"),
                "max_length": words.plain("too_long"),
            },
        )


def hand_out(request: HttpRequest, visit: Visit, offer: Offer) -> HttpResponse:
    """Show what can be had and what is asked; hand it out for the right answer.

    The view speaks the words of ``AREA``.
    """
    try:
        asked = question_of(
            visit.customer,
            visit.brand,
            channels=(came_by(visit), offer.asked_by),
            now=visit.now,
        )
    except NothingToAsk:
        return _page(request, visit, offer, why="cannot_ask")
    if asked is not None and visit.link.wrong_answers >= MOST_WRONG:
        return _page(request, visit, offer, why="locked", status=403)
    if request.method != "POST":
        form = IdentityForm(None, words=visit.words, asked=asked)
        return _page(request, visit, offer, form=form)
    return _answered(request, visit, offer, asked)


def _answered(
    request: HttpRequest, visit: Visit, offer: Offer, asked: Question | None
) -> HttpResponse:
    form = IdentityForm(request.POST, words=visit.words, asked=asked)
    if asked is None:
        return offer.serve()
    if is_flooded(GUESSES, visit.address, now=visit.now):
        return refusal(request, "too_often", status=429)
    if form.is_valid():
        if not take_try(visit.link):
            return _page(request, visit, offer, why="locked", status=403)
        if asked.is_right(form.cleaned_data["answer"]):
            give_tries_back(visit.link)
            return offer.serve()
        count(GUESSES, visit.address, now=visit.now)
        left = MOST_WRONG - visit.link.wrong_answers - 1
        if not left:
            return _page(request, visit, offer, why="locked", status=403)
        form.add_error("answer", visit.words.plain("wrong_answer", n=left))
    return _page(request, visit, offer, form=form, status=422)


def came_by(visit: Visit) -> str:
    """Return the channel of the message whose link this is."""
    if visit.notice is None or visit.link.purpose in _BY_MAIL:
        return Channel.EMAIL
    return visit.notice.channel


def _page(
    request: HttpRequest,
    visit: Visit,
    offer: Offer,
    *,
    form: IdentityForm | None = None,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"offer": offer, "form": form, "why": why}
    if why:
        context["why_more"] = visit.words.say(f"{why}_more")
        context["why"] = visit.words.say(why)
    return show(request, visit, "pages/identity.html", context, status=status)
