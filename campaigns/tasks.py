"""What the worker of the tick runs."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from campaigns import actions


@shared_task
def tick() -> None:
    """Make one scheduler pass, at most half a minute a campaign, and wake the
    workers."""
    actions.tick(now=timezone.now(), seconds=30)
