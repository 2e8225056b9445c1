"""The SQL of tables that watch and are watched, for the migrations of every room.

``watched`` has the database write an AuditEntry for each change of a table, whoever
makes it: a form, a bulk update, somebody at a prompt. ``append_only`` has it refuse
that a log is rewritten. Never changed: migrations that were applied read it.
"""

from __future__ import annotations

from collections.abc import Sequence

# So many rows of one statement are told one by one; of more only their number.
MOST_ROWS = 20

FUNCTIONS = f"""
CREATE FUNCTION customers_log_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is only ever added to', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION customers_shown(found jsonb, shown text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{{}}')
    FROM jsonb_each(found) WHERE key = ANY(shown)
$$;

-- Arguments: the columns whose values may be shown, with commas between; the column
-- that holds the key of the customer, or nothing.
CREATE FUNCTION customers_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shown text[] := string_to_array(TG_ARGV[0], ',');
    whose text := TG_ARGV[1];
    who text := left(coalesce(current_setting('duly.actor', true), ''), 150);
    many bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT count(*) INTO many FROM old_rows;
    ELSE
        SELECT count(*) INTO many FROM new_rows;
    END IF;
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    IF many > {MOST_ROWS} THEN
        INSERT INTO customers_auditentry
            (who, verb, what, "row", rows, columns, before, after)
        VALUES (who, lower(TG_OP), TG_TABLE_NAME, '', many, '{{}}', '{{}}', '{{}}');
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO customers_auditentry
            (who, verb, what, "row", whose, rows, columns, before, after)
        SELECT who, 'insert', TG_TABLE_NAME, one ->> 'id', (one ->> whose)::bigint, 1,
            '{{}}', '{{}}', customers_shown(one, shown)
        FROM (SELECT to_jsonb(n) AS one FROM new_rows n) made;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO customers_auditentry
            (who, verb, what, "row", whose, rows, columns, before, after)
        SELECT who, 'delete', TG_TABLE_NAME, one ->> 'id', (one ->> whose)::bigint, 1,
            '{{}}', customers_shown(one, shown), '{{}}'
        FROM (SELECT to_jsonb(o) AS one FROM old_rows o) gone;
    ELSE
        INSERT INTO customers_auditentry
            (who, verb, what, "row", whose, rows, columns, before, after)
        SELECT who, 'update', TG_TABLE_NAME, now_is ->> 'id',
            (now_is ->> whose)::bigint, 1, names,
            customers_shown(was - same, shown), customers_shown(now_is - same, shown)
        FROM (
            SELECT to_jsonb(o) AS was, to_jsonb(n) AS now_is
            FROM old_rows o JOIN new_rows n USING (id)
        ) pair,
        LATERAL (
            SELECT
                array_agg(key ORDER BY key)
                    FILTER (WHERE value IS DISTINCT FROM was -> key) AS names,
                coalesce(array_agg(key)
                    FILTER (WHERE value IS NOT DISTINCT FROM was -> key), '{{}}'
                ) AS same
            FROM jsonb_each(now_is) WHERE key <> 'updated_at'
        ) changed
        WHERE names IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;
"""  # noqa: S608 - names of our own, no value

NO_FUNCTIONS = """
DROP FUNCTION customers_audit();
DROP FUNCTION customers_shown(jsonb, text[]);
DROP FUNCTION customers_log_refuses();
"""


def append_only(table: str) -> tuple[str, str]:
    """Return the SQL that makes a table append-only, and the SQL that ends it."""
    return (
        f"""
CREATE TRIGGER {table}_no_rewrite BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION customers_log_refuses();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION customers_log_refuses();
""",
        f"""
DROP TRIGGER {table}_no_truncate ON {table};
DROP TRIGGER {table}_no_rewrite ON {table};
""",
    )


def watched(
    table: str, *, shown: Sequence[str], whose: str = "", key: str = ""
) -> tuple[str, str]:
    """Return the SQL that has the changes of a table written down, and its end.

    ``shown`` are columns whose values may stand in a log: nobody's own, never sealed.
    ``whose`` is the column with the customer's key; ``key`` names the primary key of
    a table that has none called ``id``, and needs customers 0013.
    """
    names = ("insert", "update", "delete")
    told = f"'{','.join(shown)}', '{whose}'" + (f", '{key}'" if key else "")
    tables = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    made = "".join(
        f"""
CREATE TRIGGER {table}_audit_{verb} AFTER {verb.upper()} ON {table}
    REFERENCING {tables[verb]} FOR EACH STATEMENT
    EXECUTE FUNCTION customers_audit({told});
"""
        for verb in names
    )
    gone = "".join(f"DROP TRIGGER {table}_audit_{verb} ON {table};\n" for verb in names)
    return made, gone
