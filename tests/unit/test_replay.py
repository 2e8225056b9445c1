"""Replay against a second, naive reading of the rules, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import holidays
from hypothesis import given
from hypothesis import strategies as st

from campaigns.ladder import Ladder, Reach, Step
from campaigns.replay import Debt, Outcome, Sent, Span, replay
from tests.unit.ladder_strategies import (
    FIRST,
    LAST,
    items,
    ladders,
    outages,
    reaches,
)

SPAN = Span(FIRST, LAST)
ONE = timedelta(days=1)


class NaiveOracle:
    """R1 to R7 written down as they are read, sharing nothing with the product."""

    def __init__(self, ladder, debts, reaches, down):
        self.ladder, self.debts, self.reaches, self.down = ladder, debts, reaches, down
        self.closed = {debt.number: {} for debt in debts}
        self.contacted = {}
        self.rows, self.suppressed = [], Counter()

    def bank_day(self, day):
        calendar = self.ladder.bank_days
        if calendar == "none":
            return True
        if day.weekday() >= 5:
            return False
        return calendar == "weekends" or day not in holidays.country_holidays(calendar)

    def step_day(self, debt, step):
        day = debt.due_on + timedelta(days=step.offset_days)
        while not self.bank_day(day):
            day += -ONE if step.offset_days < 0 else ONE
        return day

    def close(self, debt, position, reason):
        self.closed[debt.number][position] = reason
        if reason != "sent":
            self.suppressed[reason] += 1

    def expired(self, debt, step, day):
        if step.kind != "soft":
            return False
        if step.offset_days < 0 and day > debt.due_on:
            return True
        lasts = step.expires_after_days
        return lasts is not None and day > self.step_day(debt, step) + lasts * ONE

    def candidate(self, debt, day):
        if debt.disputed or day < debt.issued_on or (debt.paid_on or date.max) <= day:
            return None
        due = []
        for position, step in enumerate(self.ladder.steps):
            came = self.step_day(debt, step) <= day
            if came and position not in self.closed[debt.number]:
                if self.expired(debt, step, day):
                    self.close(debt, position, "expired")
                else:
                    due.append(position)
        while len(due) > 1 and self.ladder.steps[due[0]].kind == "soft":
            self.close(debt, due.pop(0), "superseded")
        return due[0] if due else None

    def channel(self, customer, position, day):
        for channel in self.ladder.steps[position].channels:
            since = getattr(self.reaches.get(customer, Reach()), channel)
            if since is not None and since <= day:
                return channel
        return None

    def contact(self, key, candidates, day):
        last = self.contacted.get(key)
        if not self.bank_day(day):
            return
        if last is not None and (day - last).days < self.ladder.min_gap_days:
            return
        while candidates:
            top = max(position for _, position in candidates)
            customer = candidates[0][0].customer
            channel = self.channel(customer, top, day)
            if channel:
                for debt, position in candidates:
                    self.close(debt, position, "sent")
                numbers = ";".join(sorted(debt.number for debt, _ in candidates))
                step = self.ladder.steps[top].key
                self.rows.append((str(day), customer, numbers, step, channel))
                self.contacted[key] = day
                return
            for debt, position in candidates:
                if position == top:
                    self.close(debt, position, "no_channel")
            candidates = [(d, position) for d, position in candidates if position < top]

    def run(self, span):
        day = span.first
        while day <= span.last:
            if not any(off.first <= day <= off.last for off in self.down):
                cases = {}
                for debt in self.debts:
                    position = self.candidate(debt, day)
                    if position is not None:
                        alone = self.ladder.group == "invoice"
                        key = debt.number if alone else debt.customer
                        cases.setdefault(key, []).append((debt, position))
                for key, candidates in cases.items():
                    self.contact(key, candidates, day)
            day += ONE
        return sorted(self.rows), dict(self.suppressed)


@st.composite
def ledgers(draw):
    """Up to eight invoices of up to three customers, one of them without contacts."""
    debts = []
    for number in range(draw(st.integers(1, 8))):
        item = draw(items(str(number)))
        customer = draw(st.sampled_from(["A", "B", "nobody"]))
        debts.append(
            Debt(
                number=item.number,
                customer=customer,
                issued_on=item.issued_on,
                due_on=item.due_on,
                paid_on=item.paid_on,
                disputed=item.held,
            )
        )
    return debts, {"A": draw(reaches), "B": draw(reaches)}


def as_rows(outcome):
    return [
        (row.date, row.customer, row.invoices, row.step, row.channel)
        for row in outcome.sent
    ]


@given(ladders(), ledgers(), st.lists(outages(), max_size=2))
def test_replay_gives_what_a_naive_reading_of_the_rules_gives(ladder, ledger, down):
    debts, reach = ledger

    outcome = replay(ladder, debts, reach, SPAN, down)

    expected = NaiveOracle(ladder, debts, reach, down).run(SPAN)
    assert (as_rows(outcome), dict(outcome.suppressed)) == expected


@given(ladders(), ledgers(), st.lists(outages(), max_size=2), st.randoms())
def test_the_order_of_the_ledger_does_not_matter(ladder, ledger, down, random):
    debts, reach = ledger
    shuffled = random.sample(debts, len(debts))

    assert replay(ladder, shuffled, reach, SPAN, down) == replay(
        ladder, debts, reach, SPAN, down
    )


@given(ladders(), ledgers(), outages())
def test_nothing_goes_out_while_the_engine_is_down(ladder, ledger, down):
    outcome = replay(ladder, *ledger, SPAN, [down])

    assert not any(date.fromisoformat(row.date) in down for row in outcome.sent)


LETTERS = Ladder(
    key="letters",
    name="Letters",
    bank_days="none",
    min_gap_days=2,
    group="customer",
    steps=(Step("first", 1, "formal", ("letter",)),),
)
POST = {"A": Reach(letter=date.min)}


def make_debt(number, due_on, **facts):
    facts = {"paid_on": None, "disputed": False, **facts}
    return Debt(number, "A", issued_on=date(2023, 1, 1), due_on=due_on, **facts)


def test_invoices_of_one_notice_are_joined_in_ascending_order():
    debts = [make_debt(number, FIRST) for number in ("20", "100", "3")]

    outcome = replay(LETTERS, debts, POST, SPAN)

    assert outcome.sent == (Sent("2023-12-02", "A", "100;20;3", "first", "letter"),)


def test_a_debt_older_than_the_span_is_taken_up_on_its_first_day():
    outcome = replay(LETTERS, [make_debt("1", date(2022, 1, 1))], POST, SPAN)

    assert [row.date for row in outcome.sent] == ["2023-12-01"]


def test_both_ends_of_the_span_and_of_an_outage_count():
    debts = [make_debt("1", date(2023, 11, 1)), make_debt("2", LAST - ONE)]

    outcome = replay(LETTERS, debts, POST, SPAN, [Span(FIRST, FIRST + ONE)])

    assert [row.date for row in outcome.sent] == ["2023-12-03", "2024-01-31"]


def test_the_gap_of_a_customer_holds_for_every_invoice():
    debts = [make_debt("1", FIRST), make_debt("2", FIRST + ONE)]

    outcome = replay(LETTERS, debts, POST, SPAN)

    assert [row.date for row in outcome.sent] == ["2023-12-02", "2023-12-04"]


def test_a_disputed_invoice_or_an_empty_ledger_yields_nothing():
    disputed = [make_debt("1", FIRST, disputed=True)]

    assert replay(LETTERS, disputed, POST, SPAN) == Outcome((), {})
    assert replay(LETTERS, [], POST, SPAN) == Outcome((), {})


def test_a_customer_without_contacts_cannot_be_reached():
    outcome = replay(LETTERS, [make_debt("1", FIRST)], {}, SPAN)

    assert outcome == Outcome((), {"no_channel": 1})


def test_the_last_day_a_calendar_holds_is_reached_and_left():
    end = Span(date.max - ONE, date.max)

    outcome = replay(LETTERS, [make_debt("1", FIRST)], POST, end)

    assert len(outcome.sent) == 1
