"""Invoices out of a file: what is new, what differs, and writing both.

A day of payment in full stands in the ledger as a payment of its own, whose reference
is derived from the invoice number, so that the sum of payments always explains what
is open. If a later file takes the day back, that payment goes too: it came back.
"""

from __future__ import annotations

import datetime as dt

from django.db.backends.utils import CursorWrapper

from customers.actions import announce_payments
from customers.erased import refuse_erased
from customers.imports.checks import STANDING, refuse, refuse_doubles
from customers.imports.reader import Table
from customers.imports.stage import PLAN, STAGE, sequence
from customers.sealed import sealed_text

DERIVED = "import:"  # how the reference of a derived payment begins
BY_IMPORT = "import"  # who placed a hold that the file's dispute column asks for

# Row s, its customer c, the invoice i as it stands, its own derived payment, and what
# other payments have settled of it.
_COMPARED = f"""
    FROM {STAGE} s
    LEFT JOIN customers_customer c ON c.number = s.customer
    LEFT JOIN customers_invoice i ON i.number = s.number
    LEFT JOIN customers_payment derived
        ON derived.reference = '{DERIVED}' || s.number
    LEFT JOIN customers_allocation own
        ON own.payment_id = derived.id AND own.invoice_id = i.id
    CROSS JOIN LATERAL (
        SELECT coalesce(i.amount - i.open_amount, 0) - coalesce(own.amount, 0)
            AS by_others
    ) settled"""


def check(cursor: CursorWrapper, table: Table) -> None:
    """Refuse rows that contradict the file, the customers or the ledger."""
    refuse_erased(cursor, table, "customer")
    refuse_doubles(cursor, table, "number")
    _lock(cursor)
    refuse(
        cursor,
        table,
        field="customer",
        code="unknown_customer",
        sentence="format('There is no customer %%s. Import the customers first.', "
        "s.customer)",
        where=f"{_COMPARED} WHERE c.id IS NULL",
    )
    refuse(
        cursor,
        table,
        field="customer",
        code="other_customer",
        sentence="format('Invoice %%s belongs to another customer.', s.number)",
        where=f"{_COMPARED} WHERE i.customer_id <> c.id",
    )
    refuse(
        cursor,
        table,
        field="currency",
        code="currency_changed",
        sentence="format('Invoice %%s is in %%s and cannot change to %%s.', "
        "s.number, i.currency, s.currency)",
        where=f"{_COMPARED} WHERE i.currency <> s.currency",
    )
    refuse(
        cursor,
        table,
        field="amount",
        code="amount_below_paid",
        sentence="format('Of invoice %%s more is paid already than this amount.', "
        "s.number)",
        where=f"{_COMPARED} WHERE i.status <> 'written_off' "
        "AND s.amount < settled.by_others",
    )
    refuse(
        cursor,
        table,
        field="number",
        code="invoice_closed",
        sentence="format('Invoice %%s is closed; its amount and days stay as they "
        "are.', s.number)",
        where=f"{_COMPARED} WHERE i.status <> 'open' AND (s.amount, s.due_on, "
        "s.issued_on) IS DISTINCT FROM (i.amount, i.due_on, i.issued_on) "
        "AND NOT (%s AND s.paid_on IS NULL AND own.id IS NOT NULL)",
        parameters=("paid_on" in table.fields,),
    )


def _lock(cursor: CursorWrapper) -> None:
    """Hold the invoices of the file still, in the order that every writer keeps."""
    cursor.execute(
        f"""
        SELECT count(*) FROM (
            SELECT FROM customers_invoice i JOIN {STAGE} s USING (number)
            ORDER BY i.id FOR UPDATE OF i
        ) locked
        """  # noqa: S608 - names of our own, no value
    )


def plan(cursor: CursorWrapper, table: Table) -> None:
    """Say for every row what the invoice will be, and what becomes of the row."""
    cursor.execute(
        f"""
        CREATE TEMP TABLE {PLAN} ON COMMIT DROP AS
        SELECT *, CASE WHEN is_new THEN 'new'
            WHEN (issued_on, due_on, amount, will_be_open, will_be, will_be_paid_on,
                    will_be_for, will_be_order)
                IS DISTINCT FROM (was_issued_on, was_due_on, was_amount, was_open, was,
                    was_paid_on, was_for, was_order)
                OR disputed <> was_disputed
            THEN 'changed' ELSE 'unchanged' END AS outcome
        FROM (
            SELECT s.*, i.id IS NULL AS is_new, c.id AS customer_id,
                coalesce(i.id, nextval(%(ids)s::regclass)) AS invoice_id,
                derived.id AS derived_id, own.amount AS was_own, mine.own AS own,
                open.amount AS will_be_open, state.name AS will_be,
                CASE WHEN state.name = 'paid' THEN coalesce(
                    CASE WHEN mine.own > 0 THEN mine.paid_on END,
                    i.paid_on, s.paid_on,
                    (SELECT max(p.received_on) FROM customers_payment p
                     JOIN customers_allocation a ON a.payment_id = p.id
                     WHERE a.invoice_id = i.id)) END AS will_be_paid_on,
                CASE WHEN %(states_purpose)s THEN coalesce(s.purpose, '')
                    ELSE coalesce(i.purpose, '') END AS will_be_for,
                CASE WHEN %(states_order)s THEN coalesce(s.order_number, '')
                    ELSE coalesce(i.order_number, '') END AS will_be_order,
                i.purpose AS was_for, i.order_number AS was_order,
                i.issued_on AS was_issued_on, i.due_on AS was_due_on,
                i.amount AS was_amount, i.open_amount AS was_open, i.status AS was,
                i.paid_on AS was_paid_on, h.id AS hold_id,
                h.id IS NOT NULL AND h.ends_on IS NULL AS was_disputed
            {_COMPARED}
            CROSS JOIN LATERAL (
                SELECT CASE WHEN s.paid_on IS NOT NULL
                        THEN greatest(s.amount - settled.by_others, 0)
                    WHEN %(states_paid_on)s THEN 0
                    ELSE coalesce(own.amount, 0) END AS own,
                    coalesce(s.paid_on, derived.received_on) AS paid_on
            ) mine
            CROSS JOIN LATERAL (
                SELECT CASE WHEN i.status = 'written_off' AND s.paid_on IS NULL
                    THEN i.open_amount
                    ELSE s.amount - settled.by_others - mine.own END AS amount
            ) open
            CROSS JOIN LATERAL (
                SELECT CASE WHEN i.status = 'written_off' AND s.paid_on IS NULL
                    THEN 'written_off'
                    WHEN open.amount = 0 THEN 'paid' ELSE 'open' END AS name
            ) state
            LEFT JOIN LATERAL (
                SELECT h.id, h.ends_on FROM customers_hold h
                WHERE h.invoice_id = i.id AND h.reason = 'dispute'
                    AND h.created_by = '{BY_IMPORT}'
                ORDER BY h.id DESC LIMIT 1
            ) h ON true
            WHERE {STANDING}
        ) compared
        """,  # noqa: S608 - names of our own, values as parameters
        {
            "states_paid_on": "paid_on" in table.fields,
            "states_purpose": "purpose" in table.fields,
            "states_order": "order_number" in table.fields,
            "ids": sequence(cursor, "customers_invoice"),
        },
    )
    cursor.execute(f"ANALYZE {PLAN} (outcome, customer_id)")


