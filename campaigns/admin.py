"""Ladders behind Settings; campaigns are run on their own pages."""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from campaigns.models import Campaign, Decision, Ladder, Step
from customers.admin import ReadOnly


class StepInline(admin.TabularInline):
    """The rungs of a ladder."""

    model = Step
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no once a campaign stands on the ladder."""
        return _is_free(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no once a campaign stands on the ladder."""
        return _is_free(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no once a campaign stands on the ladder."""
        return _is_free(obj) and super().has_delete_permission(request, obj)


@admin.register(Ladder)
class LadderAdmin(admin.ModelAdmin):
    """Ladders. One that a campaign stands on can no longer be changed: invoices
    remember their steps by position."""

    list_display = ["name", "key", "bank_days", "min_gap_days", "group"]
    inlines = [StepInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no once a campaign stands on the ladder."""
        return _is_free(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no once a campaign stands on the ladder."""
        return _is_free(obj) and super().has_delete_permission(request, obj)


def _is_free(ladder: Ladder | None) -> bool:
    return ladder is None or not ladder.campaigns.exists()


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, admin.ModelAdmin):
    """Campaigns; they are written down, started and paused on their own pages."""

    list_display = ["name", "ladder", "brand", "state", "started_at", "ticked_on"]
    list_filter = ["state"]
    list_select_related = ["ladder", "brand"]


@admin.register(Decision)
class DecisionAdmin(ReadOnly, admin.ModelAdmin):
    """Why each step sent a message, or did not."""

    list_display = ["enrolment_id", "step", "outcome", "channel", "decided_on"]
    list_filter = ["outcome", "channel"]
    list_select_related = ["step"]
    show_full_result_count = False
