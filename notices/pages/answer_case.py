"""What the page of answers is about: bills, dates, what was answered before.

Four queries, whatever the number of bills. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from django.db.models import QuerySet

from customers.calendars import BankDays, local_day
from customers.models import Hold, Invoice
from customers.prepared import prepared
from notices.about import AboutError, read_about
from notices.bank import grouped
from notices.contacts import NOTHING_BEFORE, as_told, told_before
from notices.facts import records_until
from notices.fields import Subject
from notices.models import ON_PAPER, Answer, AnswerLimits, Notice, PrintItem
from notices.offers import calendar_of
from notices.pages.answer_bills import Line, line_of, rows_of
from notices.pages.visit import Visit
from notices.pages.words import Words
from notices.render.deadlines import Deadlines, deadlines

Kind = Answer.Kind

# In the order of the page; those about money only where some is owed.
ABOUT_MONEY = (Kind.PAID, Kind.PROMISE, Kind.PARTS)
ABOUT_BILLS = (Kind.DISPUTE, Kind.HARDSHIP)
EIGHT = (
    *ABOUT_MONEY,
    Kind.CALL,
    Kind.DETAILS,
    *ABOUT_BILLS,
    Kind.NOT_ME,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hold, of one bill or of all, and the answer that set it, if one did."""

    answer: int | None
    invoice: int | None
    reason: str
    ends_on: dt.date | None


