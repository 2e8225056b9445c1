"""Cases of one invoice that the ladder cannot tell apart, each answered once a day.

A campaign asks about a hundred thousand invoices in the morning, and most of them stand
alike: due on the same day, nothing closed, reachable by the same channels. Says what
makes two of them alike, and asks ``ladder.decide``, which stays the only rule. Pure.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from campaigns.ladder import Case, CaseDay, Item, Reach, decide
from campaigns.timetable import Timetable


class Facts(NamedTuple):
    """All that the day's answer for one invoice depends on.

    What lies behind the day is only said, not dated: ``paid`` by today,
    ``issued_later_on`` is None once it is issued, a channel True when it may be used.
    """

    closed: int
    last_contact_on: date | None
    issued_later_on: date | None
    due_on: date
    paid: bool
    held: bool
    by_email: bool
    by_sms: bool
    by_call: bool
    by_letter: bool
    wished: tuple[str, ...] = ()


def item_of(facts: Facts, today: date, ref: object = None) -> Item:
    """Return an invoice that stands as ``facts`` say, as the ladder knows it."""
    return Item(
        ref=ref,
        number="",
        issued_on=facts.issued_later_on or date.min,
        due_on=facts.due_on,
        paid_on=today if facts.paid else None,
        held=facts.held,
        closed=facts.closed,
    )


def reach_of(facts: Facts) -> Reach:
    """Return the channels that may be used today."""
    return Reach(
        email=date.min if facts.by_email else None,
        sms=date.min if facts.by_sms else None,
        call=date.min if facts.by_call else None,
        letter=date.min if facts.by_letter else None,
    )


def decide_alike(timetable: Timetable, facts: Facts, today: date) -> CaseDay:
    """Return the ladder's answer for every case of one invoice with these facts."""
    case = Case(
        [item_of(facts, today)],
        reach_of(facts),
        facts.last_contact_on,
        facts.wished,
    )
    return decide(timetable, case, today)
