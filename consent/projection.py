"""Where the history of consents stands now, computed by the database in one go.

Events count by their day, and on one day by the order of recording. An invitation and
what was shown never move a consent; a yes that is not proven yet and a "no, thanks"
never take back a proven one: only what says so withdraws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

# Stand wherever they come last.
DECIDING = ("granted", "unproven", "withdrawn", "stale", "expired", "superseded")
# Stand too, unless the last deciding one is "granted".
YIELDING = ("pending", "refused")

# The columns of ConsentState that are the standing event's own.
COPIED = ("categories", "address_print", "effective_at", "valid_until", "hwsw_version")

_PROJECT = """
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
    INSERT INTO consent_consentstate AS kept
        (customer_id, subject, state, since, event_id, {copied})
    SELECT DISTINCT ON (customer_id, subject)
        customer_id, subject, state, effective_on, id, {copied}
    FROM weighed
    WHERE place >= COALESCE(decided, 0)
        AND (place = decided OR COALESCE(granted, 0) IS DISTINCT FROM decided)
    ORDER BY customer_id, subject, place DESC
    ON CONFLICT (customer_id, subject) DO UPDATE
    SET state = EXCLUDED.state, since = EXCLUDED.since, event_id = EXCLUDED.event_id,
        {assigned}
    WHERE (kept.state, kept.since, kept.event_id, {kept})
        IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.since, EXCLUDED.event_id, {new})
"""
_PARTS = {
    "copied": ", ".join(COPIED),
    "assigned": ", ".join(f"{name} = EXCLUDED.{name}" for name in COPIED),
    "kept": ", ".join(f"kept.{name}" for name in COPIED),
    "new": ", ".join(f"EXCLUDED.{name}" for name in COPIED),
}


def project_states(of_whom: str = "true", **parameters: Any) -> None:
    """Bring ConsentState in line with ConsentEvent for the customers that an SQL
    condition on ``customer_id`` names; all by default."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PROJECT.format(of_whom=of_whom, **_PARTS),
            {
                "counting": [*DECIDING, *YIELDING],
                "deciding": list(DECIDING),
                **parameters,
            },
        )


def project_customers(customer_ids: Sequence[int]) -> None:
    """Bring the states of some customers in line with their histories."""
    project_states("customer_id = ANY(%(customers)s)", customers=list(customer_ids))
