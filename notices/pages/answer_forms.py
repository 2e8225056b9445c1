"""What each answer asks for, and nothing else: one form a kind.

A form offers what the firm's limits allow, refuses what they do not, and returns what
the customer gave (notices.answers.Given).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.calendars import later
from notices.answers import Given
from notices.models import Answer
from notices.offers import Part, in_bank_days, part_offers, ready_days
from notices.pages.answer_form import OTHER, AnswerForm

Kind = Answer.Kind

# How long ago a payment can have been made that is not here yet.
PAID_SINCE = 120
HOW = ("transfer", "card", "debit", "cash", "cheque", "other")
# A number in the digits of any script, with a currency before or after it.
AMOUNT = re.compile(r"[^\W\d]{0,4}[.\s]?\W?\s?\d[\d\s.,'’٫٬]*\W?\s?[^\W\d]{0,4}\.?")
WRONG = ("amount", "twice", "not_mine", "quality", "cancelled", "other")


class PaidForm(AnswerForm):
    """When and how it was paid."""

    kind, ticks, has_day = Kind.PAID, True, True

    def build(self) -> None:
        today = self.case.today
        yesterday = later(today, -1)
        self.days = later(today, -PAID_SINCE), today
        self.fields["when"] = self.radio(
            "paid_when",
            [
                (today.isoformat(), self.say("today", day=today)),
                (yesterday.isoformat(), self.say("yesterday", day=yesterday)),
                (OTHER, self.say("another_day")),
            ],
        )
        self.add_day()
        self.fields["how"] = self.radio(
            "paid_how", [(one, self.say(f"how_{one}")) for one in HOW]
        )
        self.fields["note"] = self.line("paid_note", 60, required=False)
        self.add_file()

    def clean(self) -> dict[str, Any]:
        """Refuse a day to come, and one too long ago."""
        cleaned = super().clean() or {}
        cleaned["on"] = self.chosen_day()
        return cleaned

    def more(self) -> dict[str, Any]:
        data, case = self.cleaned_data, self.case
        facts = {"paid_on": data["on"].isoformat(), "how": data["how"]}
        until = in_bank_days(case.today, case.limits.paid_days, case.calendar)
        return {"facts": facts | {"note": data["note"]}, "until": until}


class PromiseForm(AnswerForm):
    """On which day it will be paid."""

    kind, ticks, has_day = Kind.PROMISE, True, True

    def build(self) -> None:
        case = self.case
        days = ready_days(case.today, case.limits.promise_days, case.calendar)
        last = later(case.today, case.limits.promise_days)
        self.days = case.today, last
        choices: list[tuple[str, Any]] = [
            (day.isoformat(), case.day(day)) for day in days
        ]
        choices.append((OTHER, self.say("another_day_until", last=last)))
        self.fields["when"] = self.radio("promise_when", choices)
        self.add_day()

    def clean(self) -> dict[str, Any]:
        """Refuse a day gone by, and one beyond the longest promise."""
        cleaned = super().clean() or {}
        cleaned["on"] = self.chosen_day()
        return cleaned

    def more(self) -> dict[str, Any]:
        on: dt.date = self.cleaned_data["on"]
        return {"facts": {"pay_on": on.isoformat()}, "until": on}


class PartsForm(AnswerForm):
    """In which parts, of those that are offered; or what else would be possible."""

    kind = Kind.PARTS

    def build(self) -> None:
        self.offers = self._offers()
        choices = [
            (key, self._offer(key.partition("-")[0], parts))
            for key, parts in self.offers.items()
        ]
        if choices:
            self.fields["offer"] = self.radio(
                "parts_which",
                [*choices, (OTHER, self.say("parts_other"))],
                hint="plan_condition",
            )
        self.fields["text"] = self.box(
            "parts_wish", required=not choices, hint="parts_wish_hint"
        )

    def _offers(self) -> dict[str, tuple[Part, ...]]:
        case, limits = self.case, self.case.limits
        found = {}
        for currency, _ in case.totals:
            bills = [line for line in case.lines if line.currency == currency]
            for parts in part_offers(
                sum(
                    (line.open_amount for line in bills), start=bills[0].open_amount * 0
                ),
                currency,
                case.today,
                most=limits.parts_most,
                smallest=limits.parts_smallest,
                longest=limits.parts_days,
                is_bank_day=case.calendar,
            ):
                found[f"{currency}-{len(parts)}"] = parts
        return found

    def _offer(self, currency: str, parts: tuple[Part, ...]) -> SafeString:
        money = self.words.formats(currency).money
        total = money(sum((one.amount for one in parts), start=parts[0].amount * 0))
        head = self.words.say("parts_offer", n=len(parts), total=total)
        rows = format_html_join(
            "",
            "<br>{}",
            (
                (self.words.say("part", day=one.due_on, amount=money(one.amount)),)
                for one in parts
            ),
        )
        return format_html("<strong>{}</strong>{}", head, rows)

    def clean(self) -> dict[str, Any]:
        """Ask for words where no offer was taken."""
        cleaned = super().clean() or {}
        if cleaned.get("offer") == OTHER and not cleaned.get("text"):
            self.add_error("text", self.say("required"))
        return cleaned

    def given(self) -> Given:
        """Return the plan, about the bills in its currency."""
        data, case = self.cleaned_data, self.case
        key = data.get("offer", OTHER)
        parts = self.offers.get(key, ())
        bills = case.invoices()
        if parts:
            bills = [one for one in bills if one.currency == key.partition("-")[0]]
            until = parts[-1].due_on
        else:
            until = in_bank_days(case.today, case.limits.paid_days, case.calendar)
        facts = {
            "parts": [
                {"due_on": one.due_on.isoformat(), "amount": f"{one.amount:f}"}
                for one in parts
            ],
            "currency": key.partition("-")[0] if parts else "",
        }
        return Given(
            kind=self.kind,
            form_id=self.form_id,
            invoices=bills,
            facts=facts,
            text=data["text"],
            until=until,
            parts=parts,
            waits_for_yes=not parts or not case.limits.parts_at_once,
        )


class DisputeForm(AnswerForm):
    """What is wrong, and what would be right."""

    kind, ticks = Kind.DISPUTE, True

    def build(self) -> None:
        self.fields["reason"] = self.radio(
            "wrong_what", [(one, self.say(f"wrong_{one}")) for one in WRONG]
        )
        self.fields["text"] = self.box("wrong_text", required=True)
        self.fields["right"] = self.line(
            "wrong_right", 40, required=False, hint="wrong_right_hint"
        )
        self.add_file()

    def clean_right(self) -> str:
        """Return the amount as it was typed, if one can be read in it."""
        right: str = self.cleaned_data["right"].strip()
        if right and not AMOUNT.fullmatch(right):
            raise forms.ValidationError(self.say("not_an_amount"))
        return right

    def more(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"facts": {"reason": data["reason"], "right": data["right"]}}


class HardshipForm(AnswerForm):
    """Whatever somebody in difficulty wants to say; they need not say anything."""

    kind = Kind.HARDSHIP

    def build(self) -> None:
        self.fields["text"] = self.box(
            "hardship_text", required=False, hint="hardship_text_hint"
        )


class NotMeForm(AnswerForm):
    """One button."""

    kind = Kind.NOT_ME

    def given(self) -> Given:
        """Return that it is somebody else; about no bill."""
        return Given(kind=self.kind, form_id=self.form_id)


class ReadForm(AnswerForm):
    """One button: I have read this."""

    kind = Kind.READ

    def given(self) -> Given:
        """Return that the notice was read."""
        return Given(kind=self.kind, form_id=self.form_id)


class QuestionForm(AnswerForm):
    """A question in own words."""

    kind = Kind.QUESTION

    def build(self) -> None:
        self.fields["text"] = self.box("question", required=True)
