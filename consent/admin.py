"""Consents behind Settings. Their history can be read, and changed by nobody."""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from django.contrib import admin

from consent.models import (
    ConsentEvent,
    ConsentState,
    ContactPolicy,
    RuleAcceptance,
    RulePack,
    Suppression,
)
from customers.admin import ReadOnly


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnly, admin.ModelAdmin):
    """The history of consents: evidence, hence no adding, changing or deleting."""

    list_display = ["customer", "subject", "state", "effective_on", "method", "actor"]
    list_filter = ["subject", "state", "method"]
    list_select_related = ["customer"]
    search_fields = ["=customer__number"]
    show_full_result_count = False


@admin.register(ConsentState)
class ConsentStateAdmin(ReadOnly, admin.ModelAdmin):
    """Where each consent stands; it follows from the history."""

    list_display = ["customer", "subject", "state", "since"]
    list_filter = ["subject", "state"]
    list_select_related = ["customer"]
    search_fields = ["=customer__number"]
    show_full_result_count = False


@admin.register(Suppression)
class SuppressionAdmin(ReadOnly, admin.ModelAdmin):
    """Addresses nothing may go to, kept as fingerprints."""

    list_display = ["channel", "reason", "since", "source"]
    list_filter = ["channel", "reason"]


@admin.register(ContactPolicy)
class ContactPolicyAdmin(admin.ModelAdmin):
    """Quiet hours, caps and letters."""

    list_display = ["name", "quiet_start", "quiet_end", "dunning_7d"]


@admin.register(RulePack)
class RulePackAdmin(ReadOnly, admin.ModelAdmin):
    """Every version of the rules of law; they are changed on the page Rules."""

    list_display = ["code", "version", "name", "state", "effective_from", "decided_by"]
    list_filter = ["state", "code"]


@admin.register(RuleAcceptance)
class RuleAcceptanceAdmin(ReadOnly, admin.ModelAdmin):
    """Who went on with rules in doubt, and why."""

    list_display = ["matter", "reason", "by", "at"]
