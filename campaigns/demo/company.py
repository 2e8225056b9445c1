"""Puts the demo company together: customers, bills, payments, holds and what happened.

Pure: the same ``today`` gives the same company, whatever the machine. Nothing here is
about messages; those come from playing the company's last weeks through the product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from campaigns.demo.accounts import Account, account
from campaigns.demo.billing import FIRST_BILL, Bill, Draft, Receipt, drafts
from campaigns.demo.cast import Role, cast

# How far back the campaigns were started, and which older debts they take along.
HISTORY_DAYS = 40
OLDER_DEBT_DAYS = 30
# On this evening the engine ran late: texts and calls had to wait for the morning.
LATE_EVENING = 3

# Where the draft campaign would run: nobody there has had a message yet.
DRAFT_CURRENCY = "CZK"


@dataclass(frozen=True, slots=True)
class Pause:
    """A hold: on one bill, or on all of a customer's when none is named."""

    account: str
    bill: str | None
    reason: str
    starts_on: date
    ends_on: date | None
    note: str
    by: str = "adam"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A customer who took back the consent to e-mail."""

    account: str
    on: date


@dataclass(frozen=True, slots=True)
class Lawyer:
    """A customer who is represented by a lawyer from a day on."""

    account: str
    on: date


@dataclass(frozen=True, slots=True)
class Company:
    """All of the demo company, as known on ``today``."""

    today: date
    accounts: tuple[Account, ...]
    bills: tuple[Bill, ...]
    receipts: tuple[Receipt, ...]
    pauses: tuple[Pause, ...]
    withdrawals: tuple[Withdrawal, ...]
    lawyers: tuple[Lawyer, ...]

    @property
    def history_from(self) -> date:
        """Return the first day that is played."""
        return self.today - timedelta(days=HISTORY_DAYS)

    @property
    def open_amounts(self) -> dict[str, Decimal]:
        """Return what is still owed of each bill, by its number."""
        owed = {bill.number: bill.amount for bill in self.bills}
        for receipt in self.receipts:
            owed[receipt.bill] -= receipt.amount
        return owed


def company(today: date) -> Company:
    """Return the demo company as it stands in the morning of ``today``."""
    accounts = tuple(account(place, today) for place in cast())
    bills, receipts = _numbered(
        draft for one in accounts for draft in drafts(one, today)
    )
    made = Company(today, accounts, bills, receipts, (), (), ())
    return Company(
        today,
        accounts,
        bills,
        receipts,
        tuple(_pauses(made)),
        tuple(
            Withdrawal(one.number, today - timedelta(days=18 + 4 * place))
            for place, one in enumerate(_in_role(accounts, Role.WITHDREW))
        ),
        tuple(
            Lawyer(one.number, today - timedelta(days=LATE_EVENING - 1))
            for one in _in_role(accounts, Role.GETS_LAWYER)
        ),
    )


def _in_role(accounts: Iterable[Account], role: Role) -> Iterator[Account]:
    return (one for one in accounts if one.role is role)


def _numbered(
    found: Iterable[Draft],
) -> tuple[tuple[Bill, ...], tuple[Receipt, ...]]:
    """Number bills in the order of issue, and payments in the order of arrival."""
    in_order = sorted(found, key=lambda draft: (draft.issued_on, draft.account.number))
    bills = tuple(
        Bill(
            number=f"LM-{draft.issued_on:%y}-{FIRST_BILL + place:06}",
            account=draft.account.number,
            issued_on=draft.issued_on,
            due_on=draft.due_on,
            currency=draft.account.land.currency,
            amount=draft.amount,
        )
        for place, draft in enumerate(in_order)
    )
    arrivals = sorted(
        (part.on, bill.number, part.amount, bill)
        for bill, draft in zip(bills, in_order, strict=True)
        for part in draft.paid
    )
    receipts = tuple(
        Receipt(
            reference=f"BANK-{on:%Y%m%d}-{place:05}",
            account=bill.account,
            bill=bill.number,
            currency=bill.currency,
            amount=amount,
            received_on=on,
        )
        for place, (on, _, amount, bill) in enumerate(arrivals, 1)
    )
    return bills, receipts


@dataclass(frozen=True, slots=True)
class Story:
    """Why somebody's late bill waits: how many of them, since when, until when.

    Days count from today. ``whole_account`` holds everything of the customer.
    """

    reason: str
    many: int
    since: int
    until: int | None
    note: str
    whole_account: bool = False


STORIES = (
    Story("hardship", 3, -14, None, "Lost work; debt adviser involved.", True),
    Story("moratorium", 1, -5, None, "Court granted a standstill.", True),
    Story("dispute", 4, -6, None, "Says the meter was read by estimate."),
    Story("dispute", 3, -12, None, "Moved out before the period on the bill."),
    Story("dispute", 2, -2, None, "Tariff on the bill differs from the contract."),
    Story("promise", 4, -3, 6, "Will pay when wages come in."),
    Story("promise", 3, -8, 2, "Pays by standing order, set up too late."),
    Story("promise", 3, -20, -9, "Wanted to pay in the following week."),
    Story("plan", 4, -10, None, "Three equal parts, first of the month."),
    Story("manual", 2, -4, 10, "Supervisor looks into it."),
)
# A hold comes with an answer, so a reminder must have gone out before it.
FIRST_ANSWER_DAYS = 5


def _pauses(made: Company) -> Iterator[Pause]:
    """Give each story to late bills that fit it, one customer at most once."""
    late = _late_bills(made)
    taken: set[str] = set()
    for story in STORIES:
        starts_on = made.today + timedelta(days=story.since)
        fitting = [
            bill
            for bill in late
            if bill.account not in taken
            and (starts_on - bill.due_on).days >= FIRST_ANSWER_DAYS
        ]
        # Spread over the list, so that one country does not get them all.
        step = max(1, len(fitting) // story.many)
        for bill in fitting[::step][: story.many]:
            taken.add(bill.account)
            yield _pause(made, story, bill, starts_on)


def _pause(made: Company, story: Story, bill: Bill, starts_on: date) -> Pause:
    until = story.until
    return Pause(
        account=bill.account,
        bill=None if story.whole_account else bill.number,
        reason=story.reason,
        starts_on=starts_on,
        ends_on=None if until is None else made.today + timedelta(days=until),
        note=story.note,
    )


def _late_bills(made: Company) -> Sequence[Bill]:
    """Return late bills of customers who play no other part."""
    plain = {one.number for one in made.accounts if one.role is Role.NONE}
    owed = made.open_amounts
    return [
        bill
        for bill in made.bills
        if bill.due_on < made.today and owed[bill.number] > 0 and bill.account in plain
    ]
