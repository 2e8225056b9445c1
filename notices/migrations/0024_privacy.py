"""Texts and firms are watched; an erasure alone may empty pages of a print file."""

from __future__ import annotations

from django.db import migrations

from customers.migrations._watching import watched

WATCHED = {
    # The firm's own; whoever changes where money goes is to be seen.
    "notices_brand": [
        "key",
        "name",
        "country",
        "email_from",
        "reply_to",
        "bank_name",
        "iban",
        "bic",
        "fax",
        "payments_contact",
    ],
    "notices_templateversion": [
        "key",
        "kind",
        "channel",
        "language",
        "version",
        "state",
        "approved_by",
    ],
}

# What customers.erasing and the daily tidying set for their own transaction.
STANDS = """
CREATE OR REPLACE FUNCTION notices_print_file_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('duly.erasing', true), '') = 'on'
        AND to_jsonb(NEW) - ARRAY['body', 'size', 'sha256']
            = to_jsonb(OLD) - ARRAY['body', 'size', 'sha256']
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'print file % is the archive of its letters, it stands', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""

STOOD = """
CREATE OR REPLACE FUNCTION notices_print_file_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'print file % is the archive of its letters, it stands', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0023_house_texts"),
        ("customers", "0011_privacy"),
    ]

    operations = [
        migrations.RunSQL(STANDS, STOOD),
        *(
            migrations.RunSQL(*watched(table, shown=shown))
            for table, shown in WATCHED.items()
        ),
    ]
