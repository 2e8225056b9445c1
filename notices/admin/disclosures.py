"""What customers are told before they agree to e-mail: drafted, edited, published.

A set is drafted in every language from the words that come with Duly. Whoever wrote a
word of it does not publish it.
"""

# Django's admin and form classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consent.disclosures import BLOCKS
from consent.lawbook import lawbook
from consent.models import Disclosure
from consent.publishing import DisclosureError, draft_set, key_of, publish_set
from customers.models import Customer
from notices.models import Brand

_PARTS = ("title", "text", "text_with_fee")
_SHARED = ("terms_url", "paper_fee", "currency", "hwsw_version", "needs_demonstration")


class NewSetForm(forms.ModelForm):
    """A new version for one firm, in all languages."""

    brand = forms.ModelChoiceField(Brand.objects.all(), label="Firm")
    terms_url = forms.URLField(
        max_length=300, label="Address of the terms", assume_scheme="https"
    )

    class Meta:
        model = Disclosure
        fields = _SHARED

    def clean(self) -> dict[str, Any]:
        """Ask for the currency of a fee."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("paper_fee") and not cleaned.get("currency"):
            self.add_error("currency", "Name the currency of the fee, such as EUR.")
        return cleaned


class DraftForm(forms.ModelForm):
    """The words of one language, block by block."""

    class Meta:
        model = Disclosure
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in BLOCKS:
            block = self.instance.blocks.get(name, {})
            for part in _PARTS:
                if part == "text_with_fee" and part not in block:
                    continue
                self.fields[f"{name}__{part}"] = forms.CharField(
                    label=f"{name.replace('_', ' ')}: {part.replace('_', ' ')}",
                    initial=block.get(part, ""),
                    max_length=4000,
                    required=False,
                    widget=forms.TextInput(attrs={"size": 80})
                    if part == "title"
                    else forms.Textarea(attrs={"rows": 5, "cols": 100}),
                )

    def blocks(self) -> dict[str, dict[str, str]]:
        """Return the words as they are kept."""
        found: dict[str, dict[str, str]] = {name: {} for name in BLOCKS}
        for field, value in self.cleaned_data.items():
            name, _, part = field.partition("__")
            if name in found and part:
                found[name][part] = value.replace("\r\n", "\n")
        return found


@admin.register(Disclosure)
class DisclosureAdmin(admin.ModelAdmin):
    """Disclosures by firm, version and language; published ones stand."""

    list_display = [
        "key",
        "version",
        "language",
        "state",
        "paper_fee",
        "hwsw_version",
        "written_by",
        "approved_by",
        "published_at",
    ]
    list_filter = ["state", "language", "key"]
    actions = ["publish"]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form of a new set, or of a draft's words."""
        return DraftForm if obj else NewSetForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show every block of a draft, and what is asked of a new set."""
        if obj is None:
            return [(None, {"fields": ["brand", *_SHARED]})]
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": ["key", "version", "language", "state"]})]
        return [(obj.ref, {"fields": list(DraftForm(instance=obj).fields)})]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody touch what was published."""
        may = bool(super().has_change_permission(request, obj))
        return may and (obj is None or obj.state == Disclosure.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A draft that is not wanted stays one: nobody deletes half a set."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Draft a set, or keep the words of one language; who wrote them is noted."""
        by = request.user.get_username()
        if change:
            obj.blocks, obj.written_by = form.blocks(), by
            obj.save(update_fields=["blocks", "written_by"])
            return
        given = {name: form.cleaned_data[name] for name in _SHARED}
        key = key_of(form.cleaned_data["brand"].key)
        drafts = draft_set(key=key, now=timezone.now(), by=by, **given)
        obj.__dict__.update(drafts[0].__dict__)

    @admin.action(
        description="Publish these sets, in all their languages",
        permissions=["publish"],
    )
    def publish(self, request: HttpRequest, chosen: QuerySet[Disclosure]) -> None:
        """Publish each chosen set, or say what keeps it from being published."""
        brands = {key_of(brand.key): brand for brand in Brand.objects.all()}
        for key, version in sorted(set(chosen.values_list("key", "version"))):
            brand = brands.get(key)
            if brand is None:
                text = f"{key} belongs to no firm any more."
                self.message_user(request, text, messages.ERROR)
                continue
            try:
                done = publish_set(
                    key=key,
                    version=version,
                    firm=brand.name,
                    phone=brand.phone,
                    fee_forbidden=fee_forbidden(),
                    by=request.user.get_username(),
                    now=timezone.now(),
                )
            except DisclosureError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                text = f"{key} version {version} is published: {len(done)} languages."
                self.message_user(request, text)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may publish; the four eyes are asked by the verb."""
        user: Any = request.user
        return bool(user.has_perm("consent.publish_disclosure"))


def fee_forbidden() -> bool:
    """Whether law where one of our customers lives forbids a fee for paper."""
    book, today = lawbook(), timezone.now().date()
    places = (
        Customer.objects.order_by().values_list("country", "region", "kind").distinct()
    )
    return any(
        not book.rules(country, region, kind, today).paper_may_cost
        for country, region, kind in places
    )
