"""Writes down what the ladder decided for one chunk: notices, items, decisions.

A handful of statements a chunk, whatever its size. What is already there is left alone,
so that a chunk written twice adds nothing.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.utils import CursorWrapper

from campaigns.compose import Planned
from customers.lookups import array_of
from notices.models import Notice, new_references

NOTICES = """
INSERT INTO notices_notice
    (dedupe_key, reference, customer_id, template_id, channel, not_after, not_before,
     stream_id, kind, legal,
     dunning, lane, planned_on, state, reason, tries, created_at)
SELECT planned.*, %s, 'reminder', 'none', true, %s, %s, 'scheduled', '', 0, now()
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
            %s::timestamptz[], %s::timestamptz[])
    AS planned (dedupe_key, reference, customer_id, template_id, channel, not_after,
                not_before)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING dedupe_key, id
"""

ALREADY_THERE = "SELECT dedupe_key, id FROM notices_notice WHERE dedupe_key = ANY(%s)"

ITEMS = """
INSERT INTO notices_noticeitem (notice_id, invoice_id)
SELECT * FROM unnest(%s::bigint[], %s::bigint[])
ON CONFLICT (notice_id, invoice_id) DO NOTHING
"""

DECISIONS = """
INSERT INTO campaigns_decision
    (decided_on, undone, enrolment_id, step_id, outcome, channel, notice_id)
SELECT %s, false, planned.*
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[])
    AS planned
ON CONFLICT (enrolment_id, step_id) WHERE NOT undone DO NOTHING
"""

ENROLMENTS = """
UPDATE campaigns_enrolment AS enrolment
SET closed_steps = planned.closed_steps,
    next_on = planned.next_on,
    last_contact_on = COALESCE(planned.last_contact_on, enrolment.last_contact_on),
    state = planned.state
FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::text[])
    AS planned (id, closed_steps, next_on, last_contact_on, state)
-- What was paid since the chunk was read stays off the ladder.
WHERE enrolment.id = planned.id AND enrolment.state = 'active'
"""


def write_plan(planned: Planned) -> int:
    """Write one chunk's answers in the caller's transaction; return new notices."""
    composed = 0
    with connection.cursor() as cursor:
        ids: list[int] = []
        if planned.notices:
            ids, composed = _write_notices(cursor, planned)
            places, invoices = zip(*planned.items, strict=True)
            items = [[ids[place] for place in places], invoices]
            cursor.execute(ITEMS, [array_of(column) for column in items])
        if planned.decisions:
            *columns, places = zip(*planned.decisions, strict=True)
            notice_ids = [None if place is None else ids[place] for place in places]
            told = [array_of(column) for column in (*columns, notice_ids)]
            cursor.execute(DECISIONS, [planned.day, *told])
        enrolments = zip(*planned.enrolments, strict=True)
        cursor.execute(ENROLMENTS, [array_of(column) for column in enrolments])
    return composed


def _write_notices(cursor: CursorWrapper, planned: Planned) -> tuple[list[int], int]:
    """Write the notices; return the id of each in order, and how many are new."""
    keys, *columns = zip(*planned.notices, strict=True)
    references = new_references(len(keys))
    cursor.execute(
        NOTICES,
        [
            planned.campaign.stream_id,
            Notice.Lane.REMINDER,
            planned.day,
            *(array_of(column) for column in (keys, references, *columns)),
        ],
    )
    ids: dict[str, int] = dict(cursor.fetchall())
    composed = len(ids)
    if composed < len(keys):
        cursor.execute(ALREADY_THERE, [[key for key in keys if key not in ids]])
        ids.update(cursor.fetchall())
    return [ids[key] for key in keys], composed
