"""The rate and health of each provider, shared by all workers through one row.

Tokens are reserved in the transaction that claims notices, so that no number of workers
outruns the rate. A provider that is busy or away closes its lane for a while that
doubles with every failure in a row, and opens with a single probe; a provider that
tells us that we are at fault stops it until staff open it again. Knows no notice.

However often a provider fails, its lane is not stopped for that: one message asks it
again, at most every five minutes (LONGEST_PAUSE), so that an outage ends without a
person. That is the pause after repeated failures; Health calls it "Paused for safety",
with the reason, once it has lasted two minutes.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from notices.senders import Receipt, SendError

# The bucket holds this many seconds of the rate: a claim is worth its statement, and
# a provider never sees a burst above it.
BUCKET_SECONDS = 2.0
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0
# A provider that asks for a longer pause is asked again then: one message tells.
LONGEST_ASKED = 3600.0
# As long as one message may be on any wire: connecting, asking and handing over.
PROBE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages may go now, and how many seconds to wait when none may."""

    messages: int
    wait: float = 0.0


READ = """
SELECT per_second, tokens,
    EXTRACT(EPOCH FROM clock_timestamp() - refilled_at)::float,
    EXTRACT(EPOCH FROM closed_until - clock_timestamp())::float,
    failures, stopped_at IS NOT NULL
FROM notices_providerlane WHERE name = %s
"""

MAKE = """
INSERT INTO notices_providerlane
    (name, per_second, tokens, refilled_at, failures, reason)
VALUES (%s, %s, 0, clock_timestamp() - interval '1 hour', 0, '')
ON CONFLICT DO NOTHING
"""

TAKE = """
UPDATE notices_providerlane SET tokens = %s, refilled_at = clock_timestamp()
WHERE name = %s
"""


PROBE = """
UPDATE notices_providerlane
SET probing_until = clock_timestamp() + make_interval(secs => %(seconds)s),
    probing_by = %(asker)s
WHERE name = %(name)s AND (
    probing_until IS NULL OR probing_until < clock_timestamp()
    OR probing_by = %(asker)s
)
"""


def reserve(
    name: str, want: int, *, asker: uuid.UUID | None = None, in_hand: int = 0
) -> Room:
    """Reserve up to ``want`` messages of a lane, in the caller's transaction.

    Where a provider was away, one message of all workers asks whether it is back, of
    the ``asker`` that came first: until it is answered, or :func:`give_up_probe`.
    ``in_hand`` are those the caller has on the wire already: their answers tell it.

    A lane seen for the first time takes its rate from settings.LANE_RATES. One with a
    rate is locked until the transaction ends.
    """
    with connection.cursor() as cursor:
        row = _row(cursor, name)
        if row is None:
            cursor.execute(MAKE, [name, settings.LANE_RATES.get(name)])
            return reserve(name, want, asker=asker, in_hand=in_hand)
        if row.is_stopped:
            return Room(0, LONGEST_PAUSE)
        if row.closed_for is not None and row.closed_for > 0:
            return Room(0, row.closed_for)
        if row.failures:
            return Room(0, FIRST_PAUSE) if in_hand else _probe(cursor, name, row, asker)
        return _take(cursor, name, row, want)


def _probe(
    cursor: CursorWrapper, name: str, row: _Row, asker: uuid.UUID | None
) -> Room:
    """Let one message ask whether the provider is back; the others wait for that."""
    cursor.execute(PROBE, {"seconds": PROBE_SECONDS, "name": name, "asker": asker})
    if not cursor.rowcount:
        return Room(0, FIRST_PAUSE)
    return _take(cursor, name, row, 1)


def _take(cursor: CursorWrapper, name: str, row: _Row, want: int) -> Room:
    """Take tokens for up to so many messages, where the lane has a rate."""
    rate = row.per_second
    if rate is None:
        return Room(want)
    row = _row(cursor, name, "FOR UPDATE") or row
    most = max(rate * BUCKET_SECONDS, 1.0)
    tokens = min(row.tokens + rate * row.since_refill, most)
    granted = min(want, int(tokens))
    if granted < 1:
        return Room(0, (1.0 - tokens) / rate)
    cursor.execute(TAKE, [tokens - granted, name])
    return Room(granted)


