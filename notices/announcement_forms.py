"""What staff fill in for an announcement: when and what, and its facts.

Only those that are the same in every language; words stand in the form of each one.
Every refusal says what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from notices.about import CURRENCY, own_fields, write_about
from notices.announcement_words import TAKEN
from notices.fields import Account, Field, Kind, Percent
from notices.models import (
    Announcement,
    Brand,
    Importance,
)
from notices.models.announcements import announced_kinds

# As what a fact that may be anything is written.
SORTS = (
    ("text", "Words"),
    ("money", "A sum of money"),
    ("percent", "Per cent"),
    ("date", "A day"),
    ("account", "An account number (only its last four signs are shown)"),
)


class MomentField(forms.Field):
    """A day and time of day without zone; whoever asks says in which zone it is."""

    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
    )
    default_error_messages = {
        "invalid": "Write day and time as 2026-03-31 09:00.",
    }

    def to_python(self, value: Any) -> dt.datetime | None:
        """Return the local time, or None."""
        if value in self.empty_values:
            return None
        try:
            moment = dt.datetime.fromisoformat(str(value).strip())
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"]) from error
        return moment.replace(tzinfo=None)


def in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    """Return the local time as an instant.

    :raises forms.ValidationError: the clocks skip that time.
    """
    aware = moment.replace(tzinfo=ZoneInfo(zone))
    back = aware.astimezone(dt.UTC).astimezone(aware.tzinfo).replace(tzinfo=None)
    if back != moment:
        raise forms.ValidationError("The clocks skip that time. Choose another.")
    return aware


def name_of(path: str) -> str:
    """Return the name of a fact's box: ``change.old`` is ``fact-change-old``."""
    return "fact-" + path.replace(".", "-")


