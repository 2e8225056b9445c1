"""Customers out of a file: what is new, what differs, and writing both.

A cell left empty keeps what is known of a person (language, country, time zone), but
takes away an address that an earlier file brought: the file is where addresses live.
An address that staff put right by hand stays until the file itself changes it.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from customers.erased import refuse_erased
from customers.imports.checks import STANDING, refuse_doubles
from customers.imports.reader import Table
from customers.imports.stage import PLAN, STAGE, sequence

_CONTACTS = ("email", "mobile", "landline")
_ADDRESS = {
    "line1": "address_line1",
    "line2": "address_line2",
    "city": "city",
    "postcode": "postcode",
}
_FACTS = ("name", "kind", "language", "country", "region", "time_zone")
_STATED = ", ".join(
    f"('{name}', p.{name}, p.{name}_raw, p.{name}_changed, p.{name}_id)"
    for name in _CONTACTS
)
_POINTS = f"{PLAN} p, LATERAL (VALUES {_STATED}) AS v (kind, value, raw, changed, id)"


def check(cursor: CursorWrapper, table: Table) -> None:
    """Refuse rows that contradict an earlier row of the file."""
    refuse_erased(cursor, table, "number")
    refuse_doubles(cursor, table, "number")


def plan(cursor: CursorWrapper) -> None:
    """Compare every row with what is known, and say what becomes of it.

    What the writing needs to know of the ledger is looked up here: a join with a
    table that the same statement fills would be planned for the empty table.
    A comparison with NULL, which is what a column not in the file holds, is no
    difference.
    """
    joins = "".join(
        f"""
            LEFT JOIN customers_contactpoint {name} ON {name}.customer_id = c.id
                AND {name}.kind = '{name}' AND {name}.is_primary"""
        for name in _CONTACTS
    )
    # The number as written may mean another one once the country is put right.
    contacts = "".join(
        f"""
                coalesce(s.{name}_raw <> coalesce({name}.raw, '')
                    OR (s.country <> c.country AND s.{name} <> {name}.value), false)
                    AS {name}_changed, {name}.id AS {name}_id,"""
        for name in _CONTACTS
    )
    address = " OR ".join(
        f"s.{field} <> coalesce(a.{column}, '')" for column, field in _ADDRESS.items()
    )
    facts = " OR ".join(f"s.{name} <> c.{name}" for name in _FACTS)
    changed = " OR ".join(f"{name}_changed" for name in _CONTACTS)
    cursor.execute(
        f"""
        CREATE TEMP TABLE {PLAN} ON COMMIT DROP AS
        SELECT *, CASE WHEN is_new THEN 'new'
            WHEN facts_changed OR address_changed OR {changed}
            THEN 'changed' ELSE 'unchanged' END AS outcome
        FROM (
            SELECT s.*, c.id IS NULL AS is_new,
                coalesce(c.id, nextval(%s::regclass)) AS customer_id,
                coalesce({facts}, false) AS facts_changed,{contacts}
                coalesce({address} OR (s.country <> a.country), false)
                    AS address_changed, a.id AS address_id
            FROM {STAGE} s
            LEFT JOIN customers_customer c ON c.number = s.number{joins}
            LEFT JOIN customers_postaladdress a ON a.customer_id = c.id
            WHERE {STANDING}
        ) compared
        """,  # noqa: S608 - names of our own, no value
        [sequence(cursor, "customers_customer")],
    )
    cursor.execute(f"ANALYZE {PLAN} (outcome, customer_id)")


def write(cursor: CursorWrapper) -> None:
    """Write what is new and what differs."""
    _lock(cursor)
    _write_customers(cursor)
    _write_contacts(cursor)
    _write_addresses(cursor)


def _lock(cursor: CursorWrapper) -> None:
    """Hold the customers of the file still, in the order that every writer keeps."""
    cursor.execute(
        f"""
        SELECT count(*) FROM (
            SELECT FROM customers_customer c JOIN {PLAN} p ON p.customer_id = c.id
            ORDER BY c.id FOR NO KEY UPDATE OF c
        ) locked
        """  # noqa: S608 - names of our own, no value
    )


def _write_customers(cursor: CursorWrapper) -> None:
    cursor.execute(
        f"""
        INSERT INTO customers_customer (id, number, kind, name, language, country,
            region, time_zone, status, account_status, created_at, updated_at)
        SELECT customer_id, number, coalesce(kind, 'consumer'), name,
            coalesce(language, 'en'), coalesce(country, ''), coalesce(region, ''),
            coalesce(time_zone, ''), 'active', 'active', now(), now()
        FROM {PLAN} WHERE outcome = 'new'
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        UPDATE customers_customer c
        SET name = p.name, kind = coalesce(p.kind, c.kind),
            language = coalesce(p.language, c.language),
            country = coalesce(p.country, c.country),
            region = coalesce(p.region, c.region),
            time_zone = coalesce(p.time_zone, c.time_zone), updated_at = now()
        FROM {PLAN} p WHERE p.outcome = 'changed' AND c.id = p.customer_id
        """  # noqa: S608
    )


def _write_contacts(cursor: CursorWrapper) -> None:
    # Gone from the file; a raw of '' would mean that staff brought it, not a file.
    cursor.execute(
        f"""
        DELETE FROM customers_contactpoint one USING {_POINTS}
        WHERE v.changed AND one.id = v.id AND v.raw = '' AND one.raw <> ''
        """  # noqa: S608
    )
    # A second address that now becomes the first must not stand twice.
    cursor.execute(
        f"""
        DELETE FROM customers_contactpoint one USING {_POINTS}
        WHERE p.outcome = 'changed' AND v.changed AND NOT one.is_primary
            AND one.customer_id = p.customer_id AND one.kind = v.kind
            AND one.value = v.value
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        UPDATE customers_contactpoint one SET value = v.value, raw = v.raw,
            state = CASE WHEN one.value = v.value THEN one.state ELSE 'ok' END
        FROM {_POINTS} WHERE v.changed AND one.id = v.id AND v.value <> ''
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        INSERT INTO customers_contactpoint
            (customer_id, kind, value, raw, state, is_primary)
        SELECT p.customer_id, v.kind, v.value, v.raw, 'ok', true
        FROM {_POINTS} WHERE v.changed AND v.id IS NULL AND v.value <> ''
        """  # noqa: S608
    )


def _write_addresses(cursor: CursorWrapper) -> None:
    """Write the address; one that changed is taken to be usable again.

    An address of which nothing is left goes away.
    """
    columns = ", ".join(_ADDRESS)
    stated = ", ".join(f"coalesce(p.{field}, '')" for field in _ADDRESS.values())
    kept = ", ".join(
        f"{column} = coalesce(p.{field}, a.{column})"
        for column, field in _ADDRESS.items()
    )
    cursor.execute(
        f"""
        UPDATE customers_postaladdress a
        SET {kept}, country = coalesce(p.country, a.country), state = 'ok'
        FROM {PLAN} p WHERE p.address_changed AND a.id = p.address_id
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        INSERT INTO customers_postaladdress
            (customer_id, {columns}, country, state)
        SELECT p.customer_id, {stated}, coalesce(p.country, ''), 'ok'
        FROM {PLAN} p WHERE p.address_changed AND p.address_id IS NULL
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        DELETE FROM customers_postaladdress a USING {PLAN} p
        WHERE p.address_changed AND a.id = p.address_id
            AND concat(a.line1, a.line2, a.city, a.postcode) = ''
        """  # noqa: S608
    )
