"""One to three questions after an answer, and what customers said to them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from customers.sealed import SealedTextField
from notices.models.answers import Answer
from notices.models.brand import Brand


def one_text_a_language(words: Any) -> None:
    """Refuse what is no table of texts by language with English among them."""
    if not isinstance(words, dict) or not words.get("en"):
        raise ValidationError('Write {"en": "…"}, and other languages beside it.')
    if not all(isinstance(one, str) and 0 < len(one) <= 300 for one in words.values()):
        raise ValidationError("Each language has one text of at most 300 characters.")


class Survey(models.Model):
    """One to three questions shown after an answer; nobody has to answer them."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="surveys")
    name = models.CharField(max_length=120)
    is_open = models.BooleanField(
        default=True, help_text="The newest open survey of a firm is shown."
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class SurveyQuestion(models.Model):
    """One question of a survey."""

    class Kind(models.TextChoices):
        SCALE = "scale", "From 1 to 5"
        YES_NO = "yes_no", "Yes or no"
        TEXT = "text", "Own words"

    # survey_question_once begins with it.
    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, related_name="questions", db_index=False
    )
    position = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SCALE)
    words = models.JSONField(
        validators=[one_text_a_language],
        help_text='By language: {"en": "How easy was this?", "pl": "…"}. Readers of '
        "another language see the English words.",
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="survey_question_once", fields=["survey", "position"]
            ),
            models.CheckConstraint(
                name="survey_has_three_questions",
                condition=Q(position__gte=1, position__lte=3),
            ),
        ]

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """Return the question for a reader, in English where it was not written."""
        return str(self.words.get(language) or self.words["en"])


class SurveyMark(models.Model):
    """What one customer answered to one question."""

    # survey_mark_once begins with it.
    question = models.ForeignKey(
        SurveyQuestion, on_delete=models.CASCADE, related_name="marks", db_index=False
    )
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="marks")
    mark = models.PositiveSmallIntegerField(null=True, help_text="1 to 5; 1 is yes.")
    text = SealedTextField(default="", blank=True, max_length=500)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="survey_mark_once", fields=["question", "answer"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.mark}"
