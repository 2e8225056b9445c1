"""One record for one form, however often its button is pressed."""

from __future__ import annotations

import uuid

from django import forms
from django.http import HttpRequest

FIELD = "form"


def new_form_id() -> uuid.UUID:
    """Return the hidden number of a form that is being shown; kept nowhere yet."""
    return uuid.uuid4()


class OnceForm(forms.Form):
    """A form that carries its own number, by which a second post of it is known.

    What is recorded keeps the number under a unique constraint; whoever posts it again
    is shown what the first post did.
    """

    form = forms.UUIDField(widget=forms.HiddenInput, initial=new_form_id)
    # A label already ends as its sentence does.
    label_suffix = ""

    @property
    def form_id(self) -> uuid.UUID:
        """The number, once the form is valid."""
        number: uuid.UUID = self.cleaned_data[FIELD]
        return number


def posted_form_id(request: HttpRequest) -> uuid.UUID | None:
    """Return the number that the post of a one-button page carries, None if none."""
    try:
        return uuid.UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None
