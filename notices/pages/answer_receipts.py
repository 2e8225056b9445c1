"""What the receipt of an answer says: what was kept, and what happens next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from customers.calendars import local_day
from notices.models import Answer
from notices.pages.answer_case import day_words, holds_of
from notices.pages.visit import Visit
from notices.pages.words import Words

Kind = Answer.Kind


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer as its receipt shows it, in sentences of the reader's language."""

    answer: Answer
    received_at: dt.datetime
    said: SafeString
    lines: list[SafeString]
    next: SafeString
    waits: SafeString | None
    numbers: list[str]


def receipt_of(answer: Answer, visit: Visit) -> Receipt:
    """Return the receipt of an answer: two queries."""
    words, zone = visit.words, ZoneInfo(visit.brand.time_zone)
    return Receipt(
        answer=answer,
        received_at=answer.received_at.astimezone(zone),
        said=words.say(f"said_{answer.kind}"),
        lines=_lines(answer, words),
        next=words.say(_next(answer)),
        waits=_waits(answer, visit),
        numbers=list(answer.invoices.values_list("number", flat=True)),
    )


def _lines(answer: Answer, words: Words) -> list[SafeString]:
    """Return what was agreed, where something was: the day, the parts, the hour."""
    facts = answer.facts
    if answer.kind == Kind.PROMISE:
        day = dt.date.fromisoformat(facts["pay_on"])
        return [words.say("promised_day", day=day_words(words, day))]
    if answer.kind == Kind.PARTS:
        money = words.formats(facts["currency"]).money
        return [
            words.say(
                "part",
                day=dt.date.fromisoformat(one["due_on"]),
                amount=money(Decimal(one["amount"])),
            )
            for one in facts["parts"]
        ]
    if answer.kind == Kind.CALL:
        at = dt.datetime.fromisoformat(facts["call_at"])
        return [words.say("call_at", at=at.astimezone(ZoneInfo(facts["zone"])))]
    return []


def _next(answer: Answer) -> str:
    """Return which sentence tells what happens next."""
    waits = answer.state == Answer.State.OPEN
    if answer.kind == Kind.PARTS:
        return "next_parts_asked" if waits else "next_parts"
    if answer.kind == Kind.PROMISE and waits:
        return "next_promise_asked"
    return f"next_{answer.kind}"


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
