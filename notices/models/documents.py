"""Papers that go with notices: terms and agreements, each version kept for good."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Document(models.Model):
    """One version of a paper in one language; another wording is another version."""

    key = models.SlugField(max_length=60)
    language = models.CharField(max_length=12, default="en")
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    effective_on = models.DateField(help_text="From this day on it applies.")
    file_name = models.CharField(max_length=120)
    body = models.BinaryField(editable=False)
    size = models.PositiveIntegerField(help_text="Bytes.", editable=False)
    pages = models.PositiveSmallIntegerField(editable=False)
    sha256 = models.BinaryField(max_length=32, editable=False)
    created_by = models.CharField(max_length=150, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["key", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="document_once", fields=["key", "language", "version"]
            ),
            models.CheckConstraint(
                name="document_not_empty", condition=Q(size__gt=0, pages__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language}) v{self.version}"