@dataclass(frozen=True)
class Case:
    """All that a page of answers shows and offers."""

    visit: Visit
    lines: tuple[Line, ...]
    due_dates: tuple[dt.date, ...]
    limits: AnswerLimits
    today: dt.date

    @property
    def words(self) -> Words:
        return self.visit.words

    @property
    def is_settled(self) -> bool:
        """Whether all that the message was about is paid."""
        return bool(self.due_dates) and not self.lines

    @cached_property
    def calendar(self) -> BankDays:
        return calendar_of(self.visit.brand.country)

    @cached_property
    def totals(self) -> list[tuple[str, str]]:
        """What is open by currency: the code, and the sum as the reader writes it."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            sums[line.currency] += line.open_amount
        return [
            (currency, self.words.formats(currency).money(amount))
            for currency, amount in sums.items()
        ]

    @property
    def reference(self) -> str:
        """What a payment says: the bill's number, or the customer's for several."""
        if len(self.lines) == 1:
            return self.lines[0].number
        return self.visit.customer.number

    @property
    def iban(self) -> str:
        return grouped(self.visit.brand.iban.replace(" ", ""))

    @cached_property
    def holds(self) -> list[Waiting]:
        """What waits for this customer today, and for which answer: one query."""
        return [
            Waiting(*row)
            for row in _standing_holds(
                customer=self.visit.link.customer_id, day=self.today
            )
        ]

    @cached_property
    def waits(self) -> dict[int, set[str]]:
        """For which bills reminders wait today, and why (Hold.Reason)."""
        found: dict[int, set[str]] = defaultdict(set)
        for one in self.holds:
            for line in self.lines:
                if one.invoice in (None, line.pk):
                    found[line.pk].add(one.reason)
        return dict(found)

    @property
    def is_asked_for(self) -> bool:
        """Whether some of what is open does not wait for anything."""
        return any(line.pk not in self.waits for line in self.lines)

    @property
    def pay_url(self) -> str:
        """Where to pay the whole online; empty where the firm has no such page, or
        where less than the whole is asked for."""
        address = self.visit.brand.pay_url
        waits = set().union(*self.waits.values()) - {Hold.Reason.PROMISE}
        if not address or len(self.totals) != 1 or waits:
            return ""
        amount = sum((line.open_amount for line in self.lines), Decimal())
        return address.format(
            reference=quote(self.reference, safe=""),
            amount=f"{amount.normalize():f}",
            currency=self.totals[0][0],
        )

    @cached_property
    def deadlines(self) -> Deadlines | None:
        """When to pay and to answer, as the message said; none where none is owed, or
        where all of it waits. Four queries at most."""
        notice = self.visit.notice
        if notice is None or not self.is_asked_for:
            return None
        written = _written_at(notice)
        before = told_before([notice], written or self.visit.now)
        brand = self.visit.brand
        said = deadlines(
            self.due_dates,
            local_day(written, brand.time_zone) if written else notice.planned_on,
            by_post=notice.channel in ON_PAPER,
            country=brand.country,
            given=before.get(notice.pk, NOTHING_BEFORE).given,
        )
        return as_told(said, notice.template)

    @property
    def is_pay_by_over(self) -> bool:
        """Whether the day to pay by has gone by."""
        return self.deadlines is not None and self.deadlines.pay_by < self.today

    @property
    def reply_by(self) -> dt.date | None:
        """The day to answer by, while it is not over."""
        day = self.deadlines.reply_by if self.deadlines else None
        return day if day is not None and day >= self.today else None

    @cached_property
    def change(self) -> dict[str, str]:
        """What changes, old against new, as the reader writes it; empty for none."""
        notice = self.visit.notice
        if notice is None or "change.old" not in notice.about:
            return {}
        try:
            about = read_about(notice.about, {Subject.CHANGE})
        except AboutError:
            return {}
        formats = self.words.formats(str(about.get("currency", "")))
        return {
            name: formats.any(about[f"change.{name}"])
            for name in ("old", "new", "effective_on", "reason", "to_do")
            if about[f"change.{name}"] != ""
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """The answers that make sense here."""
        if self.lines:
            return EIGHT
        return tuple(kind for kind in EIGHT if kind not in {*ABOUT_MONEY, *ABOUT_BILLS})

    def day(self, day: dt.date) -> str:
        """Return a day with its weekday, as this reader writes it."""
        return day_words(self.words, day)

    def invoices(self, ids: Any = None) -> list[Invoice]:
        """Return the bills of these ids (as forms give them), all by default."""
        wanted = {line.pk for line in self.lines}
        if ids:
            wanted &= {int(one) for one in ids}
        return list(Invoice.objects.filter(pk__in=wanted).order_by("due_on", "number"))


@prepared
def _standing_holds(customer: int, day: dt.date) -> QuerySet[Hold, tuple[Any, ...]]:
    holds = Hold.objects.filter(customer=customer, lifted_by="").standing_on(day)
    return holds.values_list("answers", "invoice_id", "reason", "ends_on")


def _written_at(notice: Notice) -> dt.datetime | None:
    """Return when the dates of a message were written: a letter is posted later."""
    printed = None
    if notice.channel in ON_PAPER:
        printed = (
            PrintItem.objects.filter(notice=notice, state=PrintItem.State.PRINTED)
            .order_by("-pk")
            .values_list("run__closed_at", flat=True)
            .first()
        )
    return printed or notice.sent_at


def day_words(words: Words, day: dt.date) -> str:
    """Return a day with its weekday: "Fri, 22 May 2026"."""
    locale = words.formats().locale
    known = "en_GB" if locale == "en" else locale
    return str(format_skeleton("yMMMEd", day, locale=known))


def load_case(visit: Visit) -> Case:
    """Return what a visit is about: one query, and one where no message is known."""
    try:
        limits = visit.brand.answer_limits
    except AnswerLimits.DoesNotExist:
        limits = AnswerLimits(brand=visit.brand)
    rows = rows_of(visit)
    return Case(
        visit=visit,
        lines=tuple(
            line_of(visit, row[1:])
            for row in rows
            if row[0] == Invoice.Status.OPEN and row[6] > 0
        ),
        due_dates=tuple(row[4] for row in rows),
        limits=limits,
        today=local_day(visit.now, visit.brand.time_zone),
    )


def seen_until(case: Case) -> dt.datetime | None:
    """Return up to when we see payments, in the firm's zone: one query."""
    moment = records_until(case.visit.now)
    zone = ZoneInfo(case.visit.brand.time_zone)
    return moment.astimezone(zone) if moment else None
