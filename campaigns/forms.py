"""What staff fill in: a new campaign, and a hold. Every refusal says what to do."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from campaigns.models import Campaign, Ladder
from consent.models import ContactPolicy
from customers.calendars import bank_days
from customers.models import Customer, Hold, Invoice
from customers.money import currencies
from notices.models import Brand, Document


class DayInput(forms.DateInput):
    """A day picker: the browser shows its own form, and sends ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CampaignForm(forms.Form):
    """A new campaign; it is written down as a draft, and sends nothing yet."""

    name = forms.CharField(
        max_length=120,
        help_text="For staff only, for example “Late bills, spring”.",
        error_messages={"required": "Give the campaign a name."},
    )
    ladder = forms.ModelChoiceField(
        Ladder.objects.all(),
        empty_label=None,
        help_text="The steps by which a customer is reminded.",
        error_messages={"required": "Choose a ladder."},
    )
    brand = forms.ModelChoiceField(
        Brand.objects.all(),
        empty_label=None,
        help_text="The firm that speaks: letterhead, sender and bank details.",
        error_messages={"required": "Choose a brand."},
    )
    policy = forms.ModelChoiceField(
        ContactPolicy.objects.all(),
        empty_label=None,
        label="Contact policy",
        help_text="Quiet hours, how often a customer may be contacted, letters.",
        error_messages={"required": "Choose a contact policy."},
    )
    due_from = forms.DateField(
        label="Invoices due from",
        widget=DayInput(),
        help_text="Older debts stay out, so that nobody is reminded of an old one.",
        error_messages={
            "required": "Say from which due date on invoices take part.",
            "invalid": "Write the date as year-month-day, like 2026-03-31.",
        },
    )
    currency = forms.CharField(
        max_length=3,
        required=False,
        widget=forms.TextInput(attrs={"size": 5, "autocapitalize": "characters"}),
        help_text="Three letters, like EUR. Leave it empty for every currency.",
        error_messages={"max_length": "Write three letters, like EUR."},
    )

    late_after_hours = forms.IntegerField(
        min_value=1,
        max_value=240,
        initial=24,
        label="Too late after how many hours",
        help_text="If nothing could go out for so long, counted on working days of "
        "the ladder, what was planned before waits for you instead of going late.",
        error_messages={
            "required": "Write a number of hours, for example 24.",
            "invalid": "Write a whole number of hours, for example 24.",
            "min_value": "Write at least 1 hour.",
            "max_value": "Write at most 240 hours.",
        },
    )
    attaches_invoices = forms.BooleanField(
        required=False,
        initial=True,
        label="Send invoice copies along",
        help_text="E-mails bring the PDF of each invoice they speak of, if we have it.",
    )
    documents = forms.ModelMultipleChoiceField(
        Document.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        label="Papers that go along",
        help_text="Each customer gets the newest version in their own language.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing to choose from is no question.
        papers = Document.objects.order_by("key", "-version").distinct("key")
        if papers.exists():
            chosen = self.fields["documents"]
            assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101
            chosen.queryset = papers.defer("body")
        else:
            del self.fields["documents"]

    def clean_name(self) -> str:
        """Refuse a name that is taken."""
        name: str = self.cleaned_data["name"]
        if Campaign.objects.filter(name=name).exists():
            raise forms.ValidationError(
                "There is a campaign of that name already. Choose another name."
            )
        return name

    def clean_currency(self) -> str:
        """Refuse what is no currency."""
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency and currency not in currencies():
            raise forms.ValidationError(
                f"{currency} is not a currency code. Write three letters, like EUR."
            )
        return currency


class HourInput(forms.TimeInput):
    """An hour picker: the browser shows its own form, and sends 09:00."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PlanForm(forms.Form):
    """When a draft starts by itself; ``cleaned_data["at"]`` is the aware instant."""

    day = forms.DateField(
        widget=DayInput(),
        error_messages={
            "required": "Choose the day on which it starts.",
            "invalid": "Write the date as year-month-day, like 2026-03-31.",
        },
    )
    hour = forms.TimeField(
        widget=HourInput(),
        error_messages={
            "required": "Choose the hour at which it starts.",
            "invalid": "Write the hour like 09:00.",
        },
    )

    def __init__(self, data: Any = None, *, campaign: Campaign, now: dt.datetime):
        self.zone = ZoneInfo(campaign.brand.time_zone)
        self.now = now
        self.is_open = bank_days(campaign.stream.bank_days)
        tomorrow = now.astimezone(self.zone).date() + dt.timedelta(days=1)
        ahead = (tomorrow + dt.timedelta(days=n) for n in range(60))
        day = next((one for one in ahead if self.is_open(one)), tomorrow)
        super().__init__(data, initial={"day": day, "hour": campaign.send_from})
        self.fields["hour"].help_text = f"In the firm's own zone, {self.zone.key}."

    def clean_day(self) -> dt.date:
        """Refuse a day on which nothing goes out, or a slip in the year."""
        day: dt.date = self.cleaned_data["day"]
        if day > self.now.date() + dt.timedelta(days=366):
            raise forms.ValidationError(
                "That is more than a year away. Choose an earlier day."
            )
        if not self.is_open(day):
            raise forms.ValidationError(
                f"Nothing goes out on {day:%A}, {day.day} {day:%B}: it is no working "
                "day of this ladder. Choose another."
            )
        return day

    def clean(self) -> dict[str, Any]:
        """Put day and hour together; refuse what has passed or never comes."""
        said: dict[str, Any] = self.cleaned_data
        if "day" not in said or "hour" not in said:
            return said
        at = dt.datetime.combine(said["day"], said["hour"], self.zone)
        said["at"] = at.astimezone(dt.UTC)
        if said["at"].astimezone(self.zone).time() != said["hour"]:
            self.add_error(
                "hour", "The clocks go forward in that hour. Choose another."
            )
        elif said["at"] <= self.now:
            self.add_error(
                "hour", "That hour has passed. Choose a later one, or start now."
            )
        return said


class LawForm(forms.Form):
    """Going on though rules are not confirmed by counsel: a tick and a reason."""

    accept = forms.BooleanField(
        label="We go on with these rules as they stand",
        error_messages={"required": "Tick that you go on with these rules."},
    )
    reason = forms.CharField(
        max_length=500,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the log with your name.",
        error_messages={"required": "Say why you go on without counsel's word."},
    )


class HoldForm(forms.Form):
    """A hold on all of a customer's invoices, or on one of them."""

    reason = forms.ChoiceField(
        # A hold for a reply comes and goes with the reply.
        choices=[one for one in Hold.Reason.choices if one[0] != Hold.Reason.REPLY]
    )
    invoice = forms.ModelChoiceField(
        Invoice.objects.none(),
        required=False,
        empty_label="All invoices",
        label="For",
    )
    ends_on = forms.DateField(
        required=False,
        widget=DayInput(),
        label="Last day",
        help_text="Leave it empty until somebody lifts the hold.",
        error_messages={
            "invalid": "Write the date as year-month-day, like 2026-03-31."
        },
    )
    note = forms.CharField(
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What was agreed, for colleagues.",
    )

    def __init__(self, data: Any = None, *, customer: Customer, today: dt.date) -> None:
        super().__init__(data, prefix="hold")
        self.today = today
        owed = Invoice.objects.filter(customer=customer, status=Invoice.Status.OPEN)
        invoices: Any = self.fields["invoice"]
        invoices.queryset = owed

    def clean_ends_on(self) -> dt.date | None:
        """Refuse a hold that ends before it begins."""
        ends_on: dt.date | None = self.cleaned_data["ends_on"]
        if ends_on is not None and ends_on < self.today:
            raise forms.ValidationError(
                "The last day is in the past. Choose today or a later day."
            )
        return ends_on
