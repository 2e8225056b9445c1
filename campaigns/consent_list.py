"""The history of consents for staff: narrowed, paged, as a file, and one customer's.

What is narrowed by is a whitelist. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns import phrases, words
from campaigns.paging import Page, page_of
from campaigns.words import Words
from consent.carrying import GOES_ON
from consent.models import Basis, Category, ConsentDetail, ConsentEvent, Subject
from customers import spreadsheets
from customers.models import Customer
from customers.vault import VaultError

SUBJECTS = {"": "Anything", **dict(Subject.choices)}
STATES = {
    "": "Anything",
    **{state: words.CONSENT[state].word for state in ConsentEvent.State.values},
}
METHODS = {"": "By any way", **dict(ConsentEvent.Method.choices)}
# The columns of the file, by the fields they are.
COLUMNS = {
    "customer": "customer__number",
    "place": "seq",
    "about": "subject",
    "state": "state",
    "day": "effective_on",
    "moment": "effective_at",
    "valid_until": "valid_until",
    "method": "method",
    "categories": "categories",
    "basis": "basis",
    "jurisdiction": "jurisdiction",
    "language": "language",
    "disclosure": "disclosure_ref",
    "needs": "hwsw_version",
    "recorded_at": "recorded_at",
    "recorded_by": "actor",
    "evidence": "evidence",
    "record": "record_id",
    "hash": "hash",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: what is blank or None narrows nothing. Days include both ends."""

    subject: str = ""
    state: str = ""
    method: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Wanted:
        """Return what was asked for; what is on no list, and no day, is left out."""
        return cls(
            _one_of(SUBJECTS, asked.get("subject", "")),
            _one_of(STATES, asked.get("state", "")),
            _one_of(METHODS, asked.get("method", "")),
            _day(asked.get("since", "")),
            _day(asked.get("until", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return self != Wanted()

    @property
    def events(self) -> QuerySet[ConsentEvent]:
        """The events wanted, the newest recorded first."""
        exact = {
            name: getattr(self, name)
            for name in ("subject", "state", "method")
            if getattr(self, name)
        }
        found = ConsentEvent.objects.filter(**exact).order_by("-id")
        if self.since:
            found = found.filter(effective_on__gte=self.since)
        if self.until:
            found = found.filter(effective_on__lte=self.until)
        return found


def _one_of(known: Mapping[str, str], asked: str) -> str:
    return asked if asked in known else ""


def _day(asked: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(asked)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One event as staff read it; ``facts`` are labels and values of what is known."""

    event: ConsentEvent
    about: str
    status: Words
    method: str
    facts: tuple[tuple[str, str], ...] = ()


def page(wanted: Wanted, number: str | None) -> Page[ConsentEvent]:
    """Return one page of the events wanted."""
    return page_of(wanted.events.select_related("customer"), number)


def lines(events: list[ConsentEvent]) -> list[Line]:
    """Return events as the list shows them."""
    return [_line(event) for event in events]


def page_of_customer(customer: Customer, number: str | None) -> Page[ConsentEvent]:
    """Return one page of a customer's whole history, the newest first."""
    events = ConsentEvent.objects.filter(customer=customer)
    return page_of(events.order_by("-seq"), number)


def lines_with_evidence(events: list[ConsentEvent]) -> list[Line]:
    """Return events of one customer with all that is known of each."""
    try:
        details = ConsentDetail.objects.in_bulk([event.pk for event in events])
        personal = {event.pk: _personal(event, details) for event in events}
    except VaultError:
        unread = {"Personal details": "Cannot be opened with the keys there are"}
        personal = {event.pk: unread for event in events}
    return [_line(event, tuple(_facts(event, personal[event.pk]))) for event in events]


def as_csv(wanted: Wanted) -> Iterator[bytes]:
    """Yield exactly the events wanted, as a file for a spreadsheet."""
    found = wanted.events.values_list(*COLUMNS.values())
    rows = found.iterator(chunk_size=5000)
    return spreadsheets.as_csv(COLUMNS, (map(_cell, row) for row in rows))


def _line(event: ConsentEvent, facts: tuple[tuple[str, str], ...] = ()) -> Line:
    return Line(
        event,
        Subject(event.subject).label,
        words.consent(event),
        ConsentEvent.Method(event.method).label,
        facts,
    )


def _facts(
    event: ConsentEvent, personal: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what is known of an event, without what is not."""
    told = {
        "Goes on for" if GOES_ON in event.evidence else "Covers": ", ".join(
            str(Category(one).label) for one in event.categories
        ),
        "Wording": event.disclosure_ref,
        "SHA-256 of what was shown": _hex(event.rendered_sha256),
        "Language": event.language,
        "Law": event.jurisdiction,
        "Ground": str(Basis(event.basis).label) if event.basis else "",
        "Until": phrases.day(event.valid_until) if event.valid_until else "",
        "Needs, version": str(event.hwsw_version or ""),
        "Page, version": event.ui_version,
        "By": event.actor,
        **{_label(name): str(value) for name, value in event.evidence.items()},
        **personal,
        "Record": f"{event.record_id}, place {event.seq}",
        "Hash": _hex(event.hash),
    }
    return ((label, value) for label, value in told.items() if value)


def _personal(
    event: ConsentEvent, details: Mapping[int, ConsentDetail]
) -> dict[str, str]:
    """Return what can be erased, or that it was."""
    detail = details.get(event.pk)
    if detail is None:
        return {"Personal details": "Erased"} if event.salt_ref else {}
    return {
        "Address": detail.address or "",
        "Network": detail.ip or "",
        "Browser": detail.user_agent or "",
        "Page": detail.url or "",
        "Said": detail.words or "",
        **{_label(name): str(one) for name, one in (detail.more or {}).items()},
    }


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _hex(value: bytes | memoryview | None) -> str:
    return "" if value is None else bytes(value).hex()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bytes() | memoryview():
            return bytes(value).hex()
        case list():
            return " ".join(value)
        case dict():
            return json.dumps(value, ensure_ascii=False) if value else ""
        case dt.datetime():
            return value.isoformat(timespec="seconds")
    return str(value)
