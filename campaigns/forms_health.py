"""What staff fill in to stop everything, and to decide about held messages."""

from __future__ import annotations

from django import forms


class StopForm(forms.Form):
    """Why everything is stopped: everybody who logs in reads it."""

    reason = forms.CharField(
        max_length=200,
        label="Why",
        help_text="A few words, for example “wrong amounts in the new text”.",
        error_messages={"required": "Say why: others will read it on every page."},
    )


class HeldForm(forms.Form):
    """What becomes of the held messages that were on the page."""

    choice = forms.ChoiceField(choices=[("release", "Release"), ("cancel", "Cancel")])
    newest = forms.IntegerField(
        min_value=0, help_text="The newest message that was counted on the page."
    )
    number = forms.IntegerField(
        min_value=1, help_text="How many were counted on the page."
    )
