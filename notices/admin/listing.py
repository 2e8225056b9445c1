"""The list of texts: one row a text, sorted by what it is about, and its filters.

Without a language a row is the version that stands for its text in all of them; with
one it is the text in that language, so that a translator sees what is theirs.
"""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.http import HttpRequest

from notices.editions import editions, uses
from notices.kinds import KINDS
from notices.lint.versions import findings_of_each
from notices.models import TemplateVersion
from notices.render.blocks import languages

# By what a text is about, in the order in which the kinds are thought of.
BY_KIND = Case(
    *[When(kind=key, then=Value(place)) for place, key in enumerate(KINDS)],
    default=Value(len(KINDS)),
)
LANGUAGE, STATE = "language", "state"


class TextList(ChangeList):
    """One row a text: its newest version in its own language stands for all."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the versions that stand for their texts.

        :raises IncorrectLookupParameters: a NUL, which the database refuses.
        """
        if any("\x00" in value for value in request.GET.values()):
            raise IncorrectLookupParameters
        found = super().get_queryset(request, *args, **kwargs)
        every = TemplateVersion.objects.all()
        language = request.GET.get(LANGUAGE, "")
        if language:
            every = every.filter(language=language)
        return found.filter(pk__in=every.leads().values("pk"))

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, and with it the editions and uses of its texts."""
        super().get_results(request)
        texts = list(self.result_list)
        standing, used = editions(texts), uses(texts)
        for text, found in zip(texts, findings_of_each(texts), strict=True):
            text.findings = found
            place = (text.key, text.channel)
            text.editions = standing[place]
            text.uses = used.by_text.get(place, 0)
        self.result_list = texts


class FormFilter(admin.ChoicesFieldListFilter):
    """Texts written for one form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name it so that it reads after “By”."""
        super().__init__(*args, **kwargs)
        self.title = "form"


class LanguageFilter(admin.SimpleListFilter):
    """Texts as they stand in one language."""

    title = "language"
    parameter_name = LANGUAGE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the languages we have blocks in."""
        return [(tongue, tongue) for tongue in languages()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the texts of that language."""
        return queryset.filter(language=self.value()) if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    """Texts in a state: in the language that is looked at, or in any."""

    title = "state"
    parameter_name = STATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the states in words."""
        return list(TemplateVersion.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the texts that have a version which stands so.

        Every version before the newest is retired, so that alone is asked of the row.
        """
        state = self.value()
        if not state:
            return queryset
        if state == TemplateVersion.State.RETIRED:
            return queryset.filter(state=state)
        standing = TemplateVersion.objects.filter(
            key=OuterRef("key"), channel=OuterRef("channel"), state=state
        )
        if request.GET.get(LANGUAGE):
            standing = standing.filter(language=request.GET[LANGUAGE])
        return queryset.filter(Exists(standing))
