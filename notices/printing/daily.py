"""A whole print run in one go: gathered, closed, and if wanted posted.

For the command, for cron, and for playing the past of the demo company.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q

from customers.calendars import local_day
from notices.models import Brand, PrintEvent, PrintRun
from notices.outbound import is_open
from notices.printing.closing import close_some
from notices.printing.forecast import waiting
from notices.printing.posting import mark_posted
from notices.printing.runs import NothingToPrint, PrintRunError, begin_closing, open_run


def print_now(
    *,
    brand: Brand,
    channel: str,
    clock: Callable[[], dt.datetime],
    by: str = "",
) -> PrintRun:
    """Make a run of what is due and close it in this process; return it closed.

    A run of the firm that was cut off is finished first, and returned instead: one
    that was being closed, and of those that ``by`` made also one that is not closed
    yet, or was closed but never written to a folder nor posted.

    :raises NothingToPrint: no letter is due.
    :raises PrintRunError: everything is stopped, or another worker has letters of the
        run in hand; come again.
    """
    run = _unfinished(brand, channel, by)
    if run is None:
        run = open_run(brand=brand, channel=channel, now=clock(), by=by)
    elif run.state == PrintRun.State.CLOSED:
        return run
    if not is_open():
        raise PrintRunError(
            "Everything is stopped, so nothing is printed. The page Health says by "
            "whom and why."
        )
    run = begin_closing(run=run, now=clock(), by=by, ring_workers=False)
    close_some(run_id=run.pk, clock=clock, seconds=float("inf"))
    run.refresh_from_db()
    if run.state == PrintRun.State.CLOSING:
        raise PrintRunError(
            f"Run {run} is not finished: another worker has letters of it in hand, or "
            "died with them. Call this again in ten minutes; nothing is printed twice."
        )
    return run


def _unfinished(brand: Brand, channel: str, by: str) -> PrintRun | None:
    """Return the oldest run that was cut off.

    What staff open, close or have closed in the print room is theirs to go on with:
    written to a folder as well, it would be posted twice.
    """
    written = PrintEvent.objects.filter(
        run=OuterRef("pk"), verb=PrintEvent.Verb.WRITTEN
    )
    cut_off = Q(state=PrintRun.State.CLOSING)
    if by:
        cut_off |= Q(state=PrintRun.State.OPEN)
        cut_off |= Q(~Exists(written), state=PrintRun.State.CLOSED)
        cut_off &= Q(opened_by=by)
    runs = PrintRun.objects.filter(cut_off, brand=brand, channel=channel)
    return runs.order_by("number").first()


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
