"""The access log as staff read it: who looked at what, and who changed what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.db.models import QuerySet

from campaigns.forms import DayInput
from customers import spreadsheets
from customers.models import AccessEntry, AuditEntry, Customer

READS, CHANGES = "reads", "changes"
_CHUNK = 2000

TABLES = {
    "customers_customer": "Customer",
    "customers_contactpoint": "Contact point",
    "customers_postaladdress": "Postal address",
    "customers_legalhold": "Legal hold",
    "consent_contactpolicy": "Contact policy",
    "consent_suppression": "Stopped address",
    "consent_rulepack": "Rules of law",
    "consent_disclosure": "Disclosure",
    "notices_brand": "Firm",
    "notices_templateversion": "Text",
    "notices_answerlimits": "What customers may choose",
    "notices_survey": "Survey",
    "notices_surveyquestion": "Question of a survey",
    "campaigns_cutover": "Cutover to e-bills",
    "campaigns_accessreview": "Access review",
}
VERBS = {"insert": "Added", "update": "Changed", "delete": "Deleted"}


class LogForm(forms.Form):
    """What of the log is wanted; every field may be empty."""

    show = forms.ChoiceField(
        label="Show",
        choices=[(READS, "What was read or taken"), (CHANGES, "What was changed")],
        required=False,
    )
    who = forms.CharField(label="By whom", max_length=150, required=False)
    number = forms.CharField(label="Customer number", max_length=64, required=False)
    since = forms.DateField(label="From", widget=DayInput(), required=False)
    until = forms.DateField(label="To", widget=DayInput(), required=False)

    def rows(self) -> QuerySet[Any]:
        """Return the entries that are wanted, newest first."""
        wanted = self.cleaned_data
        model: Any = AuditEntry if wanted["show"] == CHANGES else AccessEntry
        found: QuerySet[Any] = model.objects.all()
        if wanted["who"]:
            found = found.filter(who=wanted["who"])
        if wanted["number"]:
            whose = Customer.objects.filter(number=wanted["number"].strip())
            found = found.filter(whose__in=whose.values("pk"))
        if wanted["since"]:
            found = found.filter(at__gte=_midnight(wanted["since"]))
        if wanted["until"]:
            next_day = wanted["until"] + dt.timedelta(days=1)
            found = found.filter(at__lt=_midnight(next_day))
        return found


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words."""

    at: dt.datetime
    who: str
    what: str
    which: str
    customer: str = ""
    customer_id: int | None = None


def lines(entries: Iterable[AccessEntry | AuditEntry]) -> list[Line]:
    """Return entries in words: one query for the customers they speak of."""
    entries = list(entries)
    people = Customer.objects.filter(
        pk__in={one.whose for one in entries if one.whose is not None}
    )
    numbers = dict(people.values_list("pk", "number"))
    return [_line(one, numbers) for one in entries]


def _line(entry: AccessEntry | AuditEntry, numbers: dict[int, str]) -> Line:
    number = numbers.get(entry.whose, "gone") if entry.whose is not None else ""
    known = entry.whose if entry.whose in numbers else None
    if isinstance(entry, AccessEntry):
        what, which = entry.get_what_display(), entry.which
    else:
        table = TABLES.get(entry.what, entry.what)
        what = f"{table}: {VERBS.get(entry.verb, entry.verb).lower()}"
        which = _changes(entry)
    return Line(entry.at, entry.who or "Not known", what, which, number, known)


def _changes(entry: AuditEntry) -> str:
    """Return what a change was, as far as it is nobody's own."""
    if entry.rows > 1:
        return f"{entry.rows:,} rows at once"
    if entry.verb != "update":
        return f"row {entry.row}"
    told = [
        f"{name}: {_plain(entry.before.get(name))} → {_plain(entry.after.get(name))}"
        if name in entry.after
        else name
        for name in entry.columns
    ]
    return "; ".join(told)


def _plain(value: Any) -> str:
    return "nothing" if value in (None, "") else str(value)


def as_csv(entries: QuerySet[Any]) -> Iterator[bytes]:
    """Yield the entries as a file for a spreadsheet; memory stays flat."""
    return spreadsheets.as_csv(
        ("at (UTC)", "who", "what", "which", "customer"), _cells(entries)
    )


def _cells(entries: QuerySet[Any]) -> Iterator[tuple[str, ...]]:
    rest = entries.iterator(chunk_size=_CHUNK)
    while some := list(islice(rest, _CHUNK)):
        for one in lines(some):
            at = one.at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
            yield at, one.who, one.what, one.which, one.customer
