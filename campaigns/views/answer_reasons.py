"""Replies by reason, and what surveys say: a chart, a table and a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.answer_counts import asked, by_reason, survey_rows
from campaigns.looking import What, noted
from customers import spreadsheets


@require_safe
def reasons(request: HttpRequest) -> HttpResponse:
    """Show why customers write and answer."""
    now = timezone.now()
    found = by_reason(now)
    return render(
        request,
        "campaigns/answer_reasons.html",
        {
            "reasons": found,
            "total": sum(one.number for one in found),
            "asked": asked(now),
        },
    )


@require_safe
def reasons_csv(request: HttpRequest) -> HttpResponse:
    """Hand over the table as a spreadsheet."""
    noted(request, What.ANSWER_LIST, which="replies by reason")
    rows = [
        (one.status.word, str(one.number), str(one.waiting), f"{one.percent:.1f}")
        for one in by_reason(timezone.now())
    ]
    head = ("Reason", "Replies in 90 days", "Still waiting", "Percent")
    return _csv("replies-by-reason.csv", head, rows)


@require_safe
def survey_csv(request: HttpRequest) -> HttpResponse:
    """Hand over what was answered to surveys; it names nobody."""
    noted(request, What.ANSWER_LIST, which="survey")
    head = ("Day", "Survey", "Question", "Mark", "Own words")
    return _csv("survey.csv", head, survey_rows(timezone.now()))


def _csv(
    name: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.writelines(spreadsheets.as_csv(head, rows))
    return response
