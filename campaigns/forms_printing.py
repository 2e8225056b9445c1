"""What staff fill in at the print room: the day of posting, and what came back."""

from __future__ import annotations

from django import forms

from campaigns.forms import DayInput


class PostedForm(forms.Form):
    """The day on which a run went to the post."""

    posted_on = forms.DateField(
        label="Posted on",
        widget=DayInput(),
        error_messages={
            "required": "Say on which day the letters were posted.",
            "invalid": "Write the date as year-month-day, like 2026-03-31.",
        },
    )


class ReturnedForm(forms.Form):
    """A letter that came back, by the reference printed on it."""

    code = forms.CharField(
        label="Reference on the letter",
        max_length=60,
        help_text="Scan it, or type its 12 letters and digits.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters"}
        ),
        error_messages={"required": "Scan or type the reference on the letter."},
    )
    reason = forms.CharField(
        label="What the post wrote on it",
        max_length=200,
        required=False,
        help_text="For example “moved away”. It may stay empty.",
    )
