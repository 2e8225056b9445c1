"""What customers fill in about e-mail and paper: nothing is ticked or chosen before."""

from __future__ import annotations

from typing import Any

from django import forms

from consent.models import Disclosure
from consent.sample_codes import Asked
from customers.contact import ContactError, normalise_email
from notices.pages.once import OnceForm
from notices.pages.words import Words

KNOWN, OTHER = "known", "other"
_LONGEST_ADDRESS = 320


class ShownForm(OnceForm):
    """Which words somebody had before them when they chose."""

    shown = forms.CharField(max_length=80, widget=forms.HiddenInput)


class OfferForm(ShownForm):
    """What may come by e-mail, and to which address.

    ``known`` is the masked address we use, empty for none. A firm names who speaks for
    it, and agrees for the address we know.
    """

    categories = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False
    )
    where = forms.ChoiceField(widget=forms.RadioSelect, required=False)
    address = forms.CharField(
        max_length=_LONGEST_ADDRESS,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    address_again = forms.CharField(
        max_length=_LONGEST_ADDRESS,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    signed_by = forms.CharField(
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        words: Words,
        disclosure: Disclosure,
        known: str,
        is_firm: bool,
    ) -> None:
        super().__init__(data, initial={"shown": disclosure.ref}, auto_id="id_%s")
        self.words, self.known, self.is_firm = words, known, is_firm
        say = words.plain
        fields: dict[str, Any] = self.fields
        fields["categories"].choices = [
            (code, say(f"cat_{code}")) for code in disclosure.categories
        ]
        fields["categories"].label = say("pick")
        fields["categories"].help_text = say("pick_hint")
        fields["where"].label = say("where")
        fields["where"].choices = [
            (KNOWN, say("where_known", address=known)),
            (OTHER, say("where_other")),
        ]
        for name in ("address", "address_again", "signed_by"):
            fields[name].label = say(name)
            fields[name].error_messages["max_length"] = say("too_long")
        fields["shown"].error_messages["max_length"] = say("note_words")
        for name in self._unasked():
            del fields[name]

    def _unasked(self) -> list[str]:
        if self.is_firm:
            return ["where", "address", "address_again"]
        return ["signed_by"] if self.known else ["signed_by", "where"]

    def clean(self) -> dict[str, Any]:
        """Refuse a choice of nothing, and an address that is none."""
        cleaned = self.cleaned_data
        if not cleaned.get("categories") and "categories" not in self.errors:
            self.add_error("categories", self.words.plain("err_pick"))
        if self.is_firm:
            if not cleaned.get("signed_by"):
                self.add_error("signed_by", self.words.plain("required"))
        elif self.known and cleaned.get("where") not in {KNOWN, OTHER}:
            self.add_error("where", self.words.plain("err_where"))
        elif cleaned.get("where") != KNOWN:
            self._clean_address(cleaned)
        return cleaned

    def _clean_address(self, cleaned: dict[str, Any]) -> None:
        try:
            address = normalise_email(cleaned.get("address", ""))
        except ContactError:
            self.add_error("address", self.words.plain("err_address"))
            return
        try:
            again = normalise_email(cleaned.get("address_again", ""))
        except ContactError:
            again = ""
        if again != address:
            self.add_error("address_again", self.words.plain("err_twice"))
            return
        cleaned["address"] = address

    @property
    def new_address(self) -> str:
        """The address that was written, empty where the known one was chosen."""
        if self.is_firm or self.cleaned_data.get("where") == KNOWN:
            return ""
        return str(self.cleaned_data["address"])


class ProveForm(OnceForm):
    """The code out of the sample, and a fact of the account."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    fact = forms.CharField(max_length=40)

    def __init__(
        self,
        data: Any = None,
        *,
        words: Words,
        asked: Asked,
        typed: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=typed)
        if asked == Asked.POSTCODE:
            self.fields["fact"].widget.attrs["autocomplete"] = "postal-code"
        for name, said in (("code", "code"), ("fact", f"fact_{asked}")):
            field = self.fields[name]
            field.label = words.plain(said)
            field.help_text = words.plain(f"{said}_hint")
            field.error_messages |= {
                "required": words.plain("required"),
                "max_length": words.plain("too_long"),
            }
