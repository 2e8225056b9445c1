"""A cutover: the recorded day from which a firm sends bills by e-mail where it may.

Confirming one writes down the day and three numbers, and changes nobody's consent: no
message asks a cutover whether it may go, each asks the gate for this customer. So a
cutover switches nobody by itself, and there is nothing to undo: whoever withdraws gets
paper from the next bill on, and the row stays as what was known on its day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from campaigns.models import Cutover
from campaigns.paperless import CONTRACT, SIDES, Sides
from campaigns.words import CONSENT, Words
from consent.lawbook import lawbook

# Why somebody gets bills by e-mail or on paper: as of a consent, and what is beside it.
WHY: dict[str, Words] = {
    **{why: CONSENT[why] for why in ("none", "offered", "pending")},
    "refused": CONSENT["refused"],
    "withdrawn": CONSENT["withdrawn"],
    "address_changed": CONSENT["address_changed"],
    "unproven": CONSENT["unproven"],
    "stale": CONSENT["stale"],
    "expired": CONSENT["expired"],
    "superseded": CONSENT["superseded"],
    "later": Words("Counts from a later day", "", "planned", "clock"),
    "wrong_scope": Words("Agreed, but not to bills", "", "attention", "question"),
    "no_clause": Words(
        "Agreed, but not by contract",
        "A firm agrees by a clause of its contract.",
        "attention",
        "question",
    ),
    "no_address": Words("No e-mail address that works", "", "bad", "cross"),
    "stopped": Words("Nothing goes to the e-mail address", "", "bad", "cross"),
    "granted": Words("Agreed to e-bills", "", "good", "tick"),
    "contract": Words(
        "By contract", "Law lets the contract do where they live.", "good", "tick"
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """How many customers of one side there are for one reason."""

    why: str
    status: Words
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How many customers are on each side on a day, and why."""

    day: dt.date
    switched: int
    paper: int
    unreachable: int
    reasons: dict[str, list[Reason]]

    @property
    def total(self) -> int:
        """Return how many customers get bills at all."""
        return self.switched + self.paper + self.unreachable

    @property
    def by_contract(self) -> int:
        """Return how many of those switched nobody asked: law lets the contract do."""
        return sum(
            one.number for one in self.reasons["switched"] if one.why == CONTRACT
        )


def figures(day: dt.date) -> Figures:
    """Return the numbers on the firm's ``day``: four statements."""
    return _figures(Sides(day, lawbook()))


def _figures(told: Sides) -> Figures:
    counts = told.counts()
    reasons = {
        side: [
            Reason(why, WHY[why], number)
            for (of, why), number in counts.most_common()
            if of == side
        ]
        for side in SIDES
    }
    numbers = {side: sum(one.number for one in reasons[side]) for side in SIDES}
    return Figures(told.day, reasons=reasons, **numbers)


class CutoverError(Exception):
    """A cutover cannot be recorded; the message says why and what to do."""


@transaction.atomic
def confirm_cutover(*, day: dt.date, by: str, now: dt.datetime) -> bool:
    """Record the cutover of the firm's ``day`` with the numbers as they stand; False
    where that day has one already, which stays as it is.

    :raises CutoverError: nobody gets bills yet.
    """
    if Cutover.objects.filter(day=day).exists():
        return False
    found = figures(day)
    if not found.total:
        raise CutoverError("Nobody gets bills yet. Bring customers in first.")
    # Of two at once the second finds the row of the first.
    _, is_new = Cutover.objects.get_or_create(
        day=day,
        defaults={
            **{side: getattr(found, side) for side in SIDES},
            "confirmed_by": by,
            "confirmed_at": now,
        },
    )
    return is_new
