"""The form that asks for a fresh link: one answer, whoever asks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from consent.floods import LINKS, count, is_flooded
from notices.fresh import ask_for_link
from notices.pages.fresh_form import AREA, FreshForm
from notices.pages.visit import face_of, gone, public_page, refusal, stranger
from notices.pages.visitor import address_of


@public_page
def fresh_link(request: HttpRequest) -> HttpResponse:
    """Keep that somebody asks for a fresh link; the answer never says who is known."""
    brand, words = stranger(request, AREA)
    form = FreshForm(request.POST if request.method == "POST" else None, words=words)
    context = {**face_of(brand, words), "form": form, "asked": False}
    if request.method == "POST":
        now, address = timezone.now(), address_of(request)
        if is_flooded(LINKS, address, now=now):
            return refusal(request, "too_often", status=429)
        if form.is_valid():
            count(LINKS, address, now=now)
            ask_for_link(
                email=form.cleaned_data["email"],
                customer_number=form.cleaned_data["number"],
                language=words.language,
                now=now,
            )
            context["asked"] = True
    status = 422 if form.errors else 200
    return render(request, "pages/fresh.html", context, status=status)


@public_page
def cut_off(request: HttpRequest) -> HttpResponse:
    """Answer to a link that lost its token, as to any other that opens nothing."""
    return gone(request)
