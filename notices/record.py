"""Writes down hand-overs: attempts and bytes before the wire, results after it.

A few statements a group, whatever its size. A result counts while the notice is still
ours, or unknown because a sweeper took us for dead; what was settled meanwhile stays.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from customers.sealed import ring, sealed_text
from notices.claims import MAX_TRIES, Move, move, move_late
from notices.copies import Packer, packers_for
from notices.dead_addresses import suppress_dead
from notices.faults import OF_A_ROW, kind_and_place
from notices.handovers import Handover, Result
from notices.models import Attempt, DeliveryEvent, SentCopy
from notices.senders import Receipt, SendError
from notices.states import State

log = logging.getLogger(__name__)

FIRST_PAUSE = dt.timedelta(seconds=30)
BEHIND_THE_OTHERS = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=2)

Kind = DeliveryEvent.Kind


COPIES = """
COPY notices_sentcopy (notice_id, media_type, body, dictionary_id, size, sha256)
FROM STDIN (FORMAT BINARY)
"""
COPY_CONTEXT = "notices_sentcopy.body"
COPY_TYPES = ("int8", "varchar", "bytea", "int8", "int4", "bytea")

ATTEMPTS = """
COPY notices_attempt (notice_id, number, provider, destination, idempotency_key,
    started_at, result, provider_reference, error)
FROM STDIN (FORMAT BINARY)
"""
ATTEMPT_TYPES = (
    "int8", "int2", "varchar", "bytea", "varchar", "timestamptz", "varchar",
    "varchar", "varchar",
)  # fmt: skip


def note_attempts(handovers: Sequence[Handover], now: dt.datetime) -> None:
    """Write the attempts and the exact bytes, in the caller's transaction."""
    if not handovers:
        return
    packers = packers_for([one.notice for one in handovers])
    # A second try replaces what the first never handed over.
    SentCopy.objects.filter(notice__among=[one.notice.pk for one in handovers]).delete()
    # Packed as they are written: a batch may weigh some tens of megabytes.
    copies = (_copy(one, packers[one.notice.pk]) for one in handovers)
    attempts = [
        (
            one.notice.pk,
            one.notice.tries + 1,
            one.provider,
            sealed_text("notices_attempt.destination", one.outgoing.destination),
            one.outgoing.idempotency_key,
            now,
            Attempt.Result.UNKNOWN.value,
            "",
            "",
        )
        for one in handovers
    ]
    with connection.cursor() as cursor:
        _copy_in(cursor, COPIES, COPY_TYPES, copies)
        _copy_in(cursor, ATTEMPTS, ATTEMPT_TYPES, attempts)


def _copy(handover: Handover, packer: Packer) -> tuple[object, ...]:
    outgoing = handover.outgoing
    return (
        handover.notice.pk,
        outgoing.media_type,
        ring().seal(packer.pack(outgoing.body), COPY_CONTEXT),
        packer.dictionary_id,
        len(outgoing.body),
        outgoing.sha256,
    )


def _copy_in(
    cursor: CursorWrapper,
    statement: str,
    types: Sequence[str],
    rows: Iterable[tuple[object, ...]],
) -> None:
    with cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


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
        _forget_untried([one for one in results if one.handover.notice.pk in ours])
        _finish_attempts(results, now)
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
    if _took_nothing(answer):
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


def _took_nothing(answer: SendError) -> bool:
    """Whether this message was not the matter: it may go again, whoever was busy."""
    return answer.untried or answer.backs_off or answer.stops_lane


def _forget_untried(results: Sequence[Result]) -> None:
    """Take back the attempts that said nothing of their message: they were none."""
    untried = [
        result.handover.outgoing.idempotency_key
        for result in results
        if isinstance(result.answer, SendError) and _took_nothing(result.answer)
    ]
    if untried:
        Attempt.objects.filter(idempotency_key__among=untried).delete()


FINISH = """
UPDATE notices_attempt AS attempt
SET result = answer.result, provider_reference = answer.provider_reference,
    error = answer.error, segments = answer.segments, price = answer.price,
    currency = answer.currency,
    finished_at = CASE WHEN answer.result <> 'unknown' THEN %s END
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::numeric[],
            %s::text[])
    AS answer (idempotency_key, result, provider_reference, error, segments, price,
               currency)
WHERE attempt.idempotency_key = answer.idempotency_key
  -- That nobody knows says nothing more where somebody has found out meanwhile.
  AND (attempt.finished_at IS NULL OR answer.result <> 'unknown')
"""


def _finish_attempts(results: Sequence[Result], now: dt.datetime) -> None:
    """Close the attempts; one whose outcome nobody knows stays open."""
    keys = [result.handover.outgoing.idempotency_key for result in results]
    words, references, errors = zip(
        *(_written(result.answer) for result in results), strict=True
    )
    bills = zip(*(_billed(result.answer) for result in results), strict=True)
    told = [keys, list(words), list(references), list(errors), *map(list, bills)]
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [now, *told])


def _billed(answer: Receipt | SendError) -> tuple[int | None, Decimal | None, str]:
    """Return the parts, the price and the currency of an answer."""
    if isinstance(answer, Receipt):
        return answer.segments, answer.price, answer.currency[:3]
    return None, None, ""


def _written(answer: Receipt | SendError) -> tuple[str, str, str]:
    """Return the result, the provider's reference and the error of an answer."""
    if isinstance(answer, Receipt):
        # PostgreSQL keeps no NUL; one in a reference must not lose its whole group.
        reference = answer.provider_reference.replace("\0", "")
        return Attempt.Result.ACCEPTED, reference[:200], ""
    if answer.unknown:
        return Attempt.Result.UNKNOWN, "", answer.code[:300]
    refused = Attempt.Result.REFUSED if answer.permanent else Attempt.Result.TRY_LATER
    return refused, "", answer.code[:300]


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
