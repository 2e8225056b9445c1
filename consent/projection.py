"""Where the history of consents stands now, computed by the database in one go.

Events count by their day, and on one day by the order of recording. An invitation and
what was shown never move a consent; a yes that is not proven yet and a "no, thanks"
never take back a proven one: only what says so withdraws it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from consent.streaming import streamed

# Stand wherever they come last.
DECIDING = ("granted", "unproven", "withdrawn", "stale", "expired", "superseded")
# Stand too, unless the last deciding one is "granted".
YIELDING = ("pending", "refused")

# The columns of ConsentState that are the standing event's own.
COPIED = ("categories", "address_print", "effective_at", "valid_until", "hwsw_version")

_STANDING = """
    WITH told AS (
        SELECT customer_id, subject, state, effective_on, id, {copied},
            row_number() OVER one AS place
        FROM consent_consentevent
        WHERE state = ANY(%(counting)s) AND {of_whom}
        WINDOW one AS (
            PARTITION BY customer_id, subject ORDER BY effective_on, seq
        )
    ), weighed AS (
        SELECT *,
            max(place) FILTER (WHERE state = ANY(%(deciding)s)) OVER one AS decided,
            max(place) FILTER (WHERE state = 'granted') OVER one AS granted
        FROM told WINDOW one AS (PARTITION BY customer_id, subject)
    )
    SELECT DISTINCT ON (customer_id, subject)
        customer_id, subject, state, effective_on AS since, id AS event_id, {copied}
    FROM weighed
    WHERE place >= COALESCE(decided, 0)
        AND (place = decided OR COALESCE(granted, 0) IS DISTINCT FROM decided)
    ORDER BY customer_id, subject, place DESC
"""
_PROJECT = """
    INSERT INTO consent_consentstate AS kept
        (customer_id, subject, state, since, event_id, {copied})
    {standing}
    ON CONFLICT (customer_id, subject) DO UPDATE
    SET state = EXCLUDED.state, since = EXCLUDED.since, event_id = EXCLUDED.event_id,
        {assigned}
    WHERE (kept.state, kept.since, kept.event_id, {kept})
        IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.since, EXCLUDED.event_id, {new})
"""
_DIFFERENT = """
    SELECT customer_id, subject FROM ({standing}) AS new
    FULL JOIN consent_consentstate AS kept USING (customer_id, subject)
    WHERE (kept.state, kept.since, kept.event_id, {kept})
        IS DISTINCT FROM (new.state, new.since, new.event_id, {rebuilt})
    ORDER BY customer_id, subject
"""
_COPIED = ", ".join(COPIED)
_PARTS = {
    "copied": _COPIED,
    "assigned": ", ".join(f"{name} = EXCLUDED.{name}" for name in COPIED),
    "kept": ", ".join(f"kept.{name}" for name in COPIED),
    "new": ", ".join(f"EXCLUDED.{name}" for name in COPIED),
    "rebuilt": ", ".join(f"new.{name}" for name in COPIED),
}
_STATES = {"counting": [*DECIDING, *YIELDING], "deciding": list(DECIDING)}


def project_states(of_whom: str = "true", **parameters: Any) -> None:
    """Bring ConsentState in line with ConsentEvent for the customers that an SQL
    condition on ``customer_id`` names; all by default."""
    standing = _STANDING.format(of_whom=of_whom, copied=_COPIED)
    with connection.cursor() as cursor:
        cursor.execute(
            _PROJECT.format(standing=standing, **_PARTS), {**_STATES, **parameters}
        )


def out_of_line() -> Iterator[tuple[int, str]]:
    """Yield customer id and subject where the state kept is not the state rebuilt."""
    standing = _STANDING.format(of_whom="true", copied=_COPIED)
    yield from streamed(_DIFFERENT.format(standing=standing, **_PARTS), _STATES)


def project_customers(customer_ids: Sequence[int]) -> None:
    """Bring the states of some customers in line with their histories."""
    project_states("customer_id = ANY(%(customers)s)", customers=list(customer_ids))
