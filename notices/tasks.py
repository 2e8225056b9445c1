"""What workers of the channels run."""

from __future__ import annotations

from celery import Task, shared_task
from django.utils import timezone

from notices import dispatch, heartbeats
from notices.intake import work
from notices.printing.runs import ring


@shared_task(bind=True)
def drain(self: Task, channel: str) -> None:
    """Send what is due on one channel for some seconds."""
    done = dispatch.drain(channel=channel, clock=timezone.now)
    if done.moved:
        heartbeats.note_claim(
            worker=self.request.hostname or "", channel=channel, now=timezone.now()
        )


# A file takes some minutes where letters are set the full way; well under the time
# after which the broker would ring again.
@shared_task(time_limit=600)
def close_print_run(run_id: int) -> None:
    """Print letters of a closing run for a minute or one file; ring for the rest.

    What other workers have in hand is left to them, and to the ticks, which ring for
    every run that is being closed: ringing at once would only ask in a circle.
    """
    # Imported with the first run: WeasyPrint needs Pango and half a second, which
    # the workers of other channels do without.
    from notices.printing.closing import Left, close_some

    if close_some(run_id=run_id, clock=timezone.now) is Left.WORK:
        ring(run_id)


@shared_task
def take_calls() -> None:
    """Read what providers told us, for some seconds."""
    work.take(clock=timezone.now)
