"""Who works on which notice: claims with tokens and leases, and guarded moves.

A claim is one UPDATE over rows locked with SKIP LOCKED; every later move names the
state and the token it expects, so that a worker which lost its claim changes nothing.
Leases run on the database's own clock. Knows nothing of permission or providers.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from customers.lookups import array_of
from customers.plain import plain
from notices.states import State, check_move

Clock = Callable[[], dt.datetime]

# Hand-overs and dead workers a notice may cost before it is given up or to staff.
MAX_TRIES = 8


@plain
class Move:
    """Where one notice goes next, and why.

    ``untried`` takes back the try that a hand-over counted: the wire was not touched.
    """

    notice_id: int
    target: State
    reason: str = ""
    not_before: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    untried: bool = False

    @property
    def way(self) -> tuple[object, ...]:
        """All but which notice it is."""
        return (
            str(self.target),
            self.reason,
            self.not_before,
            self.sent_at,
            self.delivered_at,
            self.untried,
        )


CLAIM = """
UPDATE notices_notice
SET state = 'claimed', claim_token = %(token)s,
    lease_until = now() + make_interval(secs => %(lease)s)
WHERE id IN (
    SELECT notice.id FROM notices_notice AS notice
    WHERE notice.stream_id = %(stream)s AND notice.channel = %(channel)s
      AND notice.state = 'scheduled' AND notice.not_before <= %(now)s
      AND EXISTS (
          SELECT FROM notices_stream
          WHERE notices_stream.id = %(stream)s AND notices_stream.state = 'running'
      )
      AND EXISTS (SELECT FROM notices_outbound WHERE stopped_at IS NULL)
    ORDER BY notice.lane, notice.not_before, notice.id
    LIMIT %(size)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def claim(
    *, stream_id: int, channel: str, now: dt.datetime, size: int, token: uuid.UUID
) -> list[int]:
    """Take up to ``size`` due notices of a running stream and return their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "token": token,
                "lease": settings.LEASE_SECONDS,
                "stream": stream_id,
                "channel": channel,
                "now": now,
                "size": size,
            },
        )
        return sorted(row[0] for row in cursor.fetchall())


MOVE = """
UPDATE notices_notice AS notice
SET state = move.state,
    reason = move.reason,
    not_before = COALESCE(move.not_before, notice.not_before),
    sent_at = COALESCE(move.sent_at, notice.sent_at),
    delivered_at = COALESCE(move.delivered_at, notice.delivered_at),
    tries = notice.tries + CASE
        WHEN move.state IN ('handing_off', 'printing') THEN 1
        WHEN move.untried THEN -1 ELSE 0 END,
    claim_token = CASE WHEN move.state = 'handing_off' THEN notice.claim_token END,
    lease_until = CASE WHEN move.state = 'handing_off'
        THEN now() + make_interval(secs => %(lease)s) END
FROM unnest(%(ids)s::bigint[], %(which)s::int[]) AS one (id, which)
JOIN unnest(
    %(states)s::text[], %(reasons)s::text[],
    %(not_befores)s::timestamptz[], %(sent_ats)s::timestamptz[],
    %(delivered_ats)s::timestamptz[], %(untried)s::boolean[]
) WITH ORDINALITY
    AS move (state, reason, not_before, sent_at, delivered_at, untried, which)
    USING (which)
WHERE notice.id = one.id AND notice.state = %(source)s
"""
# A hand-over, to a wire or to the print room, also asks whether the stream still
# runs and sending is not stopped altogether: both take effect here.
MINE = """
  AND notice.claim_token = %(token)s
  AND (
      move.state NOT IN ('handing_off', 'printing')
      OR EXISTS (
          SELECT FROM notices_stream AS stream
          WHERE stream.id = notice.stream_id AND stream.state = 'running'
      )
      AND EXISTS (SELECT FROM notices_outbound WHERE stopped_at IS NULL)
  )
RETURNING notice.id
"""
IN_DOUBT = """
  AND EXISTS (
      SELECT FROM notices_attempt AS attempt
      WHERE attempt.notice_id = notice.id AND attempt.finished_at IS NULL
        AND attempt.idempotency_key = ANY(%(keys)s)
  )
RETURNING notice.id
"""


def move(*, token: uuid.UUID, source: State, moves: Sequence[Move]) -> set[int]:
    """Move claimed notices on; return those that were still ours to move.

    :raises IllegalMove: the table of states does not allow one of the moves.
    """
    return _moved(MOVE + MINE, source, moves, token=token)


def move_late(*, keys: Sequence[str], moves: Sequence[Move]) -> set[int]:
    """Move unknown notices by the provider's own answer, which came after the lease.

    ``keys`` are those of the attempts that were answered: one that was settled
    meanwhile, by a look-up or by staff, is left as it is. Return those moved.

    :raises IllegalMove: the table of states does not allow one of the moves.
    """
    return _moved(MOVE + IN_DOUBT, State.UNKNOWN, moves, keys=list(keys))


def _moved(
    statement: str, source: State, moves: Sequence[Move], **whose: Any
) -> set[int]:
    if not moves:
        return set()
    for target in {one.target for one in moves}:
        check_move(source, target)
    # Most of a batch go the same way: that is said once.
    ways: dict[tuple[object, ...], int] = {}
    which = [ways.setdefault(one.way, len(ways) + 1) for one in moves]
    states, reasons, not_befores, sent_ats, delivered_ats, untried = zip(
        *ways, strict=True
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                **whose,
                "source": source,
                "lease": settings.LEASE_SECONDS,
                "ids": array_of(one.notice_id for one in moves),
                "which": array_of(which),
                "states": list(states),
                "reasons": list(reasons),
                "not_befores": list(not_befores),
                "sent_ats": list(sent_ats),
                "delivered_ats": list(delivered_ats),
                "untried": list(untried),
            },
        )
        return {row[0] for row in cursor.fetchall()}


SWEEP = """
UPDATE notices_notice
SET state = CASE state WHEN 'claimed' THEN 'scheduled' ELSE 'unknown' END,
    tries = tries + CASE state WHEN 'claimed' THEN 1 ELSE 0 END,
    claim_token = NULL, lease_until = NULL
WHERE state IN ('claimed', 'handing_off') AND lease_until < now()
RETURNING id, state
"""


@dataclass(frozen=True, slots=True)
class Swept:
    """What dead workers left behind."""

    back_in_line: int
    unknown: tuple[int, ...]


def sweep() -> Swept:
    """Free the notices of workers whose lease ran out.

    What was only claimed goes back into line: nothing had left us. It counts as a try,
    so that a notice that kills its workers ends with staff. What was being
    handed over may have left us: it is unknown, and never sent again blindly.
    """
    check_move(State.CLAIMED, State.SCHEDULED)
    check_move(State.HANDING_OFF, State.UNKNOWN)
    with connection.cursor() as cursor:
        cursor.execute(SWEEP)
        rows = cursor.fetchall()
    unknown = tuple(sorted(row[0] for row in rows if row[1] == State.UNKNOWN))
    return Swept(back_in_line=len(rows) - len(unknown), unknown=unknown)
