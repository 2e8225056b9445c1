"""What staff do with an answer of a customer: deal with it, say yes or no to a plan.

Reminders that wait for an answer go on as soon as staff say so.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from customers.actions import lift_hold
from customers.models import Customer, Plan
from notices.models import Answer


@transaction.atomic
def finish_answer(
    *,
    answer: Answer,
    by: str,
    now: dt.datetime,
    go_on: bool,
    today: dt.date,
    said: str = "",
) -> bool:
    """Note that staff have dealt with an answer; ``go_on`` lets reminders go on.

    ``said`` is what was said with the customer, kept with what they gave. False when
    somebody else was quicker.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=answer.customer_id)
    closed = Answer.objects.filter(pk=answer.pk, state=Answer.State.OPEN).update(
        state=Answer.State.DONE, handled_by=by[:150], handled_at=now
    )
    if not closed:
        return False
    if said:
        answer.facts["said"] = said
        answer.save(update_fields=["facts"])
    if go_on:
        _lift_all(answer, today, by)
    return True


@transaction.atomic
def decide_plan(
    *, answer: Answer, agreed: bool, by: str, now: dt.datetime, today: dt.date
) -> bool:
    """Say yes or no to a plan that a customer asked for; a no lets reminders go on.

    False when somebody has said so already.
    """
    state = Plan.State.AGREED if agreed else Plan.State.REFUSED
    asked = Plan.objects.filter(answers=answer, state=Plan.State.ASKED)
    if not asked.update(state=state, decided_by=by[:150], decided_at=now):
        return False
    finish_answer(answer=answer, by=by, now=now, go_on=not agreed, today=today)
    return True


def _lift_all(answer: Answer, today: dt.date, by: str) -> None:
    standing = answer.holds.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))
    for hold in standing.filter(lifted_by=""):
        lift_hold(hold=hold, today=today, by=by)
