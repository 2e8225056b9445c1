"""What staff note of a telephone call about e-mail or paper."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from consent.models import Category, Disclosure
from customers.contact import ContactError, normalise_email

YES, NO = "yes", "no"
# A call is noted the same day; a slip of the pen is not a call of last year.
OLDEST = dt.timedelta(days=7)


class PhoneConsentForm(forms.Form):
    """Who said what, when, having heard which words. A yes is never more than the
    first step: the sample has to be opened."""

    form = forms.UUIDField(widget=forms.HiddenInput)
    shown = forms.CharField(max_length=80, widget=forms.HiddenInput)
    spoke_with = forms.CharField(
        max_length=120,
        label="Who was on the line",
        error_messages={"required": "Write the name of the person you spoke with."},
    )
    spoken_at = forms.DateTimeField(
        label="When",
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={
            "required": "Say when you spoke.",
            "invalid": "Write day and time, like 2026-03-31T14:30.",
        },
    )
    was_read = forms.BooleanField(
        label="I read the words on this page aloud, to the end",
        error_messages={"required": "Read the words aloud first, then tick this."},
    )
    answer = forms.ChoiceField(
        label="What they want",
        choices=[(YES, "E-mail: send the sample"), (NO, "Paper")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the customer said."},
    )
    categories = forms.MultipleChoiceField(
        label="What may come by e-mail",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    address = forms.CharField(
        max_length=320, required=False, label="E-mail address, read back by letter"
    )

    def __init__(
        self,
        data: Any = None,
        *,
        disclosure: Disclosure,
        zone: dt.tzinfo,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.zone, self.ref = zone, disclosure.ref
        labels = dict(Category.choices)
        categories: Any = self.fields["categories"]
        categories.choices = [(one, labels[one]) for one in disclosure.categories]

    def clean_shown(self) -> str:
        """Refuse a note on words that are not in force any more."""
        shown: str = self.cleaned_data["shown"]
        if shown != self.ref:
            raise forms.ValidationError(
                "The words were changed meanwhile. Read the new ones aloud."
            )
        return shown

    def clean_spoken_at(self) -> dt.datetime:
        """Return when it was, in the firm's zone; not in the future nor long ago."""
        naive: dt.datetime = self.cleaned_data["spoken_at"]
        spoken = naive.replace(tzinfo=self.zone)
        now = timezone.now()
        if not now - OLDEST <= spoken <= now + dt.timedelta(minutes=5):
            raise forms.ValidationError(
                "Note a call within seven days, and not before it was made."
            )
        return spoken

    def clean_address(self) -> str:
        """Return the address in its normal form.

        A faulty one is refused in words for staff.
        """
        typed: str = self.cleaned_data["address"]
        if not typed:
            return ""
        try:
            return normalise_email(typed)
        except ContactError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Ask for categories and an address where the answer is e-mail."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") == YES:
            if not cleaned.get("categories"):
                self.add_error("categories", "Tick what the customer wants by e-mail.")
            if not cleaned.get("address") and "address" not in self.errors:
                self.add_error("address", "Write the address the sample is to go to.")
        return cleaned
