"""One to three questions after an answer, which nobody has to answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Exists

from notices.models import Answer, Brand, SurveyMark, SurveyQuestion
from notices.pages.once import OnceForm
from notices.pages.words import Words

Kind = SurveyQuestion.Kind
YES, NO = "1", "0"


class SurveyForm(OnceForm):
    """The questions in the reader's language; each may be left open."""

    def __init__(
        self, questions: list[SurveyQuestion], words: Words, data: Any = None
    ) -> None:
        super().__init__(data)
        self.questions = questions
        for question in questions:
            self.fields[_name(question)] = _field(question, words)


def _name(question: SurveyQuestion) -> str:
    return f"q{question.position}"


def _field(question: SurveyQuestion, words: Words) -> forms.Field:
    label = question.in_language(words.language)
    too_long = {"max_length": words.plain("too_long")}
    if question.kind == Kind.TEXT:
        return forms.CharField(
            label=label,
            max_length=500,
            required=False,
            error_messages=too_long,
            widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        )
    if question.kind == Kind.YES_NO:
        choices = [(YES, words.plain("yes")), (NO, words.plain("no"))]
    else:
        choices = [(str(mark), words.plain(f"mark_{mark}")) for mark in range(1, 6)]
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": words.plain("choose")},
    )


def survey_for(answer: Answer, brand: Brand) -> list[SurveyQuestion] | None:
    """Return the questions to ask after an answer; None where there are none, or they
    were answered: one query."""
    newest = brand.surveys.filter(is_open=True).order_by("-pk").values("pk")[:1]
    answered = SurveyMark.objects.filter(answer=answer)
    questions = SurveyQuestion.objects.filter(~Exists(answered), survey__in=newest)
    return list(questions) or None


def keep_marks(answer: Answer, form: SurveyForm, *, now: dt.datetime) -> int:
    """Keep what was answered; sent again, the first stands. Returns how many."""
    marks = []
    for question in form.questions:
        value = form.cleaned_data[_name(question)]
        if value == "":
            continue
        is_text = question.kind == Kind.TEXT
        marks.append(
            SurveyMark(
                question=question,
                answer=answer,
                mark=None if is_text else int(value),
                text=value if is_text else "",
                given_at=now,
            )
        )
    SurveyMark.objects.bulk_create(marks, ignore_conflicts=True)
    return len(marks)
