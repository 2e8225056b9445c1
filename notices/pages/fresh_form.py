"""The form by which a stranger asks for a fresh link; it stands on every refusal."""

from __future__ import annotations

from django import forms

from customers.contact import ContactError, normalise_email
from notices.pages.words import Words

AREA = "fresh"


class FreshForm(forms.Form):
    """An e-mail address, and the customer number for whoever has several accounts.

    Without a number of its own: a second post asks a second time, and no second mail
    follows (notices.fresh).
    """

    label_suffix = ""
    email = forms.CharField(
        max_length=320, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    number = forms.CharField(max_length=64, required=False)

    def __init__(self, *args: object, words: Words, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.words = words
        usual = {
            "required": words.plain("required"),
            "max_length": words.plain("too_long"),
        }
        for name, label in (("email", "your_email"), ("number", "your_number")):
            self.fields[name].label = words.plain(label)
            self.fields[name].error_messages.update(usual)
        self.fields["number"].help_text = words.plain("your_number_hint")

    def clean_email(self) -> str:
        """Return the address in its normal form."""
        try:
            return normalise_email(self.cleaned_data["email"])
        except ContactError as error:
            raise forms.ValidationError(self.words.plain("email_wrong")) from error