def write(cursor: CursorWrapper, today: dt.date) -> None:
    """Write what is new and what differs; a dispute no longer stated ends yesterday."""
    _write_invoices(cursor)
    _write_payments(cursor)
    _write_disputes(cursor, today)


def _write_invoices(cursor: CursorWrapper) -> None:
    cursor.execute(
        f"""
        INSERT INTO customers_invoice (id, customer_id, number, issued_on, due_on,
            currency, amount, open_amount, status, paid_on, purpose, order_number)
        SELECT invoice_id, customer_id, number, issued_on, due_on, currency, amount,
            will_be_open, will_be, will_be_paid_on, will_be_for, will_be_order
        FROM {PLAN} WHERE outcome = 'new'
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        UPDATE customers_invoice i
        SET issued_on = p.issued_on, due_on = p.due_on, amount = p.amount,
            open_amount = p.will_be_open, status = p.will_be,
            paid_on = p.will_be_paid_on, purpose = p.will_be_for,
            order_number = p.will_be_order
        FROM {PLAN} p WHERE p.outcome = 'changed' AND i.id = p.invoice_id
        """  # noqa: S608
    )


def _write_payments(cursor: CursorWrapper) -> None:
    cursor.execute(
        f"""
        WITH gone AS (
            DELETE FROM customers_allocation a USING {PLAN} p
            WHERE a.payment_id = p.derived_id AND p.own = 0
        )
        DELETE FROM customers_payment y USING {PLAN} p
        WHERE y.id = p.derived_id AND p.own = 0
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        WITH moved AS (
            UPDATE customers_payment y SET amount = p.own, received_on = p.paid_on
            FROM {PLAN} p
            WHERE y.id = p.derived_id AND p.outcome = 'changed'
                AND p.own > 0 AND p.paid_on IS NOT NULL
        )
        UPDATE customers_allocation a SET amount = p.own FROM {PLAN} p
        WHERE a.payment_id = p.derived_id AND p.outcome = 'changed' AND p.own > 0
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        WITH paid AS (
            INSERT INTO customers_payment
                (customer_id, reference, currency, amount, received_on, recorded_at)
            SELECT customer_id, '{DERIVED}' || number, currency, own, paid_on, now()
            FROM {PLAN} WHERE own > 0 AND derived_id IS NULL
            RETURNING id, reference
        ), settled AS (
            INSERT INTO customers_allocation (payment_id, invoice_id, amount)
            SELECT paid.id, p.invoice_id, p.own
            FROM paid JOIN {PLAN} p ON '{DERIVED}' || p.number = paid.reference
            RETURNING payment_id
        )
        SELECT DISTINCT customer_id FROM {PLAN} WHERE own > 0 AND derived_id IS NULL
        """  # noqa: S608
    )
    announce_payments(customer_id for (customer_id,) in cursor.fetchall())


def _write_disputes(cursor: CursorWrapper, today: dt.date) -> None:
    cursor.execute(
        f"""
        INSERT INTO customers_hold (customer_id, invoice_id, reason, starts_on,
            note, created_by, created_at)
        SELECT customer_id, invoice_id, 'dispute', issued_on, %s, '{BY_IMPORT}', now()
        FROM {PLAN} WHERE disputed AND hold_id IS NULL
        ON CONFLICT (invoice_id, reason, starts_on) WHERE invoice_id IS NOT NULL
        DO UPDATE SET ends_on = NULL
        """,  # noqa: S608
        [sealed_text("customers_hold.note", "")],
    )
    cursor.execute(
        f"""
        UPDATE customers_hold h SET ends_on = NULL, starts_on = p.issued_on
        FROM {PLAN} p WHERE h.id = p.hold_id AND p.disputed AND p.outcome = 'changed'
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        UPDATE customers_hold h SET ends_on = greatest(h.starts_on, %s)
        FROM {PLAN} p WHERE h.id = p.hold_id AND NOT p.disputed AND h.ends_on IS NULL
        """,  # noqa: S608
        [today - dt.timedelta(days=1)],
    )
