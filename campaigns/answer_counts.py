"""Why customers write and answer, counted; and what surveys say. Changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Avg, Count, Q

from campaigns.inbox import REASONS
from campaigns.words import Words
from notices.models import Answer, Reply, SurveyMark, SurveyQuestion

LOOKED_BACK = dt.timedelta(days=90)
MOST_TEXTS = 20
Kind = SurveyQuestion.Kind


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: how many replies and answers, and their share of all."""

    key: str
    status: Words
    number: int
    waiting: int
    percent: float


def by_reason(now: dt.datetime) -> list[Reason]:
    """Return what came in the last 90 days by reason, the most first: two queries."""
    since = now - LOOKED_BACK
    numbers: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    is_open = Count("pk", filter=Q(state="open"))
    rows = [
        *Reply.objects.filter(received_at__gt=since)
        .order_by()
        .values_list("classified")
        .annotate(number=Count("pk"), waiting=is_open),
        *Answer.objects.filter(received_at__gt=since)
        .order_by()
        .values_list("kind")
        .annotate(number=Count("pk"), waiting=is_open),
    ]
    for key, number, still_open in rows:
        numbers[key] += number
        waiting[key] += still_open
    total = max(sum(numbers.values()), 1)
    return [
        Reason(key, REASONS[key], number, waiting[key], 100 * number / total)
        for key, number in numbers.most_common()
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a survey and what was answered."""

    question: SurveyQuestion
    number: int
    average: float | None
    marks: list[tuple[str, int]]
    texts: list[str]


def asked(now: dt.datetime) -> list[Asked]:
    """Return the questions of the open surveys with their answers of the last 90 days:
    two queries, and one for each question in own words."""
    since = Q(marks__given_at__gt=now - LOOKED_BACK)
    questions = list(
        SurveyQuestion.objects.filter(survey__is_open=True)
        .annotate(number=Count("marks", filter=since))
        .annotate(average=Avg("marks__mark", filter=since))
        .order_by("survey", "position")
    )
    counted = Counter(
        SurveyMark.objects.filter(
            question__in=questions, given_at__gt=now - LOOKED_BACK
        ).values_list("question_id", "mark")
    )
    return [_asked(one, counted, now) for one in questions]


def _asked(
    question: SurveyQuestion, counted: Counter[tuple[int, int | None]], now: dt.datetime
) -> Asked:
    if question.kind == Kind.TEXT:
        given = question.marks.filter(given_at__gt=now - LOOKED_BACK)
        texts = [one.text for one in given.order_by("-given_at")[:MOST_TEXTS]]
        return Asked(question, question.number, None, [], texts)  # type: ignore[attr-defined]
    choices = (
        [("Yes", 1), ("No", 0)]
        if question.kind == Kind.YES_NO
        else [(str(mark), mark) for mark in range(1, 6)]
    )
    marks = [(label, counted[question.pk, mark]) for label, mark in choices]
    average = question.average if question.kind == Kind.SCALE else None  # type: ignore[attr-defined]
    return Asked(question, question.number, average, marks, [])  # type: ignore[attr-defined]


def survey_rows(now: dt.datetime) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield every mark of the last 90 days for a spreadsheet; names nobody."""
    marks = SurveyMark.objects.filter(given_at__gt=now - LOOKED_BACK).select_related(
        "question__survey"
    )
    for one in marks.order_by("given_at", "pk").iterator():
        yield (
            one.given_at.date().isoformat(),
            one.question.survey.name,
            str(one.question),
            "" if one.mark is None else str(one.mark),
            one.text,
        )
