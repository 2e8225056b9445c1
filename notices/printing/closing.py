"""Closes a run: asks again, sets, and stores file by file, resumable at any point.

A batch of letters is claimed and asked about; set without any lock, since that takes a
minute; and then asked about once more in the very transaction that stores its file
and says that they are printed. Whoever paid in that minute is left out and the file
written without them. So a letter is on paper if and only if its notice says so: a
worker that dies leaves claims, which go back into line, and no file. Nothing is printed
twice or lost, and any number of workers may close the same run.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from notices.claims import Clock, Move, move
from notices.models import (
    PrintEvent,
    PrintItem,
    PrintRun,
    Stream,
)
from notices.outbound import is_open
from notices.people import lock_people
from notices.printing.bundles import Ready, bundles_of
from notices.printing.runs import note
from notices.printing.storing import claimed_notices, facts_for, store
from notices.printing.weights import part_of, sheets_of
from notices.readying import triage
from notices.render import Facts, compile_version
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.run import Printed
from notices.replay.run import PrintedLetters, print_letters
from notices.states import State

# Letters in one file: what a folding machine takes in a box, and a minute of work.
FILE_SIZE = 500


class Left(StrEnum):
    """What a worker leaves of a run when it stops."""

    # The run is closed, or ended otherwise.
    NOTHING = "nothing"
    # There was no time for the rest.
    WORK = "work"
    # All the rest is in the hands of other workers, living or dead.
    OTHERS = "others"


def close_some(*, run_id: int, clock: Clock, seconds: float = 60.0) -> Left:
    """Print the letters of a closing run for up to ``seconds``; return what is left.

    ``clock`` gives the aware instant by which debts and permission are judged.
    """
    run = PrintRun.objects.select_related("brand").get(pk=run_id)
    if not is_open():
        # Nothing is printed while everything is stopped; the next pass rings again.
        return Left.OTHERS
    stop_at = time.monotonic() + seconds
    while run.state == PrintRun.State.CLOSING and time.monotonic() < stop_at:
        token = uuid.uuid4()
        ids = _claim(run, clock(), token)
        if ids:
            _print_batch(run, ids, token, clock, stop_at)
        elif not _finish(run, clock()):
            return Left.OTHERS
        run.refresh_from_db(fields=["state"])
    return Left.WORK if run.state == PrintRun.State.CLOSING else Left.NOTHING


# As a CTE that locks: PostgreSQL runs such a one once, whatever the planner thinks, and
# the word says so to the reader. A plain subquery may be run more than once, and would
# each time skip the rows just locked and take as many again.
CLAIM = """
WITH next AS MATERIALIZED (
    SELECT notice.id
    FROM notices_printitem AS item
    JOIN notices_notice AS notice ON notice.id = item.notice_id
    JOIN notices_stream AS stream ON stream.id = notice.stream_id
    WHERE item.run_id = %(run)s AND item.state = 'waiting'
      AND notice.state = 'scheduled' AND notice.not_before <= %(now)s
      AND stream.state = 'running'
      AND EXISTS (SELECT FROM notices_outbound WHERE stopped_at IS NULL)
    ORDER BY item.place, item.id
    LIMIT %(size)s
    FOR UPDATE OF notice SKIP LOCKED
)
UPDATE notices_notice AS notice
SET state = 'claimed', claim_token = %(token)s,
    lease_until = now() + make_interval(secs => %(lease)s)
FROM next WHERE notice.id = next.id
RETURNING notice.id
"""


def _claim(run: PrintRun, now: dt.datetime, token: uuid.UUID) -> list[int]:
    """Take the next letters of a run, a file's worth; they are ours for the lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "token": token,
                "lease": settings.LEASE_SECONDS,
                "run": run.pk,
                "now": now,
                "size": FILE_SIZE,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _print_batch(
    run: PrintRun, ids: Sequence[int], token: uuid.UUID, clock: Clock, stop_at: float
) -> None:
    """Take one batch all the way; what there was no time for goes back into line."""
    stop_at = min(stop_at, time.monotonic() + settings.LEASE_SECONDS / 3)
    now = clock()
    ready = _ask(run, ids, token, now)
    letters = print_letters(_while_time(ready, stop_at))
    _hold_faulty(run, ready, letters, token)
    wanted = [at for at, one in enumerate(letters.outcomes) if isinstance(one, Printed)]
    while wanted:
        bundles = bundles_of(run, ready, letters, wanted)
        changed = store(run, bundles, token, clock)
        if not changed:
            break
        wanted = [at for at in wanted if ready[at].notice.pk not in changed]
    # Whatever is still claimed was not stored: no time was left, or facts changed.
    move(
        token=token,
        source=State.CLAIMED,
        moves=[Move(pk, State.SCHEDULED) for pk in ids],
    )


