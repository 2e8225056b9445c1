"""What the firm's own words are called in each language, for whoever translates."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

# Words as notices.lint.words takes them: * stands for any ending.
_WORDS = RegexValidator(
    r"\A[^\W_]+\*?(?:[ '’-][^\W_]+\*?)*\Z",
    "Write words with single blanks between; * stands for any ending.",
)


class Term(models.Model):
    """One word or phrase of English texts, and how a language says it.

    A translation whose English says ``word`` has to say ``says``, or explain.
    """

    word = models.CharField(
        "English", max_length=60, validators=[_WORDS], help_text="Such as “bill*”."
    )
    language = models.CharField(max_length=12)
    says = models.CharField(
        "says",
        max_length=60,
        validators=[_WORDS],
        help_text="What it is called there; * stands for any ending, like “faktur*”.",
    )

    class Meta:
        ordering = ["word", "language"]
        constraints = [
            models.UniqueConstraint(name="term_once", fields=["word", "language"]),
            models.CheckConstraint(
                name="term_whole", condition=~Q(word="") & ~Q(says="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word}: {self.says} ({self.language})"