def give_up_probe(asker: uuid.UUID) -> None:
    """Let somebody else ask whether a provider is back: this one does not any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_providerlane SET probing_until = NULL, probing_by = NULL "
            "WHERE probing_by = %s",
            [asker],
        )


class _Row(NamedTuple):
    """A lane as it stands; times are seconds from now, a closed one's to come."""

    per_second: float | None
    tokens: float
    since_refill: float
    closed_for: float | None
    failures: int
    is_stopped: bool


def _row(cursor: CursorWrapper, name: str, lock: str = "") -> _Row | None:
    cursor.execute(READ + lock, [name])
    found = cursor.fetchone()
    return None if found is None else _Row(*found)


def charge(name: str, units: int) -> None:
    """Take ``units`` more from a lane, or give back what was not used (negative)."""
    if units:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE notices_providerlane SET tokens = tokens - %s "
                "WHERE name = %s AND per_second IS NOT NULL",
                [units, name],
            )


CLOSE = """
UPDATE notices_providerlane
SET failures = failures + 1, reason = %(reason)s, probing_until = NULL,
    probing_by = NULL,
    failing_since = COALESCE(failing_since, clock_timestamp()),
    closed_until = clock_timestamp() + make_interval(secs => GREATEST(
        %(least)s, LEAST(%(first)s * power(2, LEAST(failures, 20)), %(longest)s)
    ) * %(spread)s)
WHERE name = %(name)s AND (closed_until IS NULL OR closed_until < clock_timestamp())
"""

OPEN = """
UPDATE notices_providerlane
SET failures = 0, failing_since = NULL, closed_until = NULL, probing_until = NULL,
    probing_by = NULL, reason = ''
WHERE name = %s AND failures > 0 AND stopped_at IS NULL
"""

STOP = """
UPDATE notices_providerlane
SET stopped_at = COALESCE(stopped_at, clock_timestamp()), reason = %s,
    failing_since = COALESCE(failing_since, clock_timestamp())
WHERE name = %s
"""


def note_answers(name: str, answers: Iterable[Receipt | SendError]) -> None:
    """Let a lane learn from what its provider just said to some messages.

    One that takes them and never answers is away, too: else it would leave message
    after message that nobody knows the fate of.
    """
    refusals = []
    answered = False
    for answer in answers:
        if isinstance(answer, SendError):
            refusals.append(answer)
            answered |= not (answer.untried or answer.backs_off or answer.unknown)
        else:
            answered = True
    for refusal in refusals:
        if refusal.stops_lane:
            stop_lane(name=name, reason=refusal.code)
            return
    busy = [one for one in refusals if one.backs_off]
    if busy:
        _close(name, busy[0].code, max(one.retry_after or 0.0 for one in busy))
    elif not answered and (silent := [one for one in refusals if one.unknown]):
        _close(name, silent[0].code, 0.0)
    elif answered:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, [name])


def _close(name: str, reason: str, least: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE,
            {
                "name": name,
                "reason": reason[:200],
                "least": min(least, LONGEST_ASKED),
                "first": FIRST_PAUSE,
                "longest": LONGEST_PAUSE,
                # So that the workers of many lanes do not come back as one.
                "spread": random.uniform(1.0, 1.25),  # noqa: S311  (no secret)
            },
        )


def stop_lane(*, name: str, reason: str) -> None:
    """Let nothing more go by a lane until staff open it; the first stop stands."""
    with connection.cursor() as cursor:
        cursor.execute(STOP, [(reason or "stopped")[:200], name])


def open_lane(*, name: str) -> None:
    """Let a lane go on, beginning with one message that shows whether it may."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_providerlane SET stopped_at = NULL, closed_until = NULL, "
            "probing_until = NULL, probing_by = NULL, "
            "failing_since = COALESCE(failing_since, clock_timestamp()), "
            "failures = GREATEST(failures, 1) WHERE name = %s",
            [name],
        )