class AnnouncementForm(forms.Form):
    """When, where and how loudly, and the facts that hold in every language."""

    kind = forms.ChoiceField(label="What it is about", choices=announced_kinds)
    brand = forms.ModelChoiceField(
        Brand.objects.all(), empty_label=None, label="Firm that speaks"
    )
    slug = forms.SlugField(
        max_length=60,
        label="Address on the site",
        help_text="Small letters, digits and hyphens, such as new-bank-account. It "
        "cannot change after publishing.",
        error_messages={
            "required": "Give it an address, such as new-bank-account.",
            "invalid": "Use small letters, digits and hyphens only.",
        },
    )
    importance = forms.ChoiceField(
        choices=Importance.choices,
        help_text="Sites show what is urgent first and loudest.",
    )
    publish_at = MomentField(
        required=False,
        label="Goes up",
        help_text="Empty: as soon as it is published.",
    )
    withdraw_at = MomentField(
        required=False, label="Comes down", help_text="Empty: it stays."
    )

    def __init__(
        self, *args: Any, announcement: Announcement | None = None, **kwargs: Any
    ) -> None:
        self.announcement = announcement
        self.facts: list[Field] = []
        if announcement is not None:
            kwargs["initial"] = _initial(announcement)
        super().__init__(*args, **kwargs)
        if announcement is not None:
            del self.fields["kind"]
            self.facts = [
                field
                for field in own_fields(announcement.notice_kind.subjects)
                if field.kind != Kind.TEXT
            ]
            self._add_facts()

    def _add_facts(self) -> None:
        for field in self.facts:
            self.fields[name_of(field.path)] = box_of(field)
            if field.kind == Kind.ANY:
                self.fields[name_of(field.path) + "-sort"] = forms.ChoiceField(
                    choices=SORTS, label=f"{field.label}: this is"
                )
        if any(field.kind in {Kind.ANY, Kind.MONEY} for field in self.facts):
            self.fields[name_of(CURRENCY)] = forms.RegexField(
                r"^[A-Z]{3}$",
                required=False,
                label="Currency of sums",
                widget=forms.TextInput(attrs={"size": 5}),
                error_messages={"invalid": "Write three capitals, like EUR."},
            )

    def clean_slug(self) -> str:
        """Refuse an address that is taken."""
        slug: str = self.cleaned_data["slug"].lower()
        others = Announcement.objects.filter(slug=slug)
        if self.announcement is not None:
            others = others.exclude(pk=self.announcement.pk)
        if others.exists():
            raise forms.ValidationError(TAKEN)
        return slug

    def clean(self) -> dict[str, Any]:
        """Set times into the firm's zone; the end comes after the beginning."""
        cleaned: dict[str, Any] = super().clean() or {}
        brand = cleaned.get("brand")
        if brand is None:
            return cleaned
        moments = ["publish_at", "withdraw_at"] + [
            name_of(field.path) for field in self.facts if field.kind == Kind.MOMENT
        ]
        for name in moments:
            if cleaned.get(name):
                try:
                    cleaned[name] = in_zone(cleaned[name], brand.time_zone)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        begins, ends = cleaned.get("publish_at"), cleaned.get("withdraw_at")
        if begins and ends and not self.errors and ends <= begins:
            self.add_error("withdraw_at", "It must come down after it went up.")
        if self.facts:
            cleaned["about"] = self._about(cleaned)
        return cleaned

    def _about(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts as they are kept."""
        typed: dict[str, Any] = {}
        for field in self.facts:
            name = name_of(field.path)
            value = cleaned.get(name)
            if value in (None, ""):
                continue
            if field.kind == Kind.ANY:
                try:
                    value = _as_sort(str(value), cleaned.get(f"{name}-sort") or "text")
                except ValueError as error:
                    self.add_error(name, str(error))
                    continue
            typed[field.path] = value
        currency = cleaned.get(name_of(CURRENCY))
        money = any(type(value) is Decimal for value in typed.values())
        if money and not currency:
            self.add_error(name_of(CURRENCY), "Say in which currency the sums are.")
        if currency:
            typed[CURRENCY] = currency
        return write_about(typed)


def box_of(field: Field) -> forms.Field:
    """Return the box of one fact; an empty one is asked for again at publishing."""
    common: dict[str, Any] = {"label": field.label, "required": False}
    match field.kind:
        case Kind.FLAG:
            return forms.BooleanField(**common)
        case Kind.DATE:
            return forms.DateField(
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                error_messages={"invalid": "Write it as year-month-day: 2026-03-31."},
                **common,
            )
        case Kind.MOMENT:
            return MomentField(help_text="In the firm's own time.", **common)
        case Kind.MONEY:
            return forms.DecimalField(
                max_digits=14,
                decimal_places=4,
                error_messages={"invalid": "Write a sum such as 12.50."},
                **common,
            )
        case Kind.COUNT:
            return forms.IntegerField(min_value=0, **common)
    return forms.CharField(max_length=500, **common)


def _as_sort(value: str, sort: str) -> Any:
    """Return what was typed as the sort of value it is said to be.

    :raises ValueError: it is none.
    """
    value = value.strip()
    if sort == "text":
        return value
    if sort == "account":
        return Account(value)
    try:
        if sort == "date":
            return dt.date.fromisoformat(value)
        amount = Decimal(value)
        if not amount.is_finite():
            raise ValueError
    except (ValueError, ArithmeticError) as error:
        example = "2026-03-31" if sort == "date" else "12.50"
        raise ValueError(f"Write it like {example}, or choose “Words”.") from error
    return Percent(amount) if sort == "percent" else amount


def _initial(announcement: Announcement) -> dict[str, Any]:
    zone = ZoneInfo(announcement.brand.time_zone)
    initial: dict[str, Any] = {
        name: getattr(announcement, name) for name in ("brand", "slug", "importance")
    }
    for name in ("publish_at", "withdraw_at"):
        moment = getattr(announcement, name)
        initial[name] = moment.astimezone(zone).replace(tzinfo=None) if moment else None
    for field in own_fields(announcement.notice_kind.subjects):
        value = announcement.about.get(field.path)
        if value is None:
            continue
        if isinstance(value, dict):
            [(sort, value)] = value.items()
            initial[name_of(field.path) + "-sort"] = sort
        if field.kind == Kind.MOMENT:
            local = dt.datetime.fromisoformat(value).astimezone(zone)
            value = local.replace(tzinfo=None)
        initial[name_of(field.path)] = value
    initial[name_of(CURRENCY)] = announcement.about.get(CURRENCY, "")
    return initial
