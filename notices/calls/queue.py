"""The calls that may be made now, in the order in which they are offered.

Who asked to be called comes first, then who missed a promise, then who owes most
among those who owe in the same currency: sums of two currencies are never compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min, QuerySet

from customers.calendars import local_day
from notices.calls.desk import open_streams
from notices.models import CallRecord, CallTask, Channel, Notice
from notices.states import State

# Paid, on hold or asleep is not offered, though the desk may not be cleared yet.
OFFERED = """
WITH offered AS MATERIALIZED (
    SELECT task.notice_id, task.wanted_at, owed.amount, owed.currency,
           owed.invoices, owed.oldest_due_on, missed.promise_on,
           percent_rank() OVER (PARTITION BY owed.currency ORDER BY owed.amount)
               AS weight
    FROM notices_notice AS notice
    JOIN notices_calltask AS task ON task.notice_id = notice.id
    JOIN notices_stream AS stream ON stream.id = notice.stream_id
    JOIN notices_brand AS brand ON brand.id = stream.brand_id
    CROSS JOIN LATERAL (
        SELECT (%(now)s AT TIME ZONE brand.time_zone)::date AS day
    ) AS today
    CROSS JOIN LATERAL (
        SELECT sum(invoice.open_amount) AS amount, min(invoice.currency) AS currency,
               count(*) AS invoices, min(invoice.due_on) AS oldest_due_on
        FROM notices_noticeitem AS item
        JOIN customers_invoice AS invoice ON invoice.id = item.invoice_id
        WHERE item.notice_id = notice.id AND invoice.status = 'open'
          AND NOT EXISTS (
              SELECT FROM customers_hold AS hold
              WHERE hold.customer_id = notice.customer_id
                AND (hold.invoice_id IS NULL OR hold.invoice_id = invoice.id)
                AND hold.starts_on <= today.day
                AND (hold.ends_on IS NULL OR hold.ends_on >= today.day)
          )
    ) AS owed
    CROSS JOIN LATERAL (
        SELECT max(hold.ends_on) AS promise_on
        FROM customers_hold AS hold
        WHERE hold.customer_id = notice.customer_id AND hold.reason = 'promise'
          AND hold.ends_on < today.day AND hold.lifted_by = ''
          AND (hold.invoice_id IS NULL OR EXISTS (
              SELECT FROM notices_noticeitem AS item
              JOIN customers_invoice AS invoice ON invoice.id = item.invoice_id
              WHERE item.notice_id = notice.id AND invoice.id = hold.invoice_id
                AND invoice.status = 'open'
          ))
    ) AS missed
    WHERE notice.state = 'calling' AND notice.stream_id = ANY(%(streams)s)
      AND task.callable_until > %(now)s AND owed.amount > 0
)
"""
ORDER = """
ORDER BY offered.wanted_at IS NULL, offered.wanted_at, offered.promise_on IS NULL,
         offered.weight DESC, offered.notice_id
"""
NEXT = (
    OFFERED
    + """
SELECT task.notice_id FROM offered
JOIN notices_calltask AS task ON task.notice_id = offered.notice_id
WHERE task.locked_until IS NULL OR task.locked_until <= %(now)s
"""
    + ORDER
    + "LIMIT 1 FOR UPDATE OF task SKIP LOCKED"
)
LISTED = (
    OFFERED
    + """
SELECT offered.notice_id, offered.amount, offered.currency, offered.invoices,
       offered.oldest_due_on, offered.promise_on, count(*) OVER ()
FROM offered
"""
    + ORDER
    + "LIMIT %(most)s"
)
COUNTED = (
    OFFERED
    + """
SELECT count(*) FROM (
    SELECT FROM offered
    JOIN notices_calltask AS task ON task.notice_id = offered.notice_id
    WHERE task.locked_until IS NULL OR task.locked_until <= %(now)s
    LIMIT %(most)s
) AS free
"""
)


def lock_next(now: dt.datetime) -> int | None:
    """Lock the next free call and return its notice's id; None when there is none.

    It stays locked until the caller's transaction ends; two callers never get the
    same one, and neither waits for the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"now": now, "streams": open_streams(now)})
        row = cursor.fetchone()
    return row[0] if row else None


def count_free(now: dt.datetime, *, most: int) -> int:
    """Return how many calls wait for somebody to make them now, ``most`` at most."""
    told: dict[str, Any] = {"now": now, "streams": open_streams(now), "most": most}
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, told)
        number: int = cursor.fetchone()[0]
    return number


@dataclass(frozen=True, slots=True)
class Line:
    """One call of the queue; ``held_by`` is who has it in hand, if anybody."""

    task: CallTask
    amount: Decimal
    currency: str
    invoices: int
    days_late: int
    promise_missed_on: dt.date | None
    held_by: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The first calls of the queue, and how many there are in all."""

    lines: list[Line]
    total: int


def queue(now: dt.datetime, *, most: int = 50) -> Queue:
    """Return the calls that may be made now, as they are offered: three queries."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED, {"now": now, "streams": open_streams(now), "most": most})
        rows = cursor.fetchall()
    tasks = CallTask.objects.select_related(
        "notice__customer", "notice__stream__brand"
    ).defer("notice__stream__brand__logo", "script")
    by_id = tasks.in_bulk([row[0] for row in rows])
    return Queue(
        [_line(by_id[row[0]], row, now) for row in rows], rows[0][6] if rows else 0
    )


def _line(task: CallTask, row: Sequence[object], now: dt.datetime) -> Line:
    _, amount, currency, invoices, oldest, promise_on, _ = row
    day = local_day(now, task.notice.stream.brand.time_zone)
    return Line(
        task=task,
        amount=amount,  # type: ignore[arg-type]
        currency=currency,  # type: ignore[arg-type]
        invoices=invoices,  # type: ignore[arg-type]
        days_late=max((day - oldest).days, 0),  # type: ignore[operator]
        promise_missed_on=promise_on,  # type: ignore[arg-type]
        held_by=task.locked_by if task.is_in_hand(now) else "",
    )


@dataclass(frozen=True, slots=True)
class Later:
    """The next day on which calls wait in line, and how many."""

    day: dt.date
    number: int


def later(now: dt.datetime, zone: str) -> Later | None:
    """Return what comes after today's calls, by the days of ``zone``: two queries."""
    waiting = Notice.objects.filter(
        state=State.SCHEDULED, channel=Channel.CALL, stream__state="running"
    )
    first = waiting.aggregate(first=Min("not_before"))["first"]
    if first is None:
        return None
    day = local_day(max(first, now), zone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), ZoneInfo(zone))
    return Later(day, waiting.filter(not_before__lt=end).count())


def to_do() -> QuerySet[CallRecord]:
    """Return what is left to be done after calls, oldest first."""
    return (
        CallRecord.objects.exclude(follow_up="")
        .filter(done_at__isnull=True, undone_at__isnull=True)
        .select_related("notice__customer")
        .order_by("pk")
    )
