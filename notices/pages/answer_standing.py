"""What a customer told us and what stands of it: plans, promised days, what waits.

Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from customers.calendars import local_day
from customers.models import Hold, Plan
from customers.prepared import prepared
from notices.answers import HOUSE
from notices.models import Answer
from notices.pages.answer_case import Case, day_words
from notices.pages.words import Words

Kind = Answer.Kind

# How far back answers are shown.
SHOWN_FOR = dt.timedelta(days=120)
MOST_TOLD = 6


@dataclass(frozen=True, slots=True)
class Told:
    """An earlier answer: what it was, and whether reminders wait for it, until when.

    ``lines`` is what was agreed and ``stands`` what holds now, both empty where
    nothing waits for it; ``looked_on`` is the day on which staff dealt with it.
    """

    answer: Answer
    said: str
    waits: bool
    until: dt.date | None
    path: str
    lines: list[SafeString]
    stands: list[SafeString]
    looked_on: dt.date | None


def told_before(case: Case) -> list[Told]:
    """Return the customer's earlier answers that stand, newest first: one query."""
    answers = _newest_of(
        customer=case.visit.link.customer_id, after=case.visit.now - SHOWN_FOR
    )
    ends: dict[int, list[dt.date | None]] = defaultdict(list)
    for hold in case.holds:
        if hold.answer is not None:
            ends[hold.answer].append(hold.ends_on)
    return [_told(one, ends[one.pk], case) for one in answers]


@prepared
def _newest_of(customer: int, after: dt.datetime) -> QuerySet[Answer]:
    return (
        Answer.objects.filter(customer=customer, received_at__gt=after)
        .exclude(state=Answer.State.REPLACED)
        .select_related("plan")
        .order_by("-received_at", "-pk")[:MOST_TOLD]
    )


def _told(answer: Answer, ends: list[dt.date | None], case: Case) -> Told:
    last_days = [one for one in ends if one is not None]
    is_endless = len(last_days) < len(ends)
    words = case.words
    return Told(
        answer=answer,
        said=words.plain(f"said_{answer.kind}"),
        waits=bool(ends),
        until=None if is_endless or not ends else max(last_days),
        path=case.visit.path("answer-receipt", answer.reference),
        lines=lines_of(answer, words) if ends else [],
        stands=_stands(answer, words, case.today) if ends else [],
        looked_on=looked_on(answer, case.visit.brand.time_zone),
    )


def _stands(answer: Answer, words: Words, today: dt.date) -> list[SafeString]:
    """Return what holds of an answer that reminders wait for."""
    found = [words.say(next_of(answer))]
    if is_agreed(answer):
        ahead = [one for one in _parts(answer, words) if one[0] >= today]
        if ahead:
            day, money = ahead[0]
            found.append(words.say("next_part", day=day, amount=money))
        found.append(words.say("plan_condition"))
    return found


def looked_on(answer: Answer, zone: str) -> dt.date | None:
    """Return the day on which staff dealt with an answer, if they have."""
    if answer.state != Answer.State.DONE or answer.handled_by == HOUSE:
        return None
    return local_day(answer.handled_at, zone)  # type: ignore[arg-type]


def is_agreed(answer: Answer) -> bool:
    """Whether a plan stands that this answer asked for."""
    return answer.plan is not None and answer.plan.state == Plan.State.AGREED


def lines_of(answer: Answer, words: Words) -> list[SafeString]:
    """Return what was agreed, where something was: the day, the parts, the hour."""
    facts = answer.facts
    if answer.kind == Kind.PROMISE:
        day = dt.date.fromisoformat(facts["pay_on"])
        return [words.say("promised_day", day=day_words(words, day))]
    if answer.kind == Kind.PARTS:
        parts = _parts(answer, words)
        return [words.say("part", day=day, amount=money) for day, money in parts]
    if answer.kind == Kind.CALL:
        at = dt.datetime.fromisoformat(facts["call_at"])
        return [words.say("call_at", at=at.astimezone(ZoneInfo(facts["zone"])))]
    return []


def _parts(answer: Answer, words: Words) -> list[tuple[dt.date, str]]:
    money = words.formats(answer.facts["currency"]).money
    return [
        (dt.date.fromisoformat(one["due_on"]), money(Decimal(one["amount"])))
        for one in answer.facts["parts"]
    ]


def next_of(answer: Answer) -> str:
    """Return which sentence tells what happens next."""
    waits = answer.state == Answer.State.OPEN
    if answer.plan is not None and answer.plan.state == Plan.State.MISSED:
        return "plan_over"
    if answer.kind == Kind.PARTS:
        return "next_parts_asked" if waits else "next_parts"
    if answer.kind == Kind.PROMISE and waits:
        return "next_promise_asked"
    return f"next_{answer.kind}"


def holds_of(answer: Answer, today: dt.date) -> list[Hold]:
    """Return what waits for an answer today: one query."""
    return list(answer.holds.standing_on(today).filter(lifted_by=""))
