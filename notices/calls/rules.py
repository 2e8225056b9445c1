"""What follows from each outcome of a call: a table.

Whether somebody was reached, what waits, and what staff do next.
"""

from __future__ import annotations

from dataclasses import dataclass

from customers.models import Hold
from notices.models import CallRecord

Outcome = CallRecord.Outcome
FollowUp = CallRecord.FollowUp


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from an outcome.

    ``ends``: "talk" (the customer was reached), "again" (back into line) or "dead"
    (the number is). ``waits`` is the reason of a hold, for ``days`` or, without, until
    it is lifted; ``all_bills`` lays it on all of the customer's.
    """

    ends: str
    waits: str = ""
    days: int | None = None
    all_bills: bool = False
    follow_up: str = ""
    is_try: bool = False


RULES: dict[str, Rule] = {
    Outcome.SPOKE: Rule("talk"),
    # Its last day is the day that was promised.
    Outcome.PROMISED: Rule("talk", Hold.Reason.PROMISE),
    Outcome.PAID: Rule("talk", Hold.Reason.MANUAL, 7, follow_up=FollowUp.CHECK_PAYMENT),
    Outcome.COPY: Rule("talk", Hold.Reason.MANUAL, 7, follow_up=FollowUp.SEND_COPY),
    Outcome.PARTS: Rule("talk", Hold.Reason.PLAN, follow_up=FollowUp.WRITE_PLAN),
    Outcome.DISPUTE: Rule("talk", Hold.Reason.DISPUTE, follow_up=FollowUp.CHECK_BILL),
    Outcome.HARDSHIP: Rule(
        "talk", Hold.Reason.HARDSHIP, all_bills=True, follow_up=FollowUp.DECIDE
    ),
    Outcome.NO_CALLS: Rule("talk"),
    Outcome.CALL_BACK: Rule("again"),
    Outcome.NO_ANSWER: Rule("again", is_try=True),
    Outcome.BUSY: Rule("again", is_try=True),
    Outcome.MESSAGE: Rule("again", is_try=True),
    Outcome.WRONG_NUMBER: Rule("dead", follow_up=FollowUp.FIND_NUMBER),
}
