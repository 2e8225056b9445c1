"""Takes back what was just noted of a call, where it only went back into line."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from notices.calls.hand import LOCK, CallError, locked_task
from notices.calls.rules import RULES
from notices.models import CallRecord, Notice
from notices.states import State, check_move

UNDO_WITHIN = dt.timedelta(minutes=1)


def may_undo(record: CallRecord, *, by: str, now: dt.datetime) -> bool:
    """Whether somebody may still take back what they noted."""
    return (
        record.by == by
        and record.undone_at is None
        and RULES[record.outcome].ends == "again"
        and now - record.at < UNDO_WITHIN
        and record.notice.state == State.SCHEDULED
    )


@transaction.atomic
def undo(*, record: CallRecord, by: str, now: dt.datetime) -> None:
    """Take back what was just noted: the call is in hand again, as it was.

    :raises CallError: it is too late, or it was not theirs.
    """
    task = locked_task(record.notice)
    record.refresh_from_db()
    record.notice = task.notice
    if not may_undo(record, by=by, now=now) or task.locked_by:
        raise CallError("It is too late to take this back; nothing was changed.")
    _claim_again(task.notice, now)
    record.undone_at = now
    record.save(update_fields=["undone_at"])
    task.tries -= RULES[record.outcome].is_try
    task.wanted_at = None
    task.locked_by, task.locked_until = by, now + LOCK
    task.save(update_fields=["tries", "wanted_at", "locked_by", "locked_until"])


def _claim_again(notice: Notice, now: dt.datetime) -> None:
    """Bring a notice from the line to the desk by the two moves that lead there."""
    check_move(State.SCHEDULED, State.CLAIMED)
    check_move(State.CLAIMED, State.CALLING)
    # Claimed and laid out at once; no worker sees what lies between.
    moved = Notice.objects.filter(pk=notice.pk, state=State.SCHEDULED).update(
        state=State.CALLING, reason="", not_before=now
    )
    if not moved:
        raise CallError("It is too late to take this back; nothing was changed.")
