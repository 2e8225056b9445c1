"""What the forms of answers share: words, days, files, bills to tick.

Errors are in the reader's language and say how to put things right.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.safestring import SafeString

from customers.calendars import later
from customers.contact import ContactError, normalise_phone
from notices.answers import File, Given
from notices.models.answers import LONGEST_TEXT
from notices.pages.answer_case import Case
from notices.pages.once import OnceForm
from notices.proofs import ProofError, check_size, proof_of

OTHER = "other"
TWELVE = 12


class AnswerForm(OnceForm):
    """What the forms share: words, errors in the reader's language, bills to tick."""

    kind: ClassVar[str]
    # Whether which bills it is about can be ticked.
    ticks: ClassVar[bool] = False
    # Where a date may be typed instead of one of the ready days.
    has_day: ClassVar[bool] = False
    # The first and the last day that may be typed.
    days: tuple[dt.date, dt.date]

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

    def chosen_day(self) -> dt.date | None:
        """Return the day that was chosen or typed; None with an error noted."""
        when = self.cleaned_data.get("when")
        if when is None:
            return None
        if when != OTHER:
            return dt.date.fromisoformat(when)
        typed = [self.cleaned_data.get(name) or "" for name in ("year", "month", "day")]
        try:
            year, month, day = (int(one) for one in typed)
        except ValueError:
            self.add_error("day", self.say("no_such_day"))
            return None
        try:
            found = dt.date(year + 2000 if year < 100 else year, month, day)
        except (ValueError, OverflowError):
            self.add_error("day", self.say("day_not_there"))
            return None
        first, last = self.days
        if not first <= found <= last:
            self.add_error("day", self.say("day_between", first=first, last=last))
            return None
        return found

    @property
    def example(self) -> str:
        """A day as it is typed, of those that may be: which number is which is plain
        from the thirteenth of a month on."""
        first, last = self.days
        days = [later(first, number) for number in range((last - first).days + 1)]
        day = next((one for one in days if one.day > TWELVE), last)
        return f"{day.day} {day.month} {day.year}"

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
