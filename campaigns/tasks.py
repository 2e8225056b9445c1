"""What the worker of the tick runs."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from campaigns import actions, guards
from notices import heartbeats


@shared_task
def tick() -> None:
    """Make one scheduler pass, at most half a minute a campaign, and wake the
    workers."""
    heartbeats.note_pass(now=timezone.now())
    actions.tick(now=timezone.now(), seconds=30)
    guards.seal_consents(now=timezone.now())
