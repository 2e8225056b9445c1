"""Customers and what they owe, behind Settings, for the person who looks after Duly.

What came from an import or a bank is history here: it is read, not edited.
"""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from customers.models import (
    ContactPoint,
    Customer,
    DataImport,
    Hold,
    ImportProfile,
    Invoice,
    Payment,
    PostalAddress,
)


class ReadOnly:
    """Rows that may be read by those who may, and changed by nobody."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ContactPointForms(BaseInlineFormSet):
    """The addresses and phones of one customer, none of them twice, and one of each
    kind the first."""

    def clean(self) -> None:
        """Refuse an address that stands in two rows: the database sees only indexes.

        :raises ValidationError: one does.
        """
        super().clean()
        if any(self.errors):
            return
        rows = [
            (form.cleaned_data.get("kind"), form.instance.value)
            for form in self.forms
            if form.cleaned_data.get("value") and form not in self.deleted_forms
        ]
        if len(set(rows)) < len(rows):
            raise ValidationError("The same address or number stands there twice.")
        first = [
            form.cleaned_data.get("kind")
            for form in self.forms
            if form.cleaned_data.get("is_primary") and form not in self.deleted_forms
        ]
        if len(set(first)) < len(first):
            raise ValidationError("Only one of each kind can be the primary one.")

    def save(self, commit: bool = True) -> Any:
        """Save the rows, the one that was the primary first."""
        # Two that change places must not meet in the index on their way.
        ContactPoint.objects.filter(
            pk__in=[
                form.instance.pk
                for form in self.initial_forms
                if not form.cleaned_data.get("is_primary")
            ]
        ).update(is_primary=False)
        for form in self.forms:
            if {"kind", "value", "is_primary"}.intersection(form.changed_data):
                form.instance.primary_since = timezone.now()
                # What was told of it was told of another, or long ago.
                form.instance.told_with = ""
            if {"kind", "value"}.intersection(form.changed_data):
                # Whoever brought the one before, this one comes from staff.
                form.instance.is_vouched = True
        return super().save(commit=commit)


class ContactPointInline(admin.TabularInline):
    """The addresses and phones of a customer."""

    model = ContactPoint
    formset = ContactPointForms
    extra = 0


class PostalAddressInline(admin.StackedInline):
    """Where letters to a customer go."""

    model = PostalAddress
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Customers and how to reach them."""

    list_display = ["number", "name", "kind", "language", "country", "status"]
    list_filter = ["kind", "status", "language"]
    search_fields = ["=number", "name"]
    show_full_result_count = False
    inlines = [ContactPointInline, PostalAddressInline]


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, admin.ModelAdmin):
    """Invoices, as they were imported."""

    list_display = ["number", "customer", "due_on", "open_amount", "currency", "status"]
    list_filter = ["status", "currency"]
    list_select_related = ["customer"]
    search_fields = ["=number", "=customer__number"]
    show_full_result_count = False


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    """Payments, as they arrived."""

    list_display = ["reference", "customer", "amount", "currency", "received_on"]
    list_select_related = ["customer"]
    search_fields = ["=reference", "=customer__number"]
    show_full_result_count = False


@admin.register(Hold)
class HoldAdmin(ReadOnly, admin.ModelAdmin):
    """Holds; they are placed and lifted on the customer's page."""

    list_display = ["customer", "reason", "invoice", "starts_on", "ends_on"]
    list_filter = ["reason"]
    list_select_related = ["customer", "invoice"]
    search_fields = ["=customer__number"]


@admin.register(ImportProfile)
class ImportProfileAdmin(admin.ModelAdmin):
    """How files are read."""

    list_display = ["name", "updated_at"]


@admin.register(DataImport)
class DataImportAdmin(ReadOnly, admin.ModelAdmin):
    """Files that were brought in."""

    list_display = [
        "file_name",
        "kind",
        "started_at",
        "rows",
        "new",
        "changed",
        "unchanged",
        "rejected",
    ]
    list_filter = ["kind"]
