"""Lays calls on the desk that are due and allowed, and takes stale ones off it.

Set-based: a batch is claimed, asked about like every other message, and laid out by
one statement. Nobody dials here; before anybody does, each call is asked about again
(notices.calls.hand).
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from customers.phone import ringing_zones
from customers.sealed import sealed_text
from notices.calls.times import callable_until
from notices.claims import Clock, Move, claim, move
from notices.gate import lawful_policy
from notices.models import Channel, Notice, Stream
from notices.outbound import is_stopped
from notices.people import Person, lock_people
from notices.readying import triage
from notices.served import is_called
from notices.states import State, check_move

BATCH = 200
# A call nobody found the time for must not stop the ladder for ever.
DUE_WITHIN = dt.timedelta(days=7)


def is_served() -> bool:
    """Whether calls are made by people here."""
    return is_called(Channel.CALL)


def open_streams(now: dt.datetime) -> list[int]:
    """Return the streams whose calls may be made now: running, and the firm open.

    The one place that says so: what stops all calls stands here.
    """
    if not is_served() or is_stopped():
        return []
    running = Stream.objects.filter(state=Stream.State.RUNNING).select_related("brand")
    return [one.pk for one in running.defer("brand__logo") if one.is_open(now)]


def lay_out(*, clock: Clock, seconds: float = 20.0) -> Counter[str]:
    """Lay the due calls on the desk; return how many went to each state.

    Safe to run any number of times at once.
    """
    stop_at = time.monotonic() + seconds
    done: Counter[str] = Counter()
    for stream_id in open_streams(clock()):
        done += _lay_out_of(stream_id, clock, stop_at)
    return done


def _lay_out_of(stream_id: int, clock: Clock, stop_at: float) -> Counter[str]:
    """Lay the due calls of one stream on the desk."""
    done: Counter[str] = Counter()
    while time.monotonic() < stop_at and stream_id in open_streams(clock()):
        token = uuid.uuid4()
        ids = claim(
            stream_id=stream_id,
            channel=Channel.CALL,
            now=clock(),
            size=BATCH,
            token=token,
        )
        if not ids:
            break
        done += _lay_out(ids, token, clock)
    return done


@transaction.atomic
def _lay_out(ids: Sequence[int], token: uuid.UUID, clock: Clock) -> Counter[str]:
    """Ask about a claimed batch, and move each call on."""
    notices = list(Notice.objects.claimed(ids, token).order_by("stream_id", "pk"))
    people = lock_people(one.customer_id for one in notices)
    now = clock()
    verdicts, moves = triage(notices, people, now)
    allowed = [
        (one.notice, _callable_until(one.notice, people, now)) for one in verdicts
    ]
    laid = _write(allowed, token, now)
    # What a pause kept from the desk goes back into line.
    moves += [Move(one.pk, State.SCHEDULED) for one, _ in allowed if one.pk not in laid]
    moved = move(token=token, source=State.CLAIMED, moves=moves)
    done = Counter(str(one.target) for one in moves if one.notice_id in moved)
    done[State.CALLING] += len(laid)
    return done


def _callable_until(
    notice: Notice, people: Mapping[int, Person], now: dt.datetime
) -> dt.datetime:
    person = people[notice.customer_id]
    return callable_until(
        now,
        zones=zones_of(person),
        quiet=lawful_policy(notice.stream.policy, person, now).quiet,
    )


def zones_of(person: Person) -> tuple[str, ...]:
    """Return the zones a customer's phone may ring in, as far as they name a place."""
    zones = ringing_zones(person.time_zone, person.phone)
    return tuple(zone for zone in zones if zone != "Etc/Unknown")


