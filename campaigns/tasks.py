"""What the worker of the tick runs."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from campaigns import actions, guards
from customers import rights
from notices import heartbeats, own_copy


@shared_task
def tick() -> None:
    """Make one scheduler pass, at most half a minute a campaign, and wake the
    workers."""
    heartbeats.note_pass(now=timezone.now())
    actions.tick(now=timezone.now(), seconds=30)
    guards.seal_consents(now=timezone.now())


# Ten years of letters are cut out of their files one by one.
@shared_task(time_limit=840)
def make_export(export_id: int) -> None:
    """Gather a person's data into the file that was asked for."""
    rights.make_export(export_id=export_id, now=timezone.now())
    own_copy.tell_finished(now=timezone.now())
