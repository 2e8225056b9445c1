"""Papers that go with notices: uploaded, looked through, and kept as they are."""

# Django's admin and form classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest

from customers.pdf import PdfError, check_pdf, check_size, safe_name
from notices.models import Document
from notices.render.blocks import languages


class DocumentForm(forms.ModelForm):
    """A new paper, or a new version of one there is."""

    language = forms.ChoiceField(choices=lambda: [(one, one) for one in languages()])
    file = forms.FileField(
        help_text="A PDF of at most 10 MB. It is never changed afterwards: another "
        "wording is uploaded as another version under the same key."
    )

    class Meta:
        model = Document
        fields = ("key", "language", "title", "effective_on")

    def clean_file(self) -> tuple[str, bytes, int]:
        """Return name, bytes and pages of the file.

        Refuses what is no whole, open PDF.
        """
        upload = self.cleaned_data["file"]
        name = safe_name(upload.name)
        try:
            check_size(upload.size, name)
            body = upload.read()
            return name, body, check_pdf(body, name)
        except PdfError as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Document:
        """Keep the file as the next version of its key and language."""
        document: Document = super().save(commit=False)
        name, body, pages = self.cleaned_data["file"]
        newest = Document.objects.filter(
            key=document.key, language=document.language
        ).aggregate(newest=Max("version"))["newest"]
        document.version = (newest or 0) + 1
        document.file_name = name
        document.body = body
        document.size = len(body)
        document.pages = pages
        document.sha256 = hashlib.sha256(body).digest()
        if commit:
            document.save()
        return document


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    """Papers. What went out with a notice stays: a version is never edited."""

    list_display = ["title", "key", "language", "version", "effective_on", "pages"]
    list_filter = ["language"]
    search_fields = ["title", "key"]
    readonly_fields = ["file_name", "size", "pages", "created_by", "created_at"]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any
    ) -> Any:
        """Return the upload; what is there is only shown."""
        return super().get_form(
            request, obj, change, **({} if change else {"form": DocumentForm}), **more
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the file's own facts once it is there."""
        named = ["key", "language", "title", "effective_on"]
        if obj is None:
            return [*named, "file"]
        return [*named, "version", *self.readonly_fields]

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Note who brought it."""
        obj.created_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: notices went out with it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: notices went out with it."""
        return False
