"""What becomes of the paper of a run: posted, not posted after all, or given up.

Each verb is one transaction under the lock of its run, and may be repeated without
harm. Set-based, since a run may have a hundred thousand letters.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from customers.calendars import local_day
from notices.models import Attempt, PrintEvent, PrintItem, PrintRun
from notices.printing.runs import PrintRunError, locked, note
from notices.states import State, check_move

NOON = dt.time(12)
Verb = PrintEvent.Verb

POST = """
UPDATE notices_notice AS notice
SET state = 'sent', reason = '', sent_at = %(at)s
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND notice.id = item.notice_id AND notice.state = 'printing'
"""

FINISH = """
UPDATE notices_attempt AS attempt
SET result = %(result)s, finished_at = %(now)s, error = %(error)s,
    provider_reference = CASE WHEN %(result)s = 'accepted'
        THEN %(name)s || '#' || item.sequence ELSE '' END
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND attempt.notice_id = item.notice_id AND attempt.provider = 'print'
  AND attempt.finished_at IS NULL
"""


@transaction.atomic
def mark_posted(
    *, run: PrintRun, posted_on: dt.date, now: dt.datetime, by: str = ""
) -> PrintRun:
    """Note that the letters of a closed run were posted on a day: now they are sent.

    Again with the same day, nothing changes.

    :raises PrintRunError: it is not closed, or the day cannot be.
    """
    run = locked(run)
    if run.state == PrintRun.State.POSTED and run.posted_on == posted_on:
        return run
    if run.state != PrintRun.State.CLOSED:
        raise PrintRunError(
            f"Run {run} is {run.get_state_display().lower()}; only a run that is ready "
            "to post can be marked as posted."
        )
    zone = run.brand.time_zone
    if posted_on > local_day(now, zone):
        raise PrintRunError("That day has not come yet. Mark it when it is posted.")
    assert run.closed_at is not None  # noqa: S101  (a closed run knows when)
    if posted_on < local_day(run.closed_at, zone):
        raise PrintRunError("The run was printed after that day. Look at the date.")
    check_move(State.PRINTING, State.SENT)
    with connection.cursor() as cursor:
        cursor.execute(POST, {"run": run.pk, "at": _moment(posted_on, now, zone)})
        _finish(cursor, run, Attempt.Result.ACCEPTED, "", now)
    run.state = PrintRun.State.POSTED
    run.posted_on = posted_on
    run.save(update_fields=["state", "posted_on"])
    note(run, Verb.POSTED, by, now, f"on {posted_on}")
    return run


def _moment(posted_on: dt.date, now: dt.datetime, zone: str) -> dt.datetime:
    """Return now for what is posted today, noon for an earlier day."""
    if posted_on == local_day(now, zone):
        return now
    return dt.datetime.combine(posted_on, NOON, ZoneInfo(zone))


# A mistake is noticed at the next look at the pile; later the next steps of ladders
# have been counted from the day of posting.
TAKE_BACK_WITHIN = dt.timedelta(hours=24)

TAKE_BACK = """
UPDATE notices_notice AS notice
SET state = 'printing', reason = '', sent_at = NULL
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND notice.id = item.notice_id AND notice.state = 'sent'
"""

REOPEN = """
UPDATE notices_attempt AS attempt
SET result = 'unknown', finished_at = NULL, error = '', provider_reference = ''
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND attempt.notice_id = item.notice_id AND attempt.provider = 'print'
  AND attempt.provider_reference = %(name)s || '#' || item.sequence
"""


def why_not_taken_back(run: PrintRun, now: dt.datetime) -> str:
    """Return why a run's posting stands, as a sentence; empty when it may be undone."""
    if run.state != PrintRun.State.POSTED:
        return f"Run {run} is not marked as posted."
    posted = run.events.filter(verb=Verb.POSTED).order_by("-at", "-pk").first()
    if posted is None or now - posted.at > TAKE_BACK_WITHIN:
        return (
            f"Run {run} was marked as posted more than 24 hours ago; the next steps "
            "are counted from it."
        )
    letters = run.items.filter(state=PrintItem.State.PRINTED)
    if letters.exclude(notice__state=State.SENT).exists():
        return (
            f"A letter of run {run} has come back or was reported since: it was posted."
        )
    return ""


@transaction.atomic
def take_back_posting(*, run: PrintRun, now: dt.datetime, by: str = "") -> PrintRun:
    """Undo :func:`mark_posted`: the letters lie in the house again, printed.

    Again, nothing changes.

    :raises PrintRunError: it is too late, or a letter of it came back already.
    """
    run = locked(run)
    if run.state == PrintRun.State.CLOSED:
        return run
    if why := why_not_taken_back(run, now):
        raise PrintRunError(why)
    check_move(State.SENT, State.PRINTING)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"run": run.pk})
        if cursor.rowcount != run.letters:
            # Its letters move without the lock of the run: a report came just now.
            raise PrintRunError(
                f"A letter of run {run} was reported on just now: it was posted."
            )
        cursor.execute(REOPEN, {"run": run.pk, "name": run.name})
    run.state = PrintRun.State.CLOSED
    run.posted_on = None
    run.save(update_fields=["state", "posted_on"])
    note(run, Verb.UNPOSTED, by, now)
    return run


BACK = """
UPDATE notices_notice AS notice
SET state = 'scheduled', reason = ''
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND notice.id = item.notice_id AND notice.state = 'printing'
"""


@transaction.atomic
def cancel_run(*, run: PrintRun, now: dt.datetime, by: str = "") -> PrintRun:
    """Give up a run of which nothing was posted; its letters go back into line.

    The files stay, marked as those of a cancelled run.

    :raises PrintRunError: it is being closed, or was posted.
    """
    run = locked(run)
    if run.state == PrintRun.State.CANCELLED:
        return run
    if run.state not in {PrintRun.State.OPEN, PrintRun.State.CLOSED}:
        raise PrintRunError(
            f"Run {run} is {run.get_state_display().lower()} and cannot be cancelled."
        )
    check_move(State.PRINTING, State.SCHEDULED)
    with connection.cursor() as cursor:
        cursor.execute(BACK, {"run": run.pk})
        _finish(
            cursor, run, Attempt.Result.TRY_LATER, f"{run} was cancelled, unposted", now
        )
    run.items.filter(
        state__in=[PrintItem.State.WAITING, PrintItem.State.PRINTED]
    ).update(state=PrintItem.State.RELEASED)
    run.state = PrintRun.State.CANCELLED
    run.save(update_fields=["state"])
    note(run, Verb.CANCELLED, by, now)
    return run


def _finish(
    cursor: object, run: PrintRun, result: str, error: str, now: dt.datetime
) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        FINISH,
        {
            "run": run.pk,
            "name": run.name,
            "result": result,
            "error": error,
            "now": now,
        },
    )
