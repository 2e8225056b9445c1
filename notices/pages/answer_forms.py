"""What each answer asks for, and nothing else: one form a kind.

A form offers what the firm's limits allow, refuses what they do not, and returns what
the customer gave (notices.answers.Given). Its words are the reader's.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.calendars import later
from customers.contact import ContactError, normalise_phone
from notices.answers import File, Given
from notices.models import Answer
from notices.models.answers import LONGEST_TEXT
from notices.offers import Part, call_slots, in_bank_days, part_offers, ready_days
from notices.pages.answer_case import Case
from notices.pages.once import OnceForm
from notices.proofs import ProofError, check_size, proof_of

Kind = Answer.Kind

OTHER = "other"
# How long ago a payment can have been made that is not here yet.
PAID_SINCE = 120
HOW = ("transfer", "card", "debit", "cash", "cheque", "other")
WRONG = ("amount", "twice", "not_mine", "quality", "cancelled", "other")


class AnswerForm(OnceForm):
    """What the forms share: words, errors in the reader's language, bills to tick."""

    kind: ClassVar[str]
    # Whether which bills it is about can be ticked.
    ticks: ClassVar[bool] = False
    # Where a date may be typed instead of one of the ready days.
    has_day: ClassVar[bool] = False

    def __init__(self, case: Case, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.case = case
        self.words = case.words
        if self.ticks and len(case.lines) > 1:
            self.fields["invoices"] = forms.MultipleChoiceField(
                label=self.say("which_bills"),
                choices=[(line.pk, self._bill(line)) for line in case.lines],
                initial=[line.pk for line in case.lines],
                widget=forms.CheckboxSelectMultiple,
            )
        self.build()
        for field in self.fields.values():
            field.error_messages.update(self._complaints(field))

    def build(self) -> None:
        """Add the fields of this kind."""

    def say(self, key: str, **facts: object) -> str:
        """Return a label: plain text, which the template escapes."""
        return self.words.plain(key, **facts)

    def _bill(self, line: Any) -> SafeString:
        return self.words.say(
            "bill_line", number=line.number, due=line.due_on, amount=line.money
        )

    def _complaints(self, field: forms.Field) -> dict[str, str]:
        choice = isinstance(field, forms.ChoiceField)
        required = self.say("choose" if choice else "required")
        wrong = self.say("choose" if choice else "not_understood")
        return {
            "required": required,
            "invalid": wrong,
            "invalid_choice": wrong,
            "invalid_list": wrong,
            "max_length": self.say("too_long"),
            "null_characters_not_allowed": wrong,
            "missing": required,
            "empty": self.say("file_broken"),
        }

    def radio(
        self, label: str, choices: list[tuple[str, Any]], hint: str = ""
    ) -> forms.ChoiceField:
        """Return one question with cards."""
        return forms.ChoiceField(
            label=self.say(label),
            choices=choices,
            widget=forms.RadioSelect,
            help_text=self.say(hint) if hint else "",
        )

    def line(
        self, label: str, most: int, *, hint: str = "", auto: str = "", **more: Any
    ) -> forms.CharField:
        """Return one line to type in; ``auto`` is its autocomplete token."""
        attrs = {"autocomplete": auto or "off", "dir": "auto"}
        return forms.CharField(
            label=self.say(label),
            max_length=most,
            help_text=self.say(hint) if hint else "",
            widget=forms.TextInput(attrs={**attrs, **more.pop("attrs", {})}),
            **more,
        )

    def box(self, label: str, *, required: bool, hint: str = "") -> forms.CharField:
        """Return a box for own words."""
        return forms.CharField(
            label=self.say(label),
            max_length=LONGEST_TEXT,
            required=required,
            help_text=self.say(hint) if hint else "",
            widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        )

    def add_file(self) -> None:
        """Add a photo or PDF that may be sent along."""
        self.fields["file"] = forms.FileField(
            label=self.say("file"),
            required=False,
            help_text=self.say("file_hint"),
            widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,.pdf"}),
        )

    def add_day(self) -> None:
        """Add day, month and year: no picker, which follows the browser's language."""
        self.fields["day"] = self.line(
            "day", 2, required=False, attrs={"inputmode": "numeric"}
        )
        self.fields["month"] = self.line(
            "month", 2, required=False, attrs={"inputmode": "numeric"}
        )
        self.fields["year"] = self.line(
            "year", 4, required=False, attrs={"inputmode": "numeric"}
        )

    def clean_file(self) -> File | None:
        """Return the file as it is kept, whatever it says it is."""
        upload: UploadedFile | None = self.cleaned_data.get("file")
        if not upload:
            return None
        try:
            check_size(upload.size or 0)
            return proof_of(upload.name or "", upload.read())
        except ProofError as error:
            raise forms.ValidationError(self.say(f"file_{error.code}")) from error

    def chosen_day(self, first: dt.date, last: dt.date) -> dt.date | None:
        """Return the day that was chosen or typed; None with an error noted."""
        when = self.cleaned_data.get("when")
        if when is None:
            return None
        if when != OTHER:
            return dt.date.fromisoformat(when)
        typed = [self.cleaned_data.get(name) or "" for name in ("year", "month", "day")]
        try:
            year, month, day = (int(one) for one in typed)
            found = dt.date(year + 2000 if year < 100 else year, month, day)
        except (ValueError, OverflowError):
            self.add_error("day", self.say("no_such_day"))
            return None
        if not first <= found <= last:
            self.add_error("day", self.say("day_between", first=first, last=last))
            return None
        return found

    def given(self) -> Given:
        """Return what was given, once the form is valid."""
        data = self.cleaned_data
        bills = self.case.invoices(data.get("invoices")) if self.case.lines else []
        file = data.get("file")
        return Given(
            kind=self.kind,
            form_id=self.form_id,
            invoices=bills,
            text=data.get("text", ""),
            files=[file] if file else [],
            **self.more(),
        )

    def more(self) -> dict[str, Any]:
        """Return what only this kind gives."""
        return {}


class PaidForm(AnswerForm):
    """When and how it was paid."""

    kind, ticks, has_day = Kind.PAID, True, True

    def build(self) -> None:
        today = self.case.today
        yesterday = later(today, -1)
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
        today = self.case.today
        cleaned["on"] = self.chosen_day(later(today, -PAID_SINCE), today)
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
        self.last = later(case.today, case.limits.promise_days)
        choices: list[tuple[str, Any]] = [
            (day.isoformat(), case.day(day)) for day in days
        ]
        choices.append((OTHER, self.say("another_day_until", last=self.last)))
        self.fields["when"] = self.radio("promise_when", choices)
        self.add_day()

    def clean(self) -> dict[str, Any]:
        """Refuse a day gone by, and one beyond the longest promise."""
        cleaned = super().clean() or {}
        cleaned["on"] = self.chosen_day(self.case.today, self.last)
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
                "parts_which", [*choices, (OTHER, self.say("parts_other"))]
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


class CallForm(AnswerForm):
    """When to be called, and on which number."""

    kind = Kind.CALL

    def build(self) -> None:
        visit = self.case.visit
        zone = visit.customer.time_zone or visit.brand.time_zone
        self.slots = {
            slot.astimezone(dt.UTC).isoformat(): slot
            for slot in call_slots(
                visit.now,
                firm_zone=visit.brand.time_zone,
                zone=zone,
                opens=self.case.limits.calls_from,
                closes=self.case.limits.calls_until,
                is_bank_day=self.case.calendar,
            )
        }
        zones = {slot.tzname() for slot in self.slots.values()}
        self.fields["slot"] = self.radio(
            "call_when", [(key, self._slot(slot)) for key, slot in self.slots.items()]
        )
        if zones:
            self.fields["slot"].help_text = self.say(
                "call_zone", zone=" / ".join(sorted(str(one) for one in zones))
            )
        known = phone_of(self.case)
        hint = self.say("call_number_known", ending=known[-2:]) if known else ""
        self.fields["phone"] = self.line(
            "call_number", 40, auto="tel", required=not known, attrs={"dir": "ltr"}
        )
        self.fields["phone"].help_text = hint
        self.fields["text"] = self.box("call_about", required=False)

    def _slot(self, slot: dt.datetime) -> str:
        time = self.words.formats().time
        end = slot + dt.timedelta(hours=2)
        day = self.case.day(slot.date())
        return self.say("call_slot", day=day, start=time(slot), end=time(end))

    def clean_phone(self) -> str:
        """Return another number in E.164, if one was given."""
        return clean_phone(self, self.cleaned_data["phone"])

    def more(self) -> dict[str, Any]:
        data = self.cleaned_data
        facts = {"phone": data["phone"]} if data["phone"] else {}
        at = self.slots[data["slot"]]
        return {
            "facts": facts | {"zone": str(_zone_of(at))},
            "call_at": at.astimezone(dt.UTC),
        }


def _zone_of(moment: dt.datetime) -> str:
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else "UTC"


def phone_of(case: Case) -> str:
    """Return the number a call would go to: one query."""
    points = case.visit.customer.contact_points.filter(is_primary=True).exclude(
        state="dead"
    )
    numbers = {one.kind: one.value for one in points}
    return str(numbers.get("mobile", "") or numbers.get("landline", ""))


def clean_phone(form: AnswerForm, typed: str) -> str:
    """Return a typed number in E.164, empty for none.

    :raises ValidationError: no such number can exist.
    """
    if not typed.strip():
        return ""
    visit = form.case.visit
    try:
        return normalise_phone(typed, visit.customer.country or visit.brand.country)
    except ContactError as error:
        raise forms.ValidationError(form.say("not_a_number")) from error


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
