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
from customers.imports.sealing import index_columns
from customers.imports.stage import PLAN, STAGE, sequence
from customers.sealed import sealed_text

_CONTACTS = ("email", "mobile", "landline")
_LINES = {"line1": "address_line1", "line2": "address_line2"}
_TOWN = {"city": "city", "postcode": "postcode"}
_FACTS = ("name", "kind", "language", "country", "region", "time_zone")


def _points() -> str:
    """Return the plan with a row for each sort of address."""
    at = range(len(index_columns("email")))
    stated = ", ".join(
        f"('{name}', p.{name}, p.{name}_raw, p.{name}_changed, p.{name}_id, "
        f"{_of('p', name)})"
        for name in _CONTACTS
    )
    indexes = ", ".join(f"index{one}" for one in at)
    return (
        f"{PLAN} p, LATERAL (VALUES {stated}) "
        f"AS v (kind, value, raw, changed, id, {indexes})"
    )


def _of(row: str, name: str) -> str:
    """Return the blind indexes of a field, under each live key, as an SQL list."""
    return ", ".join(f"{row}.{column}" for column in index_columns(name))


def _any_index() -> str:
    """Return the blind indexes of an address in ``_points``, as an SQL list."""
    return ", ".join(f"v.index{at}" for at in range(len(index_columns("email"))))


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
                coalesce(s.{name}_raw <> coalesce({name}.raw_print, '')
                    OR (s.country <> c.country
                        AND {name}.value_index NOT IN ({_of("s", name)})), false)
                    AS {name}_changed, {name}.id AS {name}_id,"""
        for name in _CONTACTS
    )
    address = " OR ".join(
        [f"s.{field} <> coalesce(a.{column}, '')" for column, field in _TOWN.items()]
        + [
            f"coalesce(a.{column}_index, '') NOT IN ({_of('s', field)})"
            for column, field in _LINES.items()
        ]
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
    points, any_index = _points(), _any_index()
    # Gone from the file; an empty print would mean that staff brought it, not a file.
    cursor.execute(
        f"""
        DELETE FROM customers_contactpoint one USING {points}
        WHERE v.changed AND one.id = v.id AND v.raw = '' AND one.raw_print <> ''
        """  # noqa: S608
    )
    # A second address that now becomes the first must not stand twice.
    cursor.execute(
        f"""
        DELETE FROM customers_contactpoint one USING {points}
        WHERE p.outcome = 'changed' AND v.changed AND NOT one.is_primary
            AND one.customer_id = p.customer_id AND one.kind = v.kind
            AND one.value_index IN ({any_index})
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        UPDATE customers_contactpoint one
        SET value = v.value, value_index = v.index0, raw_print = v.raw,
            state = CASE WHEN one.value_index IN ({any_index})
                THEN one.state ELSE 'ok' END,
            primary_since = CASE WHEN one.value_index IN ({any_index})
                THEN one.primary_since ELSE now() END,
            is_vouched = true, told_with = ''
        FROM {points} WHERE v.changed AND one.id = v.id AND v.index0 <> ''
        """  # noqa: S608
    )
    cursor.execute(
        f"""
        INSERT INTO customers_contactpoint
            (customer_id, kind, value, value_index, raw_print, state, is_primary)
        SELECT p.customer_id, v.kind, v.value, v.index0, v.raw, 'ok', true
        FROM {points} WHERE v.changed AND v.id IS NULL AND v.index0 <> ''
        """  # noqa: S608
    )


def _write_addresses(cursor: CursorWrapper) -> None:
    """Write the address; one that changed is taken to be usable again.

    An address of which nothing is left goes away.
    """
    written = _TOWN | _LINES
    written |= {
        f"{column}_index": f"{field}_index0" for column, field in _LINES.items()
    }
    columns = ", ".join(written)
    stated = ", ".join(_or_empty(column, field) for column, field in written.items())
    kept = ", ".join(
        f"{column} = coalesce(p.{field}, a.{column})"
        for column, field in written.items()
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
        """,  # noqa: S608
        {
            column: sealed_text(f"customers_postaladdress.{column}", "")
            for column in _LINES
        },
    )
    cursor.execute(
        f"""
        DELETE FROM customers_postaladdress a USING {PLAN} p
        WHERE p.address_changed AND a.id = p.address_id
            AND a.line1_index = '' AND a.line2_index = ''
            AND concat(a.city, a.postcode) = ''
        """  # noqa: S608
    )


def _or_empty(column: str, field: str) -> str:
    """Return what a file states, or an empty text as the column keeps it."""
    empty = f"%({column})s" if column in _LINES else "''"
    return f"coalesce(p.{field}, {empty})"
