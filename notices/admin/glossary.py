"""The glossary behind Settings: what the firm's own words are called elsewhere."""

# Django's admin and form classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from django import forms
from django.contrib import admin

from notices.kinds import SOURCE_LANGUAGE
from notices.models import Term
from notices.render.blocks import languages


class TermForm(forms.ModelForm):
    """One word, in a language we have blocks in."""

    language = forms.ChoiceField(
        choices=lambda: [(one, one) for one in languages() if one != SOURCE_LANGUAGE]
    )

    class Meta:
        model = Term
        fields = ("word", "language", "says")


@admin.register(Term)
class TermAdmin(admin.ModelAdmin):
    """The glossary: what translators call the firm's own things."""

    form = TermForm
    list_display = ["word", "language", "says"]
    list_filter = ["language"]
    search_fields = ["word", "says"]
