"""What staff and the scheduler do to notices: ring, sweep, resolve, pause a stream.

Each verb is one transaction, may run twice, and takes its facts by keyword.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter

from celery import current_app
from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from consent.actions import end_soft_limits
from customers.models import Customer
from notices import doubts
from notices.addresses import forget_unconfirmed
from notices.calls.desk import clear_desk, lay_out
from notices.claims import sweep
from notices.dispatch import drain
from notices.due import count_due
from notices.fresh import answer_link_requests
from notices.intake import calls, replies
from notices.lanes import open_lane
from notices.models import (
    Attempt,
    Channel,
    Notice,
    OutboundEvent,
    PrintRun,
    ProviderLane,
    Reply,
    Stream,
)
from notices.outbound import is_open
from notices.querysets import NoticeQuerySet
from notices.served import is_called, is_live, printed_channels
from notices.settling import settle
from notices.states import State, check_move
from notices.trial import send_test as send_test

log = logging.getLogger(__name__)

# A worker is rung for so many messages that are due, and so many workers at most.
A_WORKERS_SHARE = 500
MOST_RINGS = 16


def due_work(now: dt.datetime) -> dict[str, int]:
    """Return for each channel with something due how many workers have work there."""
    printed = printed_channels()
    driven = [channel for channel in Channel.values if channel not in printed]
    most = A_WORKERS_SHARE * MOST_RINGS
    return {
        channel: -(-due // A_WORKERS_SHARE)
        for channel, due in count_due(driven, now=now, most=most).items()
        if due
    }


def ring(*, now: dt.datetime) -> int:
    """Wake workers for each channel with something due, for each print run that is
    being closed, and for what providers told us; return how many of the first.

    A ring nobody hears is no loss, since the rows are the queue: the next beat rings
    again. So Redis being away is a warning, not a failure. While everything is stopped
    nobody is woken to send; what people tell us, such as STOP, is read all the same.
    """
    try:
        if calls.waits(now):
            calls.ring_now()
    except BrokerError as error:
        log.warning("The workers cannot be woken, Redis is away: %s", error)
        return 0
    if not is_open():
        return 0
    clear_desk(now=now)
    work = due_work(now)
    closing = PrintRun.objects.filter(state=PrintRun.State.CLOSING)
    try:
        for run_id in closing.values_list("pk", flat=True):
            current_app.send_task(
                "notices.tasks.close_print_run", (run_id,), queue="letter", expires=15
            )
        for channel, workers in work.items():
            for _ in range(workers):
                current_app.send_task(*_drains(channel), queue=channel, expires=15)
    except BrokerError as error:
        log.warning("The workers cannot be woken, Redis is away: %s", error)
        return 0
    return sum(work.values())


def _drains(channel: str) -> tuple[str, tuple[str, ...]]:
    """Return the task, and what it is given, that takes what is due on."""
    if is_called(channel):
        return "notices.tasks.lay_out_calls", ()
    return "notices.tasks.drain", (channel,)


def refuse_another_day_while_live() -> None:
    """Return when nothing can leave by itself.

    :raises ValueError: a channel is live, and only today may be written to.
    """
    if is_live():
        raise ValueError(
            "Another day can only be played while every channel is in the sandbox. "
            "Unset EMAIL_URL and TWILIO_ACCOUNT_SID first."
        )


def send_all_due(*, now: dt.datetime) -> Counter[str]:
    """Send everything due at ``now`` in this process, judged by ``now``.

    For playing another day (``tick --as-of``), as the workers run on the real clock.
    Returns how many notices went to each state.

    :raises ValueError: a channel is live.
    """
    refuse_another_day_while_live()
    moved: Counter[str] = Counter()
    clear_desk(now=now)
    for channel in due_work(now):
        if is_called(channel):
            moved += lay_out(clock=lambda: now, seconds=3600)
        else:
            moved += drain(channel=channel, clock=lambda: now, seconds=3600).moved
    return moved


def sweep_stuck() -> int:
    """Free what dead workers left, and ask providers about what is unknown.

    Returns how many notices were moved. An unknown notice goes back into line only
    when its provider says that it has nothing; otherwise it waits for staff.
    """
    moved = settle().total() + sweep().back_in_line
    for attempt, arrived in doubts.answered():
        moved += _settle_unknown(attempt, arrived=arrived)
    return moved


@transaction.atomic
def _settle_unknown(attempt: Attempt, *, arrived: bool) -> int:
    """Move one unknown notice by the provider's own word; 0 when it was no longer
    unknown."""
    target = State.SENT if arrived else State.SCHEDULED
    check_move(State.UNKNOWN, target)
    moved = Notice.objects.filter(pk=attempt.notice_id, state=State.UNKNOWN).update(
        state=target,
        reason="",
        sent_at=attempt.started_at if arrived else None,
    )
    if moved:
        result = Attempt.Result.ACCEPTED if arrived else Attempt.Result.TRY_LATER
        Attempt.objects.filter(pk=attempt.pk, finished_at__isnull=True).update(
            result=result, finished_at=attempt.started_at
        )
    return moved


@transaction.atomic
def resolve_unknown(
    *, notice: Notice, arrived: bool, by: str, now: dt.datetime
) -> bool:
    """Note what staff found out about an unknown notice; False if it was resolved
    meanwhile.

    What did not arrive fails, and is not sent again under the same reference.
    """
    target = State.SENT if arrived else State.FAILED
    check_move(State.UNKNOWN, target)
    moved = Notice.objects.filter(pk=notice.pk, state=State.UNKNOWN).update(
        state=target,
        reason="" if arrived else "did_not_arrive",
        sent_at=now if arrived else None,
    )
    # Where it was settled meanwhile, an open attempt may be a new one, on the wire.
    if moved:
        Attempt.objects.filter(notice=notice, finished_at__isnull=True).update(
            result=Attempt.Result.ACCEPTED if arrived else Attempt.Result.REFUSED,
            finished_at=now,
            error=f"resolved by {by}"[:300],
        )
    return bool(moved)


@transaction.atomic
def try_lane_again(*, lane: ProviderLane, by: str, now: dt.datetime) -> None:
    """Ask a provider again with one message, whatever stopped its lane; who did is
    kept. The first message that is taken opens the lane for all."""
    open_lane(name=lane.name)
    OutboundEvent.objects.create(
        verb=OutboundEvent.Verb.TRIED, by=by, at=now, reason=lane.name
    )


def sweep_intake(*, now: dt.datetime) -> int:
    """Forget providers' calls of a month ago, and stops that were for a month; return
    how many."""
    return calls.forget_old(now) + end_soft_limits(now=now)


def answer_the_house(*, now: dt.datetime) -> int:
    """Answer who asked for a fresh link, and forget addresses nobody confirmed; return
    how many answers go out."""
    forget_unconfirmed(now=now)
    return answer_link_requests(now=now)


@transaction.atomic
def finish_reply(*, reply: Reply, by: str, now: dt.datetime) -> bool:
    """Note that staff have answered a customer; reminders go on when it was the last
    open reply. False when a colleague was quicker."""
    return replies.finish(reply, by=by, now=now)


@transaction.atomic
def match_reply(*, reply: Reply, customer: Customer, now: dt.datetime) -> bool:
    """Note whose a reply is; False when a colleague was quicker."""
    return replies.belongs_to(reply, customer=customer, now=now)


def release_held(*, notice: Notice, now: dt.datetime) -> bool:
    """Put a held notice back into line; False when it is held no more.

    The workers it cost are forgotten, the hand-overs are not; and every question is
    asked again before it goes.
    """
    check_move(State.HELD, State.SCHEDULED)
    held = Notice.objects.filter(pk=notice.pk, state=State.HELD)
    newest = Attempt.objects.filter(notice=notice).aggregate(number=Max("number"))
    return bool(
        held.update(
            state=State.SCHEDULED,
            reason="",
            tries=newest["number"] or 0,
            not_before=now,
        )
    )


def cancel_held(*, notice: Notice) -> bool:
    """Never send a held notice; False when it is held no more."""
    check_move(State.HELD, State.CANCELLED)
    held = Notice.objects.filter(pk=notice.pk, state=State.HELD)
    return bool(held.update(state=State.CANCELLED, reason="cancelled_by_staff"))


def release_held_group(*, held: NoticeQuerySet, now: dt.datetime) -> int:
    """Put many held notices back into line, as :func:`release_held` does one; return
    how many."""
    check_move(State.HELD, State.SCHEDULED)
    newest = (
        Attempt.objects.filter(notice=OuterRef("pk"))
        .order_by("-number")
        .values("number")[:1]
    )
    return held.filter(state=State.HELD).update(
        state=State.SCHEDULED,
        reason="",
        tries=Coalesce(Subquery(newest), 0),
        not_before=now,
    )


def cancel_held_group(*, held: NoticeQuerySet) -> int:
    """Never send many held notices; return how many."""
    check_move(State.HELD, State.CANCELLED)
    return held.filter(state=State.HELD).update(
        state=State.CANCELLED, reason="cancelled_by_staff"
    )


def set_stream_state(*, stream: Stream, state: Stream.State) -> None:
    """Pause, resume or stop a stream: one row, in force after at most one group.

    Who sets it to run has seen why a guard paused it: that is forgotten, and guards
    judge by what happens from now on.
    """
    stream.state = state
    if state == Stream.State.RUNNING:
        stream.running_since = timezone.now()
        stream.safety_reason = ""
    stream.save(update_fields=["state", "running_since", "safety_reason"])