def _while_time(
    ready: Sequence[Ready], stop_at: float
) -> Iterator[tuple[CompiledTemplate, Facts]]:
    for number, one in enumerate(ready):
        # One at least, so that a run always comes forward.
        if number and time.monotonic() > stop_at:
            return
        yield one.compiled, one.facts


def _ask(
    run: PrintRun, ids: Sequence[int], token: uuid.UUID, now: dt.datetime
) -> list[Ready]:
    """Ask whether each letter may go; take out those that may not, with the reason.

    Returns the others in the order of their run.
    """
    with transaction.atomic():
        _lock(run)
        notices = claimed_notices(ids, token)
        people = lock_people(one.customer_id for one in notices)
        allowed, moves = triage(notices, people, now)
        ready = []
        facts = facts_for(run, allowed, people, now)
        for verdict in allowed:
            try:
                compiled = compile_version(
                    verdict.notice.template, verdict.notice.channel
                )
            except RenderError as error:
                moves.append(Move(verdict.notice.pk, State.HELD, error.code))
            else:
                known = facts[verdict.notice.pk]
                ready.append(Ready(verdict.notice, known, compiled))
        _pull(run, moves, token)
    places = dict(run.items.filter(notice__in=ids).values_list("notice", "place"))
    return sorted(ready, key=lambda one: (places[one.notice.pk], one.notice.pk))


def _lock(run: PrintRun) -> PrintRun:
    """Take the run before any customer: workers that store its files do so too."""
    return PrintRun.objects.select_for_update().get(pk=run.pk)


def _pull(run: PrintRun, moves: Sequence[Move], token: uuid.UUID) -> None:
    """Take letters out of the run, in the caller's transaction."""
    ours = move(token=token, source=State.CLAIMED, moves=moves)
    _take_out(
        run, {one.notice_id: one.reason for one in moves if one.notice_id in ours}
    )


def _take_out(run: PrintRun, reasons: dict[int, str]) -> None:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for notice_id, reason in reasons.items():
        by_reason[reason].append(notice_id)
    for reason, ids in by_reason.items():
        run.items.filter(notice__in=ids, state=PrintItem.State.WAITING).update(
            state=PrintItem.State.PULLED, reason=reason
        )
    if reasons:
        PrintRun.objects.filter(pk=run.pk).update(pulled=F("pulled") + len(reasons))


@transaction.atomic
def _hold_faulty(
    run: PrintRun, ready: Sequence[Ready], letters: PrintedLetters, token: uuid.UUID
) -> None:
    """Give to staff what cannot be set or is too heavy; the rest goes on."""
    moves = []
    for one, outcome in zip(ready, letters.outcomes, strict=False):
        if isinstance(outcome, RenderError):
            moves.append(Move(one.notice.pk, State.HELD, outcome.code))
        elif part_of(run.channel, sheets_of(outcome.pages, duplex=run.duplex)) is None:
            moves.append(Move(one.notice.pk, State.HELD, "too_heavy"))
    if moves:
        _lock(run)
        _pull(run, moves, token)


@transaction.atomic
def _finish(run: PrintRun, now: dt.datetime) -> bool:
    """Close a run with nothing left to print; False while others work on it."""
    run = _lock(run)
    if run.state != PrintRun.State.CLOSING:
        return True
    left = run.items.filter(state=PrintItem.State.WAITING).select_related(
        "notice__stream"
    )
    reasons = {}
    for item in left:
        notice = item.notice
        if notice.state == State.CLAIMED:
            return False
        if notice.state == State.SCHEDULED and notice.not_before <= now:
            if notice.stream.state == Stream.State.RUNNING:
                return False
            reasons[notice.pk] = "print_stream_stopped"
        else:
            reasons[notice.pk] = notice.reason or "print_gone"
    _take_out(run, reasons)
    # A run of which every letter was taken out has nothing to post.
    run.state = PrintRun.State.CLOSED if run.letters else PrintRun.State.CANCELLED
    run.closed_at = now
    run.save(update_fields=["state", "closed_at"])
    verb = PrintEvent.Verb.CLOSED if run.letters else PrintEvent.Verb.CANCELLED
    note(run, verb, "", now, "" if run.letters else "every letter was taken out")
    return True
