"""Why customers write and answer, counted; and what surveys say. Changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

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
    since = now - LOOKED_BACK
    questions = SurveyQuestion.objects.filter(survey__is_open=True)
    found = list(questions.order_by("survey", "position"))
    marks: dict[int, Counter[int | None]] = defaultdict(Counter)
    for question, mark, number in (
        SurveyMark.objects.filter(question__in=found, given_at__gt=since)
        .order_by()
        .values_list("question", "mark")
        .annotate(number=Count("pk"))
    ):
        marks[question][mark] = number
    return [_asked(one, marks[one.pk], since) for one in found]


def _asked(
    question: SurveyQuestion, marks: Counter[int | None], since: dt.datetime
) -> Asked:
    if question.kind == Kind.TEXT:
        given = question.marks.filter(given_at__gt=since).order_by("-given_at")
        texts = [one.text for one in given[:MOST_TEXTS]]
        return Asked(question, marks.total(), None, [], texts)
    choices = (
        [("Yes", 1), ("No", 0)]
        if question.kind == Kind.YES_NO
        else [(str(mark), mark) for mark in range(1, 6)]
    )
    shown = [(label, marks[mark]) for label, mark in choices]
    average = _average(marks) if question.kind == Kind.SCALE else None
    return Asked(question, marks.total(), average, shown, [])


def _average(marks: Counter[int | None]) -> float | None:
    """Return the average of what was given; None where nothing was."""
    given = {mark: number for mark, number in marks.items() if mark is not None}
    if not given:
        return None
    return sum(mark * number for mark, number in given.items()) / sum(given.values())


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
