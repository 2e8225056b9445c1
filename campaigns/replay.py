"""A ladder run day by day over a ledger, in memory: what would have gone out.

It asks ``campaigns.ladder`` exactly as the live tick does, looking at an invoice
only on the days the ladder names. It sends nothing, stores nothing and needs no
database; files are read and written by the command around it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from campaigns.ladder import (
    Case,
    CaseDay,
    Channel,
    Item,
    ItemDay,
    Ladder,
    Reach,
    Reason,
    Timetable,
    decide,
)
from customers.calendars import later


@dataclass(frozen=True, slots=True)
class Debt:
    """One invoice of the ledger. A dispute has no dates there: it stands throughout."""

    number: str
    customer: str
    issued_on: date
    due_on: date
    paid_on: date | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both counted."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Say whether the day lies in the span."""
        return self.first <= day <= self.last

    def days(self) -> Iterator[date]:
        """Yield every day of the span in turn."""
        for number in range((self.last - self.first).days + 1):
            yield later(self.first, number)


@dataclass(frozen=True, slots=True, order=True)
class Sent:
    """One notice that would have gone out; ``invoices`` is joined by semicolons."""

    date: str
    customer: str
    invoices: str
    step: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Outcome:
    """All notices, sorted by every column, and how many steps closed unsent, by why."""

    sent: tuple[Sent, ...]
    suppressed: Mapping[Reason, int]


@dataclass(slots=True)
class _Standing:
    """An invoice between two looks."""

    item: Item
    next_on: date | None


@dataclass(slots=True)
class _Running:
    """A case between two looks: one invoice, or all of a customer's."""

    customer: str
    reach: Reach
    standings: list[_Standing]
    last_contact_on: date | None = None

    @property
    def next_on(self) -> date | None:
        days = [one.next_on for one in self.standings if one.next_on is not None]
        return min(days, default=None)

    def look(self, timetable: Timetable, today: date) -> CaseDay:
        """Ask the ladder about the invoices whose day has come; keep its answer."""
        due = [
            standing
            for standing in self.standings
            if standing.next_on is not None and standing.next_on <= today
        ]
        items = [standing.item for standing in due]
        answer = decide(timetable, Case(items, self.reach, self.last_contact_on), today)
        for standing, item_day in zip(due, answer.items, strict=True):
            standing.item = replace(standing.item, closed=item_day.closed)
            standing.next_on = item_day.next_on
        if answer.contact is not None:
            self.last_contact_on = today
        return answer


def replay(
    ladder: Ladder,
    debts: Iterable[Debt],
    reaches: Mapping[str, Reach],
    span: Span,
    down: Sequence[Span] = (),
) -> Outcome:
    """Run the ladder over every day of the span.

    ``reaches`` holds each customer's channels; a customer who is not in it cannot
    be reached. On ``down`` days the engine is off and nothing is looked at.

    :raises ScheduleError: the ladder names a calendar that is not known.
    """
    timetable = Timetable(ladder)
    agenda: defaultdict[date, list[_Running]] = defaultdict(list)
    for case in _cases(timetable, debts, reaches):
        _note(agenda, case, span.first)
    sent: list[Sent] = []
    suppressed: Counter[Reason] = Counter()
    waiting: list[_Running] = []
    for today in span.days():
        waiting += agenda.pop(today, ())
        if any(today in off for off in down):
            continue
        for case in waiting:
            answer = case.look(timetable, today)
            suppressed.update(_unsent(answer.items))
            sent += _sent(ladder, case.customer, answer, today)
            _note(agenda, case, later(today, 1))
        waiting = []
    return Outcome(tuple(sorted(sent)), suppressed)


def _cases(
    timetable: Timetable, debts: Iterable[Debt], reaches: Mapping[str, Reach]
) -> list[_Running]:
    """Put every invoice that is not disputed on the ladder."""
    cases: dict[str, _Running] = {}
    for debt in debts:
        if debt.disputed:
            continue
        key = debt.number if timetable.ladder.group == "invoice" else debt.customer
        reach = reaches.get(debt.customer, Reach())
        case = cases.setdefault(key, _Running(debt.customer, reach, []))
        item = Item(
            ref=None,
            number=debt.number,
            issued_on=debt.issued_on,
            due_on=debt.due_on,
            paid_on=debt.paid_on,
        )
        starts_on = timetable.starts_on(debt.issued_on, debt.due_on)
        case.standings.append(_Standing(item, starts_on))
    return list(cases.values())


def _note(
    agenda: defaultdict[date, list[_Running]], case: _Running, earliest: date
) -> None:
    """Write the case into the agenda for its next day, if it has one."""
    next_on = case.next_on
    if next_on is not None:
        agenda[max(next_on, earliest)].append(case)


def _unsent(items: Iterable[ItemDay]) -> list[Reason]:
    return [
        closing.reason
        for item_day in items
        for closing in item_day.closings
        if closing.reason != "sent"
    ]


def _sent(ladder: Ladder, customer: str, answer: CaseDay, today: date) -> list[Sent]:
    if answer.contact is None:
        return []
    numbers = sorted(item.number for item in answer.contact.items)
    return [
        Sent(
            date=today.isoformat(),
            customer=customer,
            invoices=";".join(numbers),
            step=ladder.steps[answer.contact.position].key,
            channel=answer.contact.channel,
        )
    ]
