"""What staff fill in for a bill insert: firm, text, and the facts it states."""

from __future__ import annotations

from typing import Any

from django import forms

from notices.about import (
    CURRENCY,
    FILL_IN,
    OPT_IN_PHONE,
    own_fields,
    read_about,
    with_firms_number,
    write_about,
)
from notices.announcement_forms import box_of, name_of
from notices.fields import Kind, Subject
from notices.kinds import Form
from notices.models import Brand, TemplateVersion

# Inserts tell of going paperless (notices.kinds).
_SUBJECTS = frozenset({Subject.PAPERLESS})
# Whether there is a fee is told by the fee.
_FACTS = [one for one in own_fields(_SUBJECTS) if one.path != "paperless.has_fee"]


class InsertForm(forms.Form):
    """One panel for the bills of a firm, the same for everybody."""

    brand = forms.ModelChoiceField(Brand.objects.all(), empty_label=None)
    text = forms.ModelChoiceField(
        TemplateVersion.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose a text."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the approved texts for inserts, and a box for each fact."""
        super().__init__(*args, **kwargs)
        text = self.fields["text"]
        assert isinstance(text, forms.ModelChoiceField)  # noqa: S101  (said above)
        text.queryset = TemplateVersion.objects.current().filter(channel=Form.INSERT)
        for field in _FACTS:
            box = box_of(field)
            box.required = not field.optional and field.kind != Kind.FLAG
            box.error_messages["required"] = f"Say “{field.label}”."
            if field.path == OPT_IN_PHONE:
                box.required, box.help_text = False, "Empty: the firm's own."
            self.fields[name_of(field.path)] = box
        self.fields[name_of(CURRENCY)] = forms.RegexField(
            r"^[A-Z]{3}$",
            required=False,
            label="Currency of the fee",
            widget=forms.TextInput(attrs={"size": 5}),
            error_messages={"invalid": "Write three capitals, like EUR."},
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a fee without its currency, and a firm without its number."""
        cleaned = super().clean() or {}
        brand = cleaned.get("brand")
        number = name_of(OPT_IN_PHONE)
        if brand and not brand.opt_in_phone and not cleaned.get(number):
            self.add_error(number, f"Say a number to agree by phone. {FILL_IN}")
        fee = cleaned.get(name_of("paperless.paper_fee"))
        if fee is not None and not cleaned.get(name_of(CURRENCY)):
            self.add_error(name_of(CURRENCY), "Say in which currency the fee is.")
        return cleaned

    def about(self) -> dict[str, Any]:
        """Return the facts, typed, as a text is filled with them."""
        given = {
            field.path: self.cleaned_data[name_of(field.path)]
            for field in _FACTS
            if self.cleaned_data.get(name_of(field.path)) not in (None, "")
        }
        given["paperless.has_fee"] = "paperless.paper_fee" in given
        if self.cleaned_data[name_of(CURRENCY)]:
            given[CURRENCY] = self.cleaned_data[name_of(CURRENCY)]
        brand = self.cleaned_data["brand"]
        told = with_firms_number(write_about(given), brand.opt_in_phone)
        return read_about(told, _SUBJECTS)


# What the form asks is decided by the vocabulary; nothing in it may be of any kind.
assert all(field.kind != Kind.ANY for field in _FACTS)  # noqa: S101
