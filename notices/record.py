"""Writes down what came back of hand-overs, and moves their notices on.

A few statements a group, whatever its size. A result counts while the notice is still
ours, or unknown because a sweeper took us for dead; what was settled meanwhile stays.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from notices.attempts import finish_attempts, forget_untried, took_nothing
from notices.claims import MAX_TRIES, Move, move, move_late
from notices.dead_addresses import suppress_dead
from notices.faults import OF_A_ROW, kind_and_place
from notices.handovers import Result
from notices.models import DeliveryEvent
from notices.senders import Receipt
from notices.states import State

log = logging.getLogger(__name__)

FIRST_PAUSE = dt.timedelta(seconds=30)
BEHIND_THE_OTHERS = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=2)

Kind = DeliveryEvent.Kind


def record_all(
    results: Sequence[Result], *, token: uuid.UUID, now: dt.datetime
) -> Counter[str]:
    """Write a group as :func:`record_results` does, and one by one where that fails.

    One answer that cannot be kept must not take its group along. Its notice is left to
    its lease, which says that nobody knows.
    """
    try:
        return record_results(results, token=token, now=now)
    except OF_A_ROW as error:
        log.error("A group of %s broke: %s", len(results), kind_and_place(error))
    moved: Counter[str] = Counter()
    if len(results) > 1:
        for one in results:
            moved += record_all([one], token=token, now=now)
    return moved


def record_results(
    results: Sequence[Result], *, token: uuid.UUID, now: dt.datetime
) -> Counter[str]:
    """Write what the provider said to a group; return how many went to each state."""
    moves = [_move(result, now) for result in results]
    with transaction.atomic():
        ours = move(token=token, source=State.HANDING_OFF, moves=moves)
        if len(ours) < len(moves):
            ours |= _move_late(results, [m for m in moves if m.notice_id not in ours])
        forget_untried([one for one in results if one.handover.notice.pk in ours])
        finish_attempts(results, now)
        _keep_events(results, now)
        suppress_dead(results, now)
    return Counter(str(one.target) for one in moves if one.notice_id in ours)


def _move_late(results: Sequence[Result], moves: Sequence[Move]) -> set[int]:
    """Let an answer count that came after a sweeper took its worker for dead."""
    told = [one for one in moves if one.target != State.UNKNOWN]
    late = {one.notice_id for one in told}
    keys = [
        one.handover.outgoing.idempotency_key
        for one in results
        if one.handover.notice.pk in late
    ]
    return move_late(keys=keys, moves=told)


def _move(result: Result, now: dt.datetime) -> Move:
    """Return where a notice goes after its hand-over."""
    notice, answer = result.handover.notice, result.answer
    if isinstance(answer, Receipt):
        return _accepted(notice.pk, answer, now)
    if answer.backs_off:
        # Behind the others: were this very message the matter, they would wait for it.
        later = now + BEHIND_THE_OTHERS
        return Move(notice.pk, State.SCHEDULED, untried=True, not_before=later)
    if took_nothing(answer):
        return Move(notice.pk, State.SCHEDULED, untried=True)
    if answer.unknown:
        return Move(notice.pk, State.UNKNOWN, "CONNECTION_LOST")
    if answer.permanent:
        reason = answer.suppresses or "refused"
        return Move(notice.pk, State.FAILED, reason)
    tries = notice.tries + 1
    if tries >= MAX_TRIES:
        return Move(notice.pk, State.FAILED, "gave_up")
    return Move(
        notice.pk,
        State.SCHEDULED,
        "TRYING_AGAIN",
        not_before=now + pause_before_next_try(tries),
    )


def _accepted(notice_id: int, receipt: Receipt, now: dt.datetime) -> Move:
    """Return the move of a message that was taken, with what is already known."""
    kinds = {event.kind for event in receipt.events}
    for bounce in (Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE):
        if bounce in kinds:
            return Move(notice_id, State.FAILED, bounce, sent_at=now)
    if Kind.DELIVERED in kinds:
        return Move(notice_id, State.DELIVERED, sent_at=now, delivered_at=now)
    return Move(notice_id, State.SENT, sent_at=now)


def pause_before_next_try(tries: int) -> dt.timedelta:
    """Return how long to wait: doubling from half a minute, never over two hours,
    spread by a random quarter so that a crowd does not come back as one."""
    pause = min(FIRST_PAUSE * (1 << (tries - 1)), LONGEST_PAUSE)
    return pause * random.uniform(0.875, 1.125)  # noqa: S311  (no secret)


def _keep_events(results: Sequence[Result], now: dt.datetime) -> None:
    DeliveryEvent.objects.bulk_create(
        [
            DeliveryEvent(
                notice=result.handover.notice,
                provider=result.handover.provider,
                event_id=event.event_id,
                kind=event.kind,
                occurred_at=now,
                raw={"kind": event.kind},
            )
            for result in results
            if isinstance(result.answer, Receipt)
            for event in result.answer.events
        ],
        ignore_conflicts=True,
    )
