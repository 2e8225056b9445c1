"""A whole print run in one go: gathered, closed, and if wanted posted.

For the command, for cron, and for playing the past of the demo company.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from customers.calendars import local_day
from notices.models import Brand, PrintRun
from notices.printing.closing import close_some
from notices.printing.runs import (
    NothingToPrint,
    PrintRunError,
    begin_closing,
    mark_posted,
    open_run,
    waiting,
)


def print_now(
    *,
    brand: Brand,
    channel: str,
    clock: Callable[[], dt.datetime],
    by: str = "",
) -> PrintRun:
    """Make a run of what is due and close it in this process; return it closed.

    A run of the firm that was being closed when its process died is finished first,
    and returned instead.

    :raises NothingToPrint: no letter is due.
    :raises PrintRunError: another worker has letters of the run in hand; come again.
    """
    unfinished = PrintRun.objects.filter(
        brand=brand, channel=channel, state=PrintRun.State.CLOSING
    ).first()
    run = unfinished or open_run(brand=brand, channel=channel, now=clock(), by=by)
    run = begin_closing(run=run, now=clock(), by=by, ring_workers=False)
    close_some(run_id=run.pk, clock=clock, seconds=float("inf"))
    run.refresh_from_db()
    if run.state == PrintRun.State.CLOSING:
        raise PrintRunError(
            f"Run {run} is not finished: another worker has letters of it in hand, or "
            "died with them. Call this again in ten minutes; nothing is printed twice."
        )
    return run


def print_all_due(*, now: dt.datetime, by: str = "") -> list[PrintRun]:
    """Print and post everything due at ``now``, firm by firm, judged by ``now``."""
    runs = []
    for one in waiting(now):
        if not one.ready:
            continue
        try:
            run = print_now(
                brand=one.brand,
                channel=one.channel,
                clock=lambda: now,
                by=by,
            )
        except NothingToPrint:
            continue
        if run.state == PrintRun.State.CLOSED:
            day = local_day(now, one.brand.time_zone)
            run = mark_posted(run=run, posted_on=day, now=now, by=by)
        runs.append(run)
    return runs
