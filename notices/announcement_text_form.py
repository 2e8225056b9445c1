"""What staff fill in for the words of an announcement in one language.

A text of the library or the firm's own, the facts that are words, and questions with
their answers. Every refusal says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from notices.about import FILL_IN, OPT_IN_PHONE, own_fields
from notices.announcement_forms import name_of
from notices.announcement_words import suggested_questions
from notices.fields import Field, Kind
from notices.kinds import NEWS, Form, NoticeKind
from notices.models import Announcement, AnnouncementText, TemplateVersion

QUESTIONS = 6


class _LibraryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.subject[:80]} ({obj.key}, version {obj.version})"


class TextForm(forms.Form):
    """The words of one language."""

    template = _LibraryField(
        TemplateVersion.objects.none(),
        required=False,
        label="Text of the library",
        empty_label="Our own words, below",
        help_text="Approved texts for announcements of this kind in this language.",
    )
    heading = forms.CharField(
        max_length=300,
        required=False,
        help_text="Say what changes, for whom and from when. Only for your own words.",
    )
    body = forms.CharField(
        required=False,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
        help_text="Markdown with fields such as {{ brand.phone }}. Only for your own "
        "words.",
    )

    def __init__(
        self,
        *args: Any,
        announcement: Announcement,
        language: str,
        text: AnnouncementText | None = None,
        **kwargs: Any,
    ) -> None:
        self.announcement = announcement
        self.language = language
        kind = announcement.notice_kind
        self.words = list(_wordy(kind))
        kwargs["initial"] = _initial_text(announcement, language, text)
        super().__init__(*args, **kwargs)
        library = self.fields["template"]
        assert isinstance(library, forms.ModelChoiceField)  # noqa: S101
        library.queryset = _library(announcement, language)
        if kind.key == NEWS.key:
            del self.fields["template"]
        for field in self.words:
            self.fields[name_of(field.path)] = forms.CharField(
                label=field.label,
                required=False,
                max_length=500,
                help_text=_hint(field, announcement),
            )
        for number in range(1, QUESTIONS + 1):
            self.fields[f"question-{number}"] = forms.CharField(
                label=f"Question {number}", max_length=300, required=False
            )
            self.fields[f"answer-{number}"] = forms.CharField(
                label=f"Answer {number}",
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )

    def clean(self) -> dict[str, Any]:
        """Take the text of the library, or own words; every question has an answer."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("template"):
            cleaned["template"] = None
            for name in ("heading", "body"):
                if not cleaned.get(name, "").strip() and name not in self.errors:
                    self.add_error(name, "Write it, or choose a text of the library.")
        cleaned["questions"] = []
        for number in range(1, QUESTIONS + 1):
            question = cleaned.get(f"question-{number}", "").strip()
            answer = cleaned.get(f"answer-{number}", "").strip()
            if bool(question) != bool(answer):
                empty = "answer" if question else "question"
                self.add_error(
                    f"{empty}-{number}", f"Write the {empty}, or empty both."
                )
            elif question:
                cleaned["questions"].append({"question": question, "answer": answer})
        cleaned["about"] = {
            field.path: cleaned[name_of(field.path)]
            for field in self.words
            if cleaned.get(name_of(field.path))
        }
        return cleaned

    def as_words(self) -> dict[str, Any]:
        """Return what save_text takes."""
        names = ("template", "heading", "body", "about", "questions")
        return {name: self.cleaned_data[name] for name in names}


def _wordy(kind: NoticeKind) -> Iterable[Field]:
    """Return the facts that are words and so differ by language."""
    return (
        field
        for field in own_fields(kind.subjects)
        if field.kind in {Kind.TEXT, Kind.ANY}
    )


def _hint(field: Field, announcement: Announcement) -> str:
    if field.path == OPT_IN_PHONE:
        number = announcement.brand.opt_in_phone
        return f"Empty: the firm's, {number}." if number else FILL_IN
    common = announcement.about.get(field.path)
    if field.kind != Kind.ANY:
        return "" if not field.optional else "May stay empty."
    if isinstance(common, dict):
        return "Empty: the value given for every language."
    if common:
        return f"Empty: “{common}”, as given for every language."
    return "Empty only if a value is given for every language."


def _library(announcement: Announcement, language: str) -> Any:
    return (
        TemplateVersion.objects.published()
        .filter(channel=Form.PUBLIC, kind=announcement.kind, language=language)
        .order_by("key", "-version")
    )


def _initial_text(
    announcement: Announcement, language: str, text: AnnouncementText | None
) -> dict[str, Any]:
    """Return the words as they stand, or a beginning: a library text and questions."""
    if text is None:
        newest = _library(announcement, language).first()
        initial: dict[str, Any] = {"template": newest}
        # Suggestions are English; other languages begin with the questions answered.
        questions = suggested_questions(announcement.kind) if language == "en" else []
        about: Mapping[str, Any] = {}
    else:
        initial = {
            "template": text.template,
            "heading": text.heading,
            "body": text.body,
        }
        questions, about = text.questions, text.about
    for number, one in enumerate(questions[:QUESTIONS], start=1):
        initial[f"question-{number}"] = one["question"]
        initial[f"answer-{number}"] = one["answer"]
    return initial | {name_of(path): value for path, value in about.items()}
