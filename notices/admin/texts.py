"""Texts behind Settings: the list, the page of one, and the form of a draft.

Written through the verbs of notices.wordings alone; what was approved is shown, never
changed.
"""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from notices import wordings
from notices.admin import looks, turns
from notices.admin.forms import IDENTITY, DraftForm
from notices.admin.listing import (
    BY_KIND,
    FormFilter,
    LanguageFilter,
    StateFilter,
    TextList,
)
from notices.admin.page import draft_context, refused_context, text_context
from notices.editions import counted
from notices.kinds import TITLED
from notices.lint import Finding
from notices.models import TemplateVersion
from notices.starter.catalogue import title_of
from notices.stops import WordingError
from notices.turning import identity_of

State = TemplateVersion.State


@admin.register(TemplateVersion)
class TextAdmin(admin.ModelAdmin):
    """What the firm says. An approved wording never changes: a new one is a version."""

    form = DraftForm
    list_display = [
        "title",
        "channel",
        "languages",
        "standing",
        "findings",
        "used",
    ]
    list_display_links = ["title"]
    list_filter = [
        "kind",
        ("channel", FormFilter),
        LanguageFilter,
        StateFilter,
    ]
    search_fields = ["key", "subject", "body"]
    search_help_text = "Words of the key, the subject or the text"
    list_per_page = 50
    show_full_result_count = False
    actions = None

    # The list ---------------------------------------------------------------

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return the order: what it is about, then key and form."""
        return [BY_KIND, "key", "channel"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that shows a text once."""
        return TextList

    @admin.display(description="text", ordering=BY_KIND)
    def title(self, text: TemplateVersion) -> SafeString:
        """Return the title, with key and kind below it."""
        return _part("title", text=text, title=title_of(text.key))

    @admin.display(description="languages")
    def languages(self, text: TemplateVersion) -> SafeString:
        """Return a badge a language: how the text stands in it."""
        return _part("languages", editions=getattr(text, "editions", []))

    @admin.display(description="state", ordering="state")
    def standing(self, text: TemplateVersion) -> SafeString:
        """Return the state of the version that stands for the text."""
        return _part("state", text=text)

    @admin.display(description="findings")
    def findings(self, text: TemplateVersion) -> SafeString:
        """Return how much the lint found, hints apart."""
        every: Sequence[Finding] = getattr(text, "findings", ())
        found = [one for one in every if one.severity != "hint"]
        hard = sum(one.severity == "hard" for one in found)
        return _part("findings", count=len(found), hard=hard)

    @admin.display(description="messages")
    def used(self, text: TemplateVersion) -> str:
        """Return how many messages have its words, in any version and language."""
        return counted(getattr(text, "uses", 0))

    # One text ---------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for everything but drafts: the words of the others stand."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.state == State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for everything but drafts: messages point at what they came from."""
        may = super().has_delete_permission(request, obj)
        return may and obj is not None and obj.state == State.DRAFT

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what the text is, then its words."""
        titled = obj is None or obj.channel in TITLED
        words = ["subject", "body", "note"] if titled else ["body", "note"]
        return [(None, {"fields": [IDENTITY]}), (None, {"fields": words})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is settled once a text is begun."""
        return () if obj is None else IDENTITY

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateVersion]:
        """Return the versions with what they were translated from."""
        return super().get_queryset(request).select_related("translated_from")

    def save_model(
        self, request: HttpRequest, obj: TemplateVersion, form: Any, change: bool
    ) -> None:
        """Write the draft through its verb."""
        write = partial(
            wordings.edit if change else wordings.draft,
            subject=obj.subject,
            body=obj.body,
            note=obj.note,
            by=request.user.get_username(),
            now=timezone.now(),
        )
        saved = (
            write(version=obj, seen=request.POST.get("seen", ""))
            if change
            else write(identity=identity_of(obj))
        )
        obj.pk, obj.version = saved.pk, saved.version

    def delete_model(self, request: HttpRequest, obj: TemplateVersion) -> None:
        """Throw a draft away through its verb, which looks at it under its lock."""
        wordings.discard(version=obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[TemplateVersion]
    ) -> None:
        """Throw drafts away, each through its verb."""
        for version in queryset:
            wordings.discard(version=version)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Throw a draft away, or say why it stays."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except WordingError as error:
            messages.error(request, error.sentence)
            return redirect(
                reverse("admin:notices_templateversion_change", args=[object_id])
            )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save a text with all that stands beside its words."""
        obj = self.get_object(request, object_id) if object_id else None
        context = {
            **(extra_context or {}),
            **draft_context(obj),
            # One way to save is enough: it stays on the page.
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        if obj is not None:
            context |= text_context(obj, request.user)
            # A form that comes again was written to the words of its first showing.
            context["seen"] = request.POST.get("seen", context["seen"])
        try:
            page = super().changeform_view(request, object_id, form_url, context)
        except WordingError as error:
            # Somebody else was quicker between the check and the writing.
            messages.error(request, error.sentence)
            return redirect(request.path)
        if request.method == "POST" and isinstance(page, TemplateResponse):
            # Refused: what is told is told of the words in the boxes.
            page.context_data = (page.context_data or {}) | refused_context(
                obj, request.POST
            )
        return page

    def response_post_save_add(
        self, request: HttpRequest, obj: Any
    ) -> HttpResponseRedirect:
        """Stay with the text: what is left to do stands on its page."""
        return redirect(reverse("admin:notices_templateversion_change", args=[obj.pk]))

    response_post_save_change = response_post_save_add

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of a text's page and of what is done there."""
        own = [
            path(route, self.admin_site.admin_view(view), name=f"text_{name}")
            for name, route, view in (*looks.ROUTES, *turns.ROUTES)
        ]
        return [*own, *super().get_urls()]


def _part(name: str, **context: Any) -> SafeString:
    """Return one cell of the list; templates escape what hostile keys might hold."""
    return render_to_string(f"admin/notices/templateversion/cell_{name}.html", context)
