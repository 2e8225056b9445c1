"""Brands and wordings behind Settings; messages and their fate are history."""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

import base64
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from customers.access import What, note_access
from customers.admin import ReadOnly
from notices.admin.answers import AnswerAdmin, AnswerLimitsAdmin, SurveyAdmin
from notices.admin.disclosures import DisclosureAdmin
from notices.admin.documents import DocumentAdmin
from notices.admin.forms import BrandForm
from notices.admin.glossary import TermAdmin
from notices.admin.page import BIND
from notices.admin.texts import TextAdmin
from notices.models import (
    Attempt,
    Brand,
    DeliveryEvent,
    Notice,
    ProviderCall,
    ProviderLane,
    Reply,
    SandboxMessage,
)

__all__ = [
    "AnswerAdmin",
    "AnswerLimitsAdmin",
    "DisclosureAdmin",
    "DocumentAdmin",
    "SurveyAdmin",
    "TermAdmin",
    "TextAdmin",
]


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    """The firm as its customers know it."""

    form = BrandForm
    list_display = ["name", "key", "country", "time_zone", "email_from"]
    readonly_fields = ["letterhead"]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Write down who looks at bank details."""
        if request.method == "GET":
            note_access(
                who=request.user.get_username(),
                what=What.BANK,
                which=f"firm {object_id}",
            )
        return super().change_view(request, object_id, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is only shown: where carrying on is a yes is for Legal to say."""
        if request.user.has_perm(BIND):
            return self.readonly_fields
        return [*self.readonly_fields, "accepts_in", "accepts_basis"]

    @admin.display(description="logo now")
    def letterhead(self, brand: Brand) -> str:
        """Return the logo as a picture, or a word that there is none."""
        if not brand.logo:
            return "none"
        picture = base64.b64encode(bytes(brand.logo)).decode()
        return format_html(
            '<img class="logo" alt="{}" src="data:image/png;base64,{}">',
            brand.name,
            picture,
        )


@admin.register(ProviderLane)
class ProviderLaneAdmin(admin.ModelAdmin):
    """Providers: only the rate is set here; Health tells how they are and has them
    tried again."""

    list_display = ["name", "per_second", "failures", "closed_until", "stopped_at"]
    readonly_fields = [
        *("name", "failures", "failing_since", "closed_until", "stopped_at", "reason"),
    ]
    fields = ["per_second", *readonly_fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a lane is made with the first message by it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: with it would go what stopped it."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Write the rate alone: workers write the rest at the same time."""
        obj.save(update_fields=["per_second"])


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):
    """Messages; their own pages tell the whole story."""

    list_display = ["reference", "customer", "channel", "state", "reason", "planned_on"]
    list_filter = ["channel", "state"]
    list_select_related = ["customer"]
    search_fields = ["=reference", "=customer__number"]
    show_full_result_count = False


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, admin.ModelAdmin):
    """Hand-overs to providers."""

    list_display = ["idempotency_key", "provider", "result", "started_at"]
    list_filter = ["provider", "result"]
    search_fields = ["=notice__reference"]
    show_full_result_count = False


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(ReadOnly, admin.ModelAdmin):
    """What providers told us."""

    list_display = ["event_id", "provider", "kind", "occurred_at"]
    list_filter = ["provider", "kind"]
    search_fields = ["=notice__reference"]
    show_full_result_count = False


@admin.register(SandboxMessage)
class SandboxMessageAdmin(ReadOnly, admin.ModelAdmin):
    """What the sandbox received."""

    list_display = ["reference", "channel", "destination", "received_at"]
    list_filter = ["channel"]
    search_fields = ["=reference"]
    show_full_result_count = False


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnly, admin.ModelAdmin):
    """What providers told us; a call that could not be read shows its words."""

    list_display = ["pk", "provider", "kind", "state", "reason", "received_at"]
    list_filter = ["state", "provider", "kind"]
    show_full_result_count = False
    fields = [
        *("provider", "kind", "state", "reason", "tries", "received_at", "done_at"),
        *("reference", "words"),
    ]

    @admin.display(description="what it says")
    def words(self, call: ProviderCall) -> str:
        """Return the beginning of the call as text."""
        return call.content[:20_000].decode("utf-8", "replace")


@admin.register(Reply)
class ReplyAdmin(ReadOnly, admin.ModelAdmin):
    """What customers wrote back; staff deal with it under Replies."""

    list_display = ["received_at", "customer", "channel", "classified", "state"]
    list_filter = ["state", "classified", "channel"]
    list_select_related = ["customer"]
    show_full_result_count = False
