"""The form an author writes a text in; what cannot be used is refused on saving."""

# Django's form classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from typing import Any

from django import forms

from notices.logo import LogoError, check_size, clean_logo
from notices.models import Brand, TemplateVersion
from notices.render.blocks import languages
from notices.stops import UnfitText, WordingError, require_fit
from notices.turning import locked_as_seen, require_room

# What is settled when a text is begun, and never changes after.
IDENTITY = ("key", "kind", "channel", "language")
State = TemplateVersion.State
_KEPT = {
    "changed_meanwhile": " What you wrote stands here still: copy it, open the text "
    "anew and put it in there."
}


class DraftForm(forms.ModelForm):
    """A draft: new words, or a new version of words there are."""

    language = forms.ChoiceField()

    class Meta:
        model = TemplateVersion
        fields = (*IDENTITY, "subject", "body", "note")
        widgets = {
            "subject": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
            "body": forms.Textarea(
                attrs={"dir": "auto", "rows": 28, "class": "words", "spellcheck": True}
            ),
        }
        help_texts = {
            "key": "What the text is called by ladders: small letters and hyphens.",
            "body": "Markdown, with the fields and blocks listed beside it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the languages that have building blocks."""
        super().__init__(*args, **kwargs)
        if "language" in self.fields:
            offered = self.fields["language"]
            assert isinstance(offered, forms.ChoiceField)  # noqa: S101  (said above)
            offered.choices = [(tongue, tongue) for tongue in languages()]

    def clean(self) -> dict[str, Any]:
        """Refuse words that cannot be used, at the field they stand in."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        version = self.as_version()
        try:
            if version.pk is None:
                require_room(version)
            else:
                # Locked until it is saved: admin forms run within a transaction.
                locked_as_seen(version, self.data.get("seen", ""), State.DRAFT)
            require_fit(version)
        except UnfitText as error:
            field = error.field if error.field in self.fields else None
            self.add_error(field, error.sentence)
        except WordingError as error:
            self.add_error(None, error.sentence + _KEPT.get(error.code, ""))
        return cleaned

    def as_version(self) -> TemplateVersion:
        """Return the text as it stands in the form, not saved."""
        known = self.instance
        data = self.cleaned_data
        version = TemplateVersion(
            **{name: data.get(name, getattr(known, name)) for name in self.Meta.fields}
        )
        version.pk = known.pk
        return version


class PreviewForm(forms.Form):
    """What to look at, and whose message; every field may be blank."""

    view = forms.CharField(required=False)
    case = forms.CharField(required=False)
    customer = forms.CharField(required=False, max_length=64)


class ReaderForm(forms.Form):
    """Somebody outside who is asked to read."""

    reader = forms.CharField(max_length=120, label="Name")
    days = forms.IntegerField(min_value=1, max_value=60, initial=14)


class BrandForm(forms.ModelForm):
    """A firm, with a picture for its letterhead that is redrawn before it is kept."""

    new_logo = forms.FileField(
        required=False,
        help_text="A PNG or JPEG of at most 5 MB. It is checked and drawn anew.",
    )
    remove_logo = forms.BooleanField(required=False)

    def clean_office_hours_in(self) -> dict[str, str]:
        """Return the hours by language; a box left empty has none."""
        return self.cleaned_data.get("office_hours_in") or {}

    def clean_new_logo(self) -> bytes | None:
        """Return the picture redrawn, or None where none was given."""
        upload = self.cleaned_data.get("new_logo")
        if not upload:
            return None
        try:
            check_size(upload.size)
            return clean_logo(upload.read())
        except LogoError as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Brand:
        """Keep the new picture, or take the old one away."""
        if self.cleaned_data.get("new_logo"):
            self.instance.logo = self.cleaned_data["new_logo"]
        elif self.cleaned_data.get("remove_logo"):
            self.instance.logo = b""
        saved: Brand = super().save(commit=commit)
        return saved
