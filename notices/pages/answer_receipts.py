"""What the receipt of an answer says: what was kept, and what happens next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from customers.calendars import local_day
from notices.models import Answer
from notices.pages.answer_standing import (
    holds_of,
    is_agreed,
    lines_of,
    looked_on,
    next_of,
)
from notices.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer as its receipt shows it, in sentences of the reader's language."""

    answer: Answer
    received_at: dt.datetime
    said: SafeString
    lines: list[SafeString]
    next: SafeString
    condition: SafeString | None
    waits: SafeString | None
    looked_on: dt.date | None
    numbers: list[str]


def receipt_of(answer: Answer, visit: Visit) -> Receipt:
    """Return the receipt of an answer: two queries."""
    words, zone = visit.words, ZoneInfo(visit.brand.time_zone)
    return Receipt(
        answer=answer,
        received_at=answer.received_at.astimezone(zone),
        said=words.say(f"said_{answer.kind}"),
        lines=lines_of(answer, words),
        next=words.say(next_of(answer)),
        condition=words.say("plan_condition") if is_agreed(answer) else None,
        waits=_waits(answer, visit),
        looked_on=looked_on(answer, visit.brand.time_zone),
        numbers=list(answer.invoices.values_list("number", flat=True)),
    )


def _waits(answer: Answer, visit: Visit) -> SafeString | None:
    """Return until when reminders wait, as it stands today; None when they do not."""
    if answer.state == Answer.State.REPLACED:
        return visit.words.say("replaced")
    today = local_day(visit.now, visit.brand.time_zone)
    holds = holds_of(answer, today)
    if not holds:
        return None
    ends = [one.ends_on for one in holds if one.ends_on is not None]
    if len(ends) < len(holds):
        return visit.words.say("waits_for_us")
    return visit.words.say("waits_until", day=max(ends))