# The first day on the desk counts for the deadline, however often it comes back.
LAY_OUT = """
WITH laid AS (
    UPDATE notices_notice AS notice
    SET state = 'calling', reason = '', claim_token = NULL, lease_until = NULL
    FROM unnest(%(ids)s::bigint[], %(untils)s::timestamptz[])
        AS allowed (id, callable_until)
    WHERE notice.id = allowed.id AND notice.state = 'claimed'
      AND notice.claim_token = %(token)s
      AND EXISTS (
          SELECT FROM notices_stream AS stream
          WHERE stream.id = notice.stream_id AND stream.state = 'running'
      )
    RETURNING notice.id, allowed.callable_until
)
INSERT INTO notices_calltask
    (notice_id, laid_out_at, callable_until, due_by, tries, locked_by, phone, script)
SELECT id, %(now)s, callable_until, %(due_by)s, 0, '', %(phone)s, %(script)s FROM laid
ON CONFLICT (notice_id) DO UPDATE
SET callable_until = excluded.callable_until, locked_by = '', locked_until = NULL
RETURNING notice_id
"""


def _write(
    allowed: Sequence[tuple[Notice, dt.datetime]], token: uuid.UUID, now: dt.datetime
) -> set[int]:
    """Lay out what may be called; return which notices that were."""
    if not allowed:
        return set()
    check_move(State.CLAIMED, State.CALLING)
    with connection.cursor() as cursor:
        cursor.execute(
            LAY_OUT,
            {
                "ids": [one.pk for one, _ in allowed],
                "untils": [until for _, until in allowed],
                "token": token,
                "now": now,
                "due_by": now + DUE_WITHIN,
                # Written when somebody takes the call in hand.
                "phone": sealed_text("notices_calltask.phone", ""),
                "script": sealed_text("notices_calltask.script", ""),
            },
        )
        return {row[0] for row in cursor.fetchall()}


# What nobody has in hand and can no longer be called goes back into line, where the
# gate says what becomes of it: paid, on hold, or night by now.
CLEAR = """
WITH stale AS MATERIALIZED (
    SELECT task.notice_id, task.due_by <= %(now)s AS is_late
    FROM notices_notice AS notice
    JOIN notices_calltask AS task ON task.notice_id = notice.id
    JOIN notices_stream AS stream ON stream.id = notice.stream_id
    JOIN notices_brand AS brand ON brand.id = stream.brand_id
    WHERE notice.state = 'calling' AND stream.state = 'running'
      AND (task.locked_until IS NULL OR task.locked_until <= %(now)s)
      AND (
          task.callable_until <= %(now)s OR task.due_by <= %(now)s
          OR NOT EXISTS (
              SELECT FROM notices_noticeitem AS item
              JOIN customers_invoice AS invoice ON invoice.id = item.invoice_id
              WHERE item.notice_id = notice.id AND invoice.status = 'open'
                AND NOT EXISTS (
                    SELECT FROM customers_hold AS hold
                    WHERE hold.customer_id = notice.customer_id
                      AND (hold.invoice_id IS NULL OR hold.invoice_id = invoice.id)
                      AND hold.starts_on <= (%(now)s AT TIME ZONE brand.time_zone)::date
                      AND (hold.ends_on IS NULL OR hold.ends_on
                           >= (%(now)s AT TIME ZONE brand.time_zone)::date)
                )
          )
      )
    FOR UPDATE OF task SKIP LOCKED
), freed AS (
    UPDATE notices_calltask AS task SET locked_by = '', locked_until = NULL
    FROM stale WHERE task.notice_id = stale.notice_id
)
UPDATE notices_notice AS notice
SET state = CASE WHEN stale.is_late THEN 'failed' ELSE 'scheduled' END,
    reason = CASE WHEN stale.is_late THEN 'not_called' ELSE '' END
FROM stale WHERE notice.id = stale.notice_id AND notice.state = 'calling'
"""


def clear_desk(*, now: dt.datetime) -> int:
    """Take off the desk what can no longer be called; return how many.

    A call that lay there for a week has failed: the ladder takes another way.
    """
    check_move(State.CALLING, State.FAILED)
    check_move(State.CALLING, State.SCHEDULED)
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, {"now": now})
        cleared: int = cursor.rowcount
    return cleared
