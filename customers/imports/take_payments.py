"""Payments out of a file: what is new, and what it settles.

A payment is booked once, by its reference; a line that states other facts for a known
reference is refused, since money that was booked is corrected by another booking. It
settles the invoice it names, else the customer's open ones, the longest due first.
What is left over stays with the payment.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from customers.actions import announce_payments
from customers.erased import refuse_erased
from customers.imports.checks import STANDING, refuse, refuse_doubles
from customers.imports.reader import Table
from customers.imports.stage import PLAN, STAGE, sequence
from customers.imports.take_invoices import DERIVED

# Row s, the invoice it names, the customer it names or the invoice's own, and the
# payment known by its reference.
_COMPARED = f"""
    FROM {STAGE} s
    LEFT JOIN customers_invoice i ON i.number = nullif(s.invoice, '')
    LEFT JOIN customers_customer named ON named.number = nullif(s.customer, '')
    LEFT JOIN customers_payment known ON known.reference = s.reference
    CROSS JOIN LATERAL (
        SELECT coalesce(named.id, i.customer_id) AS customer_id
    ) payer"""


def check(cursor: CursorWrapper, table: Table) -> None:
    """Refuse rows that contradict the file, the customers or the ledger."""
    refuse_erased(cursor, table, "customer")
    refuse_doubles(cursor, table, "reference")
    refuse(
        cursor,
        table,
        field="reference",
        code="reference_reserved",
        sentence=f"'References that begin with {DERIVED} are kept for invoice files.'",
        where=f"FROM {STAGE} s WHERE s.reference LIKE '{DERIVED}%%'",
    )
    refuse(
        cursor,
        table,
        field="customer",
        code="unknown_customer",
        sentence="format('There is no customer %%s. Import the customers first.', "
        "s.customer)",
        where=f"{_COMPARED} WHERE s.customer <> '' AND named.id IS NULL",
    )
    refuse(
        cursor,
        table,
        field="invoice",
        code="unknown_invoice",
        sentence="format('There is no invoice %%s. Import the invoices first.', "
        "s.invoice)",
        where=f"{_COMPARED} WHERE s.invoice <> '' AND i.id IS NULL",
    )
    refuse(
        cursor,
        table,
        field="invoice",
        code="other_customer",
        sentence="format('Invoice %%s belongs to another customer.', s.invoice)",
        where=f"{_COMPARED} WHERE i.customer_id <> named.id",
    )
    refuse(
        cursor,
        table,
        field="currency",
        code="other_currency",
        sentence="format('Invoice %%s is in %%s, the payment in %%s.', s.invoice, "
        "i.currency, s.currency)",
        where=f"{_COMPARED} WHERE i.currency <> s.currency",
    )
    refuse(
        cursor,
        table,
        field="reference",
        code="payment_differs",
        sentence="format('Payment %%s is already booked with other facts. Give a "
        "correction a reference of its own.', s.reference)",
        where=f"{_COMPARED} WHERE known.id IS NOT NULL AND "
        "(known.customer_id, known.amount, known.currency, known.received_on) "
        "IS DISTINCT FROM (payer.customer_id, s.amount, s.currency, s.received_on)",
    )


def plan(cursor: CursorWrapper) -> None:
    """Say which rows are new payments."""
    cursor.execute(
        f"""
        CREATE TEMP TABLE {PLAN} ON COMMIT DROP AS
        SELECT s.row_number, s.reference, s.amount, s.currency, s.received_on,
            payer.customer_id, i.id AS invoice_id,
            coalesce(known.id, nextval(%s::regclass)) AS payment_id,
            CASE WHEN known.id IS NULL THEN 'new' ELSE 'unchanged' END AS outcome
        {_COMPARED}
        WHERE {STANDING}
        """,
        [sequence(cursor, "customers_payment")],
    )
    cursor.execute(f"ANALYZE {PLAN} (outcome, customer_id)")


def write(cursor: CursorWrapper) -> None:
    """Book the new payments, and settle what they name before all else."""
    _lock(cursor)
    cursor.execute(
        f"""
        INSERT INTO customers_payment
            (id, customer_id, reference, currency, amount, received_on, recorded_at)
        SELECT payment_id, customer_id, reference, currency, amount, received_on, now()
        FROM {PLAN} WHERE outcome = 'new'
        """  # noqa: S608
    )
    _settle_named(cursor)
    _lower(cursor, "p.invoice_id IS NOT NULL")
    _settle_oldest(cursor)
    _lower(cursor, "p.invoice_id IS NULL")
    cursor.execute(
        f"SELECT DISTINCT customer_id FROM {PLAN} WHERE outcome = 'new'"  # noqa: S608
    )
    announce_payments(customer_id for (customer_id,) in cursor.fetchall())


def _lock(cursor: CursorWrapper) -> None:
    """Hold still what may be settled, in the order that every writer keeps."""
    cursor.execute(
        f"""
        SELECT count(*) FROM (
            SELECT FROM customers_invoice i
            WHERE i.open_amount > 0 AND (
                i.id IN (SELECT invoice_id FROM {PLAN} WHERE outcome = 'new')
                OR i.customer_id IN (
                    SELECT customer_id FROM {PLAN}
                    WHERE outcome = 'new' AND invoice_id IS NULL))
            ORDER BY i.id FOR UPDATE
        ) locked
        """  # noqa: S608
    )


def _settle_named(cursor: CursorWrapper) -> None:
    cursor.execute(
        f"""
        INSERT INTO customers_allocation (payment_id, invoice_id, amount)
        SELECT payment_id, invoice_id, least(amount, open_amount - before)
        FROM (
            SELECT p.payment_id, p.invoice_id, p.amount, i.open_amount,
                coalesce(sum(p.amount) OVER (
                    PARTITION BY p.invoice_id ORDER BY p.received_on, p.row_number
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
            FROM {PLAN} p JOIN customers_invoice i ON i.id = p.invoice_id
            WHERE p.outcome = 'new'
        ) queued
        WHERE open_amount > before
        """  # noqa: S608
    )


def _settle_oldest(cursor: CursorWrapper) -> None:
    """Lay payments and open invoices end to end, per customer and currency: where a
    stretch of the one meets a stretch of the other, that much is settled."""
    cursor.execute(
        f"""
        INSERT INTO customers_allocation (payment_id, invoice_id, amount)
        SELECT payment_id, invoice_id,
            least(paid.upto, owed.upto) - greatest(paid.above, owed.above)
        FROM (
            SELECT payment_id, customer_id, currency,
                sum(amount) OVER queue AS upto,
                sum(amount) OVER queue - amount AS above
            FROM {PLAN} WHERE outcome = 'new' AND invoice_id IS NULL
            WINDOW queue AS (PARTITION BY customer_id, currency
                ORDER BY received_on, row_number)
        ) paid
        JOIN (
            SELECT i.id AS invoice_id, i.customer_id, i.currency,
                sum(i.open_amount) OVER queue AS upto,
                sum(i.open_amount) OVER queue - i.open_amount AS above
            FROM customers_invoice i
            WHERE i.status = 'open' AND i.customer_id IN (
                SELECT customer_id FROM {PLAN}
                WHERE outcome = 'new' AND invoice_id IS NULL)
            WINDOW queue AS (PARTITION BY i.customer_id, i.currency
                ORDER BY i.due_on, i.number)
        ) owed USING (customer_id, currency)
        WHERE paid.above < owed.upto AND owed.above < paid.upto
        """  # noqa: S608
    )


def _lower(cursor: CursorWrapper, which: str) -> None:
    """Lower what is open by what was just settled; nothing open means paid, on the
    day of the last payment."""
    cursor.execute(
        f"""
        UPDATE customers_invoice i
        SET open_amount = i.open_amount - settled.amount,
            status = CASE WHEN i.open_amount = settled.amount
                THEN 'paid' ELSE i.status END,
            paid_on = CASE WHEN i.open_amount = settled.amount THEN (
                SELECT max(y.received_on) FROM customers_allocation a
                JOIN customers_payment y ON y.id = a.payment_id
                WHERE a.invoice_id = i.id) END
        FROM (
            SELECT a.invoice_id, sum(a.amount) AS amount
            FROM customers_allocation a JOIN {PLAN} p USING (payment_id)
            WHERE p.outcome = 'new' AND {which}
            GROUP BY a.invoice_id
        ) settled
        WHERE i.id = settled.invoice_id
        """  # noqa: S608 - conditions of our own
    )
