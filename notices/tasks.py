"""What workers of the channels run."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notices import dispatch


@shared_task
def drain(stream_id: int, channel: str) -> None:
    """Send what is due of one stream and channel for some seconds."""
    dispatch.drain(stream_id=stream_id, channel=channel, clock=timezone.now)
