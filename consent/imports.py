"""Files brought in with the consents they state, in one transaction.

An imported date of e-delivery consent is a note without proof (``unproven``); an
imported date of SMS permission counts as permission. Neither weakens what Duly knows
better: a proven consent stays proven, and a withdrawal stands against older dates.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.db.backends.utils import CursorWrapper

from consent.projection import project_states
from customers.imports.profile import Profile
from customers.imports.reader import Table
from customers.imports.run import Figures, run_import
from customers.imports.stage import PLAN

# Subject, column, and the state that an imported date stands for.
_STATED = (
    ("e_delivery", "e_delivery_consent_on", "unproven"),
    ("sms", "sms_permission_on", "granted"),
)


def import_file(
    *,
    kind: str,
    path: Path,
    profile: Profile,
    today: dt.date,
    dry_run: bool = False,
    rejects_to: Path | None = None,
) -> Figures:
    """Bring a file into the ledger, and the consents it states into the history.

    :raises FileRefused: the file as a whole cannot be used; nothing is changed.
    """
    return run_import(
        kind=kind,
        path=path,
        profile=profile,
        today=today,
        dry_run=dry_run,
        rejects_to=rejects_to,
        beside=_record_consents,
    )


def _record_consents(cursor: CursorWrapper, table: Table) -> None:
    recorded = 0
    for subject, column, state in _STATED:
        if column in table.fields:
            recorded += _record(cursor, table, subject, column, state)
    if recorded:
        project_states(
            f"customer_id IN (SELECT customer_id FROM {PLAN})"  # noqa: S608
        )


def _record(
    cursor: CursorWrapper, table: Table, subject: str, column: str, state: str
) -> int:
    """Add to the history what it does not hold yet; return for how many customers.

    Of several dates for one customer the earliest counts. A row that brought a date
    is counted as changed, even where all else stood already.
    """
    cursor.execute(
        f"""
        WITH stated AS (
            SELECT customer_id, min({column}) AS since FROM {PLAN}
            WHERE {column} IS NOT NULL GROUP BY customer_id
        ), recorded AS (
            INSERT INTO consent_consentevent (customer_id, subject, state, method,
                effective_on, recorded_at, actor, evidence)
            SELECT customer_id, %(subject)s, %(state)s, 'import', since, now(), '',
                jsonb_build_object('file', %(file)s::text, 'sha256', %(sha256)s::text)
            FROM stated
            WHERE NOT EXISTS (
                SELECT FROM consent_consentevent e
                WHERE e.customer_id = stated.customer_id AND e.subject = %(subject)s
                    AND e.method = 'import' AND e.effective_on = stated.since
            ) AND NOT EXISTS (
                SELECT FROM consent_consentstate kept
                WHERE kept.customer_id = stated.customer_id
                    AND kept.subject = %(subject)s
                    AND kept.state = 'granted' AND %(state)s = 'unproven'
            )
            RETURNING customer_id, effective_on
        ), marked AS (
            UPDATE {PLAN} p SET outcome = 'changed' FROM recorded
            WHERE p.outcome = 'unchanged' AND p.customer_id = recorded.customer_id
                AND p.{column} = recorded.effective_on
        )
        SELECT count(*) FROM recorded
        """,  # noqa: S608 - names of our own, values as parameters
        {
            "subject": subject,
            "state": state,
            "file": table.path.name,
            "sha256": table.sha256,
        },
    )
    return int(cursor.fetchone()[0])
