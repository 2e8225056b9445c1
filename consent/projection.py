"""Where the history of consents stands now, computed by the database in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

# The newest event of each customer and subject, by its day and then by the order of
# recording: the same rule as ConsentEventQuerySet.newest_per_subject.
_PROJECT = """
    INSERT INTO consent_consentstate AS kept
        (customer_id, subject, state, since, event_id)
    SELECT DISTINCT ON (customer_id, subject)
        customer_id, subject, state, effective_on, id
    FROM consent_consentevent
    WHERE {of_whom}
    ORDER BY customer_id, subject, effective_on DESC, id DESC
    ON CONFLICT (customer_id, subject) DO UPDATE
    SET state = EXCLUDED.state, since = EXCLUDED.since, event_id = EXCLUDED.event_id
    WHERE (kept.state, kept.since, kept.event_id)
        IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.since, EXCLUDED.event_id)
"""


def project_states(of_whom: str = "true", parameters: Sequence[Any] = ()) -> None:
    """Bring ConsentState in line with ConsentEvent for the customers that an SQL
    condition on ``customer_id`` names; all by default."""
    with connection.cursor() as cursor:
        cursor.execute(_PROJECT.format(of_whom=of_whom), parameters)
