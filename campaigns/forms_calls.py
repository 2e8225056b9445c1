"""What staff note after a call: one form for each outcome, all of one shape."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from campaigns.forms import DayInput
from customers.money import MoneyError, exact
from notices.calls.outcomes import Told, bills_of
from notices.calls.rules import Outcome
from notices.models import CallTask

# As far ahead as a promise or another call may be agreed on the telephone.
PROMISE_WITHIN = dt.timedelta(days=60)
CALL_WITHIN = dt.timedelta(days=14)
ISO_DAY = "Write the date as year-month-day, like 2026-03-31."


class HourInput(forms.TimeInput):
    """A clock: the browser shows its own form, and sends hours and minutes."""

    input_type = "time"


class OutcomeForm(forms.Form):
    """What every outcome may say: a note for colleagues."""

    outcome: str = ""
    note = forms.CharField(
        max_length=500,
        required=False,
        label="Note",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Facts for colleagues. No customer ever reads it.",
    )

    def __init__(
        self, data: Any = None, *, task: CallTask, outcome: str, now: dt.datetime
    ) -> None:
        super().__init__(data, prefix=outcome)
        self.task = task
        self.outcome = outcome
        self.now = now

    def told(self) -> Told:
        """Return what was said, from a form that is valid."""
        wanted = {"note", "promised_on", "amount", "call_back_at", "invoices"}
        kept = {key: value for key, value in self.cleaned_data.items() if key in wanted}
        return Told(**kept)


class BillsForm(OutcomeForm):
    """An outcome about some or all of the bills that the call was about."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.bills = bills_of(self.task.notice)
        # With one bill there is nothing to choose.
        if len(self.bills) > 1:
            self.fields["bills"] = forms.MultipleChoiceField(
                label="Which bills",
                choices=[(str(one.pk), one.number) for one in self.bills],
                initial=[str(one.pk) for one in self.bills],
                widget=forms.CheckboxSelectMultiple(),
                error_messages={"required": "Choose at least one bill."},
            )
            self.order_fields(["promised_on", "amount", "bills", "note"])

    def told(self) -> Told:
        """Return what was said, and which bills it was about."""
        chosen = self.cleaned_data.get("bills")
        self.cleaned_data["invoices"] = [
            one for one in self.bills if chosen is None or str(one.pk) in chosen
        ]
        return super().told()


class PromiseForm(BillsForm):
    """A day and a sum the customer promised."""

    promised_on = forms.DateField(
        label="Will pay on",
        widget=DayInput(),
        error_messages={"required": "Say on which day.", "invalid": ISO_DAY},
    )
    amount = forms.DecimalField(
        label="How much",
        max_digits=16,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}),
        error_messages={
            "required": "Say how much.",
            "invalid": "Write the amount in figures, like 120.50.",
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if self.bills:
            total = sum((one.open_amount for one in self.bills), Decimal(0))
            self.currency = self.bills[0].currency
            self.fields["amount"].label = f"How much, in {self.currency}"
            self.fields["amount"].initial = exact(total, self.currency)

    def clean_promised_on(self) -> dt.date:
        """Refuse a day that has passed, or is too far off to be a promise."""
        day: dt.date = self.cleaned_data["promised_on"]
        today = self.now.astimezone(
            ZoneInfo(self.task.notice.stream.brand.time_zone)
        ).date()
        if not today <= day <= today + PROMISE_WITHIN:
            raise forms.ValidationError(
                f"Choose a day from today to {today + PROMISE_WITHIN}. What takes "
                "longer is agreed in parts."
            )
        return day

    def clean_amount(self) -> Decimal:
        """Refuse a sum that is none in the currency of the bills."""
        amount: Decimal = self.cleaned_data["amount"]
        if not self.bills:
            raise forms.ValidationError(
                "Nothing is open any more: note that it is paid."
            )
        try:
            amount = exact(amount, self.currency)
        except MoneyError as error:
            raise forms.ValidationError(error.sentence) from error
        if amount <= 0:
            raise forms.ValidationError("Write an amount of more than zero.")
        return amount


class ExplainedForm(BillsForm):
    """An outcome that colleagues can only follow up with a word of what was said."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        note = self.fields["note"]
        note.required = True
        is_plan = self.outcome == Outcome.PARTS
        note.label = "Which parts, from which day" if is_plan else "What is wrong"
        note.error_messages["required"] = "Write down what the customer said."


class CallBackForm(OutcomeForm):
    """A day and an hour at the customer's."""

    day = forms.DateField(
        widget=DayInput(),
        error_messages={"required": "Say on which day.", "invalid": ISO_DAY},
    )
    hour = forms.TimeField(
        label="Time at the customer's",
        widget=HourInput(format="%H:%M"),
        error_messages={
            "required": "Say at what time.",
            "invalid": "Write the time like 16:30.",
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.order_fields(["day", "hour", "note"])
        notice = self.task.notice
        self.zone = notice.customer.time_zone or notice.stream.brand.time_zone

    def clean(self) -> dict[str, Any]:
        """Put day and hour together; refuse what has passed or is too far off."""
        found: dict[str, Any] = super().clean() or {}
        if "day" not in found or "hour" not in found:
            return found
        moment = dt.datetime.combine(found["day"], found["hour"], ZoneInfo(self.zone))
        if moment <= self.now:
            self.add_error("day", "That time has passed. Choose a later one.")
        elif moment > self.now + CALL_WITHIN:
            self.add_error("day", "Choose a day within the next 14 days.")
        found["call_back_at"] = moment.astimezone(dt.UTC)
        return found


FORMS: dict[str, type[OutcomeForm]] = {
    Outcome.PROMISED: PromiseForm,
    Outcome.PAID: BillsForm,
    Outcome.COPY: BillsForm,
    Outcome.PARTS: ExplainedForm,
    Outcome.DISPUTE: ExplainedForm,
    Outcome.HARDSHIP: OutcomeForm,
    Outcome.CALL_BACK: CallBackForm,
    Outcome.SPOKE: OutcomeForm,
    Outcome.NO_CALLS: OutcomeForm,
    Outcome.WRONG_NUMBER: OutcomeForm,
    Outcome.NO_ANSWER: OutcomeForm,
    Outcome.BUSY: OutcomeForm,
    Outcome.MESSAGE: OutcomeForm,
}


def form_for(
    outcome: str, task: CallTask, now: dt.datetime, data: Any = None
) -> OutcomeForm:
    """Return the form of an outcome, filled in with ``data`` when given."""
    return FORMS[outcome](data, task=task, outcome=outcome, now=now)
