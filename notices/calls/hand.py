"""Who has which call in hand: taken, kept, given back; by one person at a time.

Taking a call asks once more whether it may be made, and writes the script as it
stands now. A lock runs out by itself; until somebody else takes the call, whoever had
it may still say what came of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import QuerySet

from notices.calls.desk import open_streams
from notices.calls.queue import lock_next
from notices.claims import Move
from notices.facts import facts_of
from notices.gate import Verdict, verdicts
from notices.models import CallTask, Notice
from notices.people import Person, lock_people
from notices.readying import stop_of
from notices.render import RenderError, compile_version, render
from notices.states import State, check_move

LOCK = dt.timedelta(minutes=15)


class CallError(Exception):
    """A verb that does not fit the call as it stands; the text is for staff."""


class NotOffered(CallError):
    """The call may not be made now; the reason is a code of the gate."""

    def __init__(self, reason: str) -> None:
        super().__init__("This call may not be made now.")
        self.reason = reason


def take_next(*, by: str, now: dt.datetime) -> CallTask | None:
    """Take the next call in hand, or return the one somebody has already.

    None when there is nothing to call now. Calls that turn out to be paid, on hold
    or asleep are moved on and passed over.
    """
    while (mine := in_hand(by=by, now=now)) is None:
        with transaction.atomic():
            _lock_hands(by)
            if in_hand(by=by, now=now) is not None:
                continue
            notice_id = lock_next(now)
            if notice_id is None:
                return None
            _take(notice_id, by=by, now=now)
    return mine


def in_hand(*, by: str, now: dt.datetime) -> CallTask | None:
    """Return the call somebody has in hand, if any."""
    held = _tasks().filter(
        locked_by=by, locked_until__gt=now, notice__state=State.CALLING
    )
    return held.order_by("-started_at").first()


def take(*, notice: Notice, by: str, now: dt.datetime) -> CallTask:
    """Take one certain call in hand.

    :raises NotOffered: it may not be made now.
    :raises CallError: somebody else has it, or ``by`` has another one.
    """
    with transaction.atomic():
        _lock_hands(by)
        task = locked_task(notice)
        if task.notice.state != State.CALLING:
            raise CallError("This call is not on the desk any more.")
        if task.is_in_hand(now) and task.locked_by == by:
            return task
        if task.is_in_hand(now):
            raise CallError(f"{task.locked_by} has this call in hand.")
        if in_hand(by=by, now=now) is not None:
            raise CallError("You have another call in hand. Finish it first.")
        if task.notice.stream_id not in open_streams(now):
            raise CallError("Its campaign is paused, or the firm is closed now.")
        stop = _take(task.pk, by=by, now=now)
    if stop is not None:
        raise NotOffered(stop.reason)
    return _tasks().get(pk=task.pk)


def keep(*, notice: Notice, by: str, now: dt.datetime) -> dt.datetime | None:
    """Have a call in hand for another while; None when it is no longer ``by``'s."""
    until = now + LOCK
    kept = CallTask.objects.filter(
        notice=notice, locked_by=by, notice__state=State.CALLING
    )
    return until if kept.update(locked_until=until) else None


def give_back(*, notice: Notice, by: str) -> bool:
    """Put a call back on the desk, not made; False when it was not ``by``'s."""
    mine = CallTask.objects.filter(notice=notice, locked_by=by)
    return bool(mine.update(locked_by="", locked_until=None))


def locked_task(notice: Notice) -> CallTask:
    """Return the task of a notice, locked until the transaction ends.

    :raises CallError: it never lay on the desk.
    """
    task = _tasks().filter(pk=notice.pk).select_for_update(of=("self",)).first()
    if task is None:
        raise CallError("This message is no call that lay on the desk.")
    # As it stands after the wait for the lock.
    task.notice.refresh_from_db(fields=["state", "not_before"])
    return task


def _lock_hands(by: str) -> None:
    """Let one person take one call at a time, however often they click."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"hand:{by}"])


def _tasks() -> QuerySet[CallTask]:
    return CallTask.objects.select_related(
        "notice__customer", "notice__stream__brand", "notice__stream__policy"
    ).defer("notice__stream__brand__logo")


def _take(notice_id: int, *, by: str, now: dt.datetime) -> Move | None:
    """Ask about a locked call, and take it in hand or move it on; say which move."""
    notice = Notice.objects.in_full().get(pk=notice_id)
    people = lock_people([notice.customer_id])
    verdict = verdicts([notice], people, now)[0]
    stop = stop_of(verdict, now) or _write_script(verdict, people, by=by, now=now)
    if stop is not None:
        check_move(State.CALLING, stop.target)
        CallTask.objects.filter(pk=notice_id).update(locked_by="", locked_until=None)
        Notice.objects.filter(pk=notice_id, state=State.CALLING).update(
            state=stop.target,
            reason=stop.reason,
            not_before=stop.not_before or notice.not_before,
        )
    return stop


def _write_script(
    verdict: Verdict, people: Mapping[int, Person], *, by: str, now: dt.datetime
) -> Move | None:
    """Write the script for whoever takes the call; a Move when that cannot be."""
    notice = verdict.notice
    facts = facts_of(
        *([notice], people, {notice.pk: verdict.owed}, now),
        obligations={notice.pk: verdict.obligations},
    )[notice.pk]
    try:
        rendered = render(compile_version(notice.template, notice.channel), facts)
    except RenderError as error:
        return Move(notice.pk, State.HELD, error.code)
    CallTask.objects.filter(pk=notice.pk).update(
        locked_by=by,
        locked_until=now + LOCK,
        started_at=now,
        phone=facts.destination.as_text(),
        script=rendered.text,
    )
    return None
