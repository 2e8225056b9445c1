"""Where the code is typed that stands in a letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from consent.floods import CODES, count, is_flooded
from consent.links import Door, mint, open_code
from notices.doors import leads_to
from notices.models import Brand
from notices.pages.visit import accepted_language, face_of, public_page, see
from notices.pages.visitor import address_of
from notices.pages.words import Words, words_for


class CodeForm(forms.Form):
    """The code, however it is written."""

    code = forms.CharField(max_length=40)
    label_suffix = ""

    def __init__(self, words: Words, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["code"]
        field.label, field.help_text = words.plain("code"), words.plain("code_hint")
        wrong = words.plain("code_wrong")
        field.error_messages.update(
            required=words.plain("required"),
            max_length=wrong,
            null_characters_not_allowed=wrong,
        )
        field.widget = forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "dir": "ltr"}
        )


@public_page
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and lead on to the page it opens.

    After too many wrong ones every code is a wrong one.
    """
    words = words_for(accepted_language(request), "", "answers")
    form = CodeForm(words, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        path = _path_of(form.cleaned_data["code"], request)
        if path:
            return see(path)
        form.add_error("code", words.plain("code_wrong"))
    brands = list(Brand.objects.order_by("pk")[:2])
    face = face_of(brands[0] if len(brands) == 1 else None, words)
    status = 422 if form.errors else 200
    return render(request, "pages/code.html", {**face, "form": form}, status=status)


def _path_of(typed: str, request: HttpRequest) -> str:
    """Return the path a code leads to, empty for a wrong one, which is counted."""
    now, address = timezone.now(), address_of(request)
    if is_flooded(CODES, address, now=now):
        return ""
    link = open_code(typed, Door.ANSWER, now=now)
    if link is None:
        count(CODES, address, now=now)
        return ""
    # Drawn again from the message it stands in: only its hash is kept.
    token = mint(link.notice_reference).token
    return reverse(leads_to(link.notice_reference), args=[token])
