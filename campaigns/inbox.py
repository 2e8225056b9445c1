"""Replies and answers in one list: what came by mail and text, and on the page.

Three queries a page, whatever its length. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, Value

from campaigns import message_words, words
from campaigns.paging import Page, page_of
from campaigns.reply_times import overdue_answers, overdue_replies
from campaigns.words import Words
from notices.models import Answer, Reply

REPLY, ANSWER = "reply", "answer"
# What the list can be narrowed to, in words for staff.
REASONS = {**words.ANSWER, **words.REPLY}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a customer said: ``room`` is the page that shows it."""

    room: str
    pk: int
    name: str
    status: Words
    way: str
    received_at: dt.datetime


def inbox(
    *,
    answered: bool,
    reason: str,
    wanted: str | None,
    now: dt.datetime,
    late: bool = False,
) -> Page[Line]:
    """Return a page of what waits, the longest first, or of what is dealt with;
    ``late`` leaves what waits and is overdue."""
    found = _rows(answered=answered, reason=reason, late_at=now if late else None)
    page = page_of(
        found.order_by("-received_at" if answered else "received_at", "id"), wanted
    )
    replies = Reply.objects.select_related("customer").in_bulk(_ids(page.rows, REPLY))
    answers = Answer.objects.select_related("customer").in_bulk(_ids(page.rows, ANSWER))
    lines = [
        _reply(replies[pk]) if room == REPLY else _answer(answers[pk])
        for pk, _, room in page.rows
    ]
    return Page(lines, page.number, page.size, page.total, page.is_capped)


def _rows(
    *, answered: bool, reason: str, late_at: dt.datetime | None
) -> QuerySet[Any, tuple[int, Any, str]]:
    replies, answers = Reply.objects.all(), Answer.objects.all()
    if late_at is not None:
        replies, answers = overdue_replies(late_at), overdue_answers(late_at)
    elif answered:
        replies = replies.filter(state=Reply.State.DONE)
        answers = answers.exclude(state=Answer.State.OPEN)
    else:
        replies = replies.filter(state=Reply.State.OPEN)
        answers = answers.filter(state=Answer.State.OPEN)
    if reason:
        replies = replies.filter(classified=reason)
        answers = answers.filter(kind=reason)
    return _columns(replies, REPLY).union(_columns(answers, ANSWER), all=True)


def _columns(rows: QuerySet[Any], room: str) -> QuerySet[Any, tuple[int, Any, str]]:
    named = rows.order_by().annotate(room=Value(room, output_field=CharField()))
    found: QuerySet[Any, tuple[int, Any, str]] = named.values_list(
        "id", "received_at", "room"
    )
    return found


def _ids(rows: list[tuple[int, Any, str]], wanted: str) -> list[int]:
    return [pk for pk, _, room in rows if room == wanted]


def _reply(one: Reply) -> Line:
    return Line(
        room=REPLY,
        pk=one.pk,
        name=one.customer.name if one.customer else "",
        status=words.REPLY[one.classified],
        way=message_words.CHANNEL[one.channel],
        received_at=one.received_at,
    )


def _answer(one: Answer) -> Line:
    return Line(
        room=ANSWER,
        pk=one.pk,
        name=one.customer.name,
        status=words.ANSWER[one.kind],
        way="Their page",
        received_at=one.received_at,
    )
