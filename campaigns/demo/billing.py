"""Makes the demo company's bills and payments: who owes what, and how they pay.

Pure. A customer pays as their habit has it: before the day, within the week, weeks
late. What would be paid after ``today`` is open, so that no figure is set by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from campaigns.demo.accounts import Account
from campaigns.demo.cast import DUE_ON, Role
from customers.money import quantise

PAST_DAYS = 272
HOUSEHOLD_CYCLE, FIRM_CYCLE = 61, 30
FIRST_BILL = 20_417
SATURDAY = 5

# Share of customers, earliest and latest day of payment counted from the due date.
HABITS = (
    (0.42, -8, 0),
    (0.62, 0, 3),
    (0.79, 4, 16),
    (0.90, 12, 34),
    (1.00, 38, 100),
)
# Its reminder is planned in the evening three days ago; it is paid the next morning.
OVERNIGHT_PAID = -2

STILL_OPEN = {
    Role.NEWCOMER,
    Role.EAST,
    Role.WEST,
    Role.GETS_LAWYER,
    Role.HARD_BOUNCE,
    Role.LOST_MAILBOX,
    Role.SOFT_BOUNCE,
    Role.COMPLAINS,
    Role.REFUSED,
    Role.DEAD_MOBILE,
    Role.PHONE_OFF,
    Role.UNREACHABLE,
    Role.NO_WINDOW,
    Role.DECEASED,
    Role.INSOLVENT,
    Role.LEFT_ALONE,
}


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice."""

    number: str
    account: str
    issued_on: date
    due_on: date
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that arrived for one bill."""

    reference: str
    account: str
    bill: str
    currency: str
    amount: Decimal
    received_on: date


@dataclass(frozen=True, slots=True)
class Paid:
    """A part of a bill that was paid on a day."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """A bill without its number yet, with what was paid of it."""

    account: Account
    issued_on: date
    due_on: date
    amount: Decimal
    paid: tuple[Paid, ...]


def drafts(account: Account, today: date) -> Iterator[Draft]:
    """Yield the bills of one customer, the newest first."""
    draw = Random(f"larkmoor bills {account.place.index}")  # noqa: S311  (no secret)
    habit = _habit(draw)
    is_firm = account.kind == "business"
    cycle = FIRM_CYCLE if is_firm else HOUSEHOLD_CYCLE
    usual = draw.randrange(6200, 21000) * (7 if is_firm else 1)
    newest = today + timedelta(days=_newest_due(draw, account))
    for back in range(0, PAST_DAYS, cycle):
        due_on = newest - timedelta(days=back)
        issued_on = due_on - timedelta(days=account.land.terms_days)
        if issued_on < account.joined_on and back:
            return
        cents = usual * draw.randrange(72, 141) // 100
        amount = quantise(
            Decimal(cents) / 100 * account.land.scale, account.land.currency
        )
        paid = _paid(draw, account, habit, due_on, amount, today, is_newest=not back)
        yield Draft(account, issued_on, due_on, amount, paid)


def _habit(draw: Random) -> tuple[int, int]:
    at = draw.random()
    return next((early, late) for share, early, late in HABITS if at < share)


def _newest_due(draw: Random, account: Account) -> int:
    """Return when the newest bill is due: most on the round's day, some around it."""
    role, day = account.role, account.place.round
    spread = draw.choice((0, 0, 0, 0, 0, 0, 1, 2, -1, -2))
    return day + spread if role is Role.NONE else DUE_ON.get(role, day)


def _paid(
    draw: Random,
    account: Account,
    habit: tuple[int, int],
    due_on: date,
    amount: Decimal,
    today: date,
    *,
    is_newest: bool,
) -> tuple[Paid, ...]:
    """Return what was paid before ``today``."""
    delay = draw.randint(*habit)
    first_share = draw.choice((25, 40, 50))
    in_parts = draw.random() < 0.12
    if is_newest and account.role is Role.PAYS_OVERNIGHT:
        return (Paid(today + timedelta(days=OVERNIGHT_PAID), amount),)
    if is_newest and account.role in STILL_OPEN:
        return ()
    paid_on = _bank_day(due_on + timedelta(days=delay))
    parts = [Paid(paid_on, amount)]
    if in_parts and delay > 12:
        first = quantise(amount * first_share / 100, account.land.currency)
        early = _bank_day(due_on + timedelta(days=delay // 2))
        parts = [Paid(early, first), Paid(paid_on, amount - first)]
    return tuple(part for part in parts if part.on < today)


def _bank_day(day: date) -> date:
    """Return the Monday for a weekend day: money arrives on bank days."""
    if day.weekday() < SATURDAY:
        return day
    return day + timedelta(days=7 - day.weekday())
