"""Files brought in with the consents they state, in one transaction.

An imported date of e-delivery consent is a note without proof (``unproven``); an
imported date of SMS permission counts as permission. Neither weakens what Duly knows
better: a proven consent stays proven, and a withdrawal stands against older dates.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.db.backends.utils import CursorWrapper

from consent.ledger import record_many
from consent.streaming import streamed
from consent.told import Told
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
    for subject, column, state in _STATED:
        if column in table.fields:
            _record(cursor, table, subject, column, state)


def _record(
    cursor: CursorWrapper, table: Table, subject: str, column: str, state: str
) -> None:
    """Add to the history what it does not hold yet.

    Of several dates for one customer the earliest counts. A row that brought a date
    is counted as changed, even where all else stood already.
    """
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_consent")
    # Looked up before it is written: a statement that fills the table it looks into
    # would be planned for the table as it was.
    cursor.execute(
        f"""
        CREATE TEMP TABLE import_consent ON COMMIT DROP AS
        WITH stated AS (
            SELECT customer_id, min({column}) AS since FROM {PLAN}
            WHERE {column} IS NOT NULL GROUP BY customer_id
        )
        SELECT customer_id, since FROM stated
        WHERE NOT EXISTS (
            SELECT FROM consent_consentevent e
            WHERE e.customer_id = stated.customer_id AND e.subject = %(subject)s
                AND e.method = 'import' AND e.effective_on = stated.since
        ) AND NOT EXISTS (
            SELECT FROM consent_consentstate kept
            WHERE kept.customer_id = stated.customer_id AND kept.subject = %(subject)s
                AND kept.state = 'granted' AND %(state)s = 'unproven'
        )
        """,  # noqa: S608 - names of our own, values as parameters
        {"subject": subject, "state": state},
    )
    evidence = {"file": table.path.name[:200], "sha256": table.sha256}
    record_many(
        Told(
            customer_id=customer,
            subject=subject,
            state=state,
            method="import",
            effective_on=since,
            evidence=evidence,
        )
        for customer, since in streamed(
            "SELECT customer_id, since FROM import_consent ORDER BY customer_id"
        )
    )
    cursor.execute(
        f"""
        UPDATE {PLAN} p SET outcome = 'changed' FROM import_consent c
        WHERE p.outcome = 'unchanged' AND p.customer_id = c.customer_id
            AND p.{column} = c.since
        """  # noqa: S608 - names of our own, no value
    )
